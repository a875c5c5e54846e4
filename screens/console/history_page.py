"""What drills and failovers have left: RTO and RPO against the run before, and which drills are overdue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from screens.console import words
from screens.console.asked_page import AskedPage
from screens.style import Cell, Line, beside, cell, column, state, text, wrapped
from services.text import _, plain

if TYPE_CHECKING:
    from services.evidence.history import Entry, Trend
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
        from services.evidence.history import trend

        rows = [row for verb in VERBS for row in trend(found, verb)]
        if not rows:
            return [text(_("No drill or failover has left evidence here yet."), "dim"), text("")]
        lines: list[Line] = []
        for row in sorted(rows, key=lambda one: one.record.identity.started, reverse=True):
            lines += _run(row, width)
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
            name = max(12, min(30, width - 11 - 27))
            lead = (Cell("  "), state("warning", 9), cell(plain(one.target), name))
            lines += beside(lead, wrapped(last, width - 11 - name, "dim"))
        return lines


def _run(row: Trend, width: int) -> list[Line]:
    """When it was, how it ended, and what; below, what was measured."""
    from services.evidence.history import moment

    about = row.record.identity
    at = moment(about.started)
    when = (
        column(f"{at:%Y-%m-%d %H:%M}" if at else "-", 18),
        column(plain(about.outcome), 17, "good" if about.outcome == "done" else "warn"),
    )
    measured = (Cell(" " * 18), *_measured(_("RTO"), row.rto, row.rto_change))
    return [
        *beside(when, wrapped(plain(f"{about.verb} {about.target}"), width - 35)),
        (*measured, *_measured(_("RPO"), row.rpo, row.rpo_change)),
    ]


def _measured(name: str, value: float | None, change: float | None) -> Line:
    """A measure and how it moved against the run before."""
    if value is None:
        return (column(f"{name} -", 20, "dim"),)
    moved = f" ({'+' if change > 0 else '-'}{words.span(abs(change))})" if change else ""
    return (column(f"{name} {words.span(value)}{moved}", 20, "warn" if change and change > 0 else ""),)
