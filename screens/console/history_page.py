"""What drills and failovers have left: RTO and RPO against the run before, and which drills are overdue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from screens.console import words
from screens.console.asked_page import AskedPage
from screens.style import Cell, Line, column, state, text, wrapped
from services.text import _, plain

if TYPE_CHECKING:
    from services.evidence.history import Entry
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

VERBS = ("drill", "failover", "planned-failover")


class HistoryPage(AskedPage["list[Entry]"]):
    """The trend over runs, the newest first, and what is overdue."""

    TITLE = "History"

    def read(self, vault: Vault, _deadline: Deadline) -> list[Entry]:
        from services.evidence.history import entries

        return entries(vault.world.state / "evidence")

    @property
    def hint(self) -> str:
        return _("Checked by: lifeboat evidence verify FOLDER")

    def said(self, found: list[Entry], width: int) -> Sequence[Line]:
        return [*self._runs(found, width), *self._due(found, width)]

    def _runs(self, found: list[Entry], width: int) -> list[Line]:
        from services.evidence.history import moment, trend

        rows = [row for verb in VERBS for row in trend(found, verb)]
        if not rows:
            return [text(_("No drill or failover has left evidence here yet."), "dim"), text("")]
        lines: list[Line] = [
            (
                column(_("when"), 18, "dim"),
                column(_("what"), max(16, width - 62), "dim"),
                column(_("outcome"), 16, "dim"),
                column(_("RTO"), 14, "dim"),
                column(_("RPO"), 14, "dim"),
            )
        ]
        for row in sorted(rows, key=lambda one: one.record.identity.started, reverse=True):
            about = row.record.identity
            at = moment(about.started)
            lines.append(
                (
                    column(f"{at:%Y-%m-%d %H:%M}" if at else "-", 18),
                    column(plain(f"{about.verb} {about.target}"), max(16, width - 62)),
                    column(plain(about.outcome), 16, "good" if about.outcome == "done" else "warn"),
                    _measured(row.rto, row.rto_change),
                    _measured(row.rpo, row.rpo_change),
                )
            )
        for one in found:
            if one.record is None:
                lines += wrapped(
                    _("{name}: cannot be read: {why}").format(name=one.name, why=plain(one.why)), width, "bad"
                )
        return [*lines, text("")]

    def _due(self, found: list[Entry], width: int) -> list[Line]:
        from services.evidence.history import due, trend

        seen = self.console.seen
        known = {item.title: item.last_drill for item in seen.items.values()} if seen is not None else {}
        late = [one for one in due(trend(found), known, self.now, last_drills=known) if one.overdue]
        if not late:
            return []
        lines = wrapped(
            _("Overdue: no proven drill in the last {days} days").format(days=words.OVERDUE_DAYS),
            width,
            "bold",
        )
        for one in late:
            last = _("last: {ago}").format(ago=words.ago(one.last, self.now)) if one.last else _("never")
            last += _(", as Azure says") if one.by_azure else ""
            lines.append((Cell("  "), state("warning", 9), column(plain(one.target), 30), Cell(last, "dim")))
        return lines


def _measured(value: float | None, change: float | None) -> Cell:
    """A measure and how it moved against the run before."""
    if value is None:
        return column("-", 14, "dim")
    moved = f" ({'+' if change > 0 else '-'}{words.span(abs(change))})" if change else ""
    return column(words.span(value) + moved, 14, "warn" if change and change > 0 else "")
