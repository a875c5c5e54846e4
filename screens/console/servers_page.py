"""Configuration and process servers, against the documented limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.page import Heading, Page
from screens.reader import Text
from screens.style import Cell, Line, column, state, text
from screens.welcome import problem_lines
from services.text import _, plain

if TYPE_CHECKING:
    from services.problems.model import Problem, ProblemError
    from services.recovery.infrastructure import Server
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

LOOK = Command("look", "r", "look again", "Read the servers again")


class ServersPage(Page):
    """Every server with its readings."""

    def __init__(self, console: VaultDesk) -> None:
        super().__init__()
        self.console = console
        self._servers: list[Server] | None = None
        self._trouble: tuple[Problem, ...] = ()

    def compose(self) -> ComposeResult:
        shown = Text(self._lines)
        yield shown
        yield Fold(shown)

    def on_mount(self) -> None:
        self.do_look()

    @property
    def heading(self) -> Heading:
        return Heading(_("Servers"), "" if self._servers is not None else _("looking ..."))

    @property
    def commands(self) -> tuple[Command, ...]:
        return (LOOK, BACK)

    def first_focus(self) -> Widget | None:
        return self.query_one(Text)

    def do_look(self) -> None:
        self.console.ask("servers", _read, self._arrived, self._failed)

    def _arrived(self, found: list[Server]) -> None:
        self._servers, self._trouble = found, ()
        self._draw()

    def _failed(self, error: ProblemError) -> None:
        self._trouble = error.problems
        self._draw()

    def _draw(self) -> None:
        if self.is_mounted:
            self.query_one(Text).draw_again()
            self.post_message(self.Reframe())

    def _lines(self, width: int) -> Sequence[Line]:
        lines = [line for problem in self._trouble for line in problem_lines(problem, width)]
        if self._servers == []:
            lines.append(text(_("No configuration server is registered in this vault."), "dim"))
        for server in self._servers or ():
            kind = _("configuration server") if server.kind == "configuration-server" else _("process server")
            title = f"{plain(server.name)}, {kind}, {plain(server.address)}"
            lines += [(state(server.status, 9), Cell(title, "bold"))]
            for one in server.readings:
                said = plain(one.value) + (f"  {plain(_(one.note))}" if one.note else "")
                lines.append((Cell("  "), state(one.status, 9), column(one.caption, 14), Cell(said)))
            lines.append(text(""))
        return lines


def _read(vault: Vault, _deadline: Deadline) -> list[Server]:
    from services.recovery.infrastructure import servers

    return servers(vault.reads.fabrics(), vault.world.clock.now())
