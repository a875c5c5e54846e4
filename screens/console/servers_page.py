"""Configuration and process servers, against the documented limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from screens.console.asked_page import AskedPage
from screens.style import Cell, Line, beside, column, state, text, wrapped
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.infrastructure import Server
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline


class ServersPage(AskedPage["list[Server]"]):
    """Every server with its readings."""

    TITLE = "Servers"

    def read(self, vault: Vault, _deadline: Deadline) -> list[Server]:
        from services.recovery.infrastructure import servers

        return servers(vault.reads.fabrics(), vault.world.clock.now())

    def said(self, found: list[Server], width: int) -> Sequence[Line]:
        lines: list[Line] = []
        if not found:
            lines.append(text(_("No configuration server is registered in this vault."), "dim"))
        for server in found:
            kind = _("configuration server") if server.kind == "configuration-server" else _("process server")
            title = f"{plain(server.name)}, {kind}, {plain(server.address)}"
            lines += beside((state(server.status, 9),), wrapped(title, width - 9, "bold"))
            for one in server.readings:
                shown = plain(one.value) + (f"  {plain(_(one.note))}" if one.note else "")
                lead = (Cell("  "), state(one.status, 9), column(one.caption, 14))
                lines += beside(lead, wrapped(shown, width - 25))
            lines.append(text(""))
        return lines
