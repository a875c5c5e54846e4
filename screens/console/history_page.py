"""What drills and failovers have left: RTO and RPO against the run before, and which drills are overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console import words
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.page import Heading, Page
from screens.reader import Text
from screens.style import Cell, Line, column, state, text, wrapped
from screens.welcome import problem_lines
from services.text import _, plain

if TYPE_CHECKING:
    from services.evidence.history import Entry
    from services.problems.model import Problem, ProblemError
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

LOOK = Command("look", "r", "look again", "Read the folders again")
VERBS = ("drill", "failover", "planned-failover")


class HistoryPage(Page):
    """The trend over runs, the newest first, and what is overdue."""

    def __init__(self, console: VaultDesk) -> None:
        super().__init__()
        self.console = console
        self._found: list[Entry] | None = None
        self._trouble: tuple[Problem, ...] = ()

    def compose(self) -> ComposeResult:
        shown = Text(self._lines)
        yield shown
        yield Fold(shown)

    def on_mount(self) -> None:
        self.do_look()

    @property
    def heading(self) -> Heading:
        return Heading(_("History"), _("looking ...") if self._found is None else "")

    @property
    def commands(self) -> tuple[Command, ...]:
        return (LOOK, BACK)

    @property
    def hint(self) -> str:
        return _("Checked by: lifeboat evidence verify FOLDER")

    def first_focus(self) -> Widget | None:
        return self.query_one(Text)

    def do_look(self) -> None:
        self.console.ask("history", _read, self._arrived, self._failed)

    def _arrived(self, found: list[Entry]) -> None:
        self._found, self._trouble = found, ()
        self._draw()

    def _failed(self, error: ProblemError) -> None:
        self._trouble = error.problems
        self._draw()

    def _draw(self) -> None:
        if self.is_mounted:
            self.query_one(Text).draw_again()
            self.post_message(self.Reframe())

    @property
    def now(self) -> datetime:
        assert self.console.vault is not None
        return self.console.vault.world.clock.now()

    def _lines(self, width: int) -> Sequence[Line]:
        lines = [line for problem in self._trouble for line in problem_lines(problem, width)]
        if self._found is None:
            return lines
        return [*lines, *self._runs(self._found, width), *self._due(self._found, width)]

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
        names = [item.title for item in seen.items.values()] if seen is not None else []
        late = [one for one in due(trend(found), names, self.now) if one.overdue]
        if not late:
            return []
        lines = wrapped(
            _("Overdue: no proven drill in the last {days} days").format(days=words.OVERDUE_DAYS),
            width,
            "bold",
        )
        for one in late:
            last = (
                _("last {age} ago").format(age=words.age(one.last, self.now))
                if one.last
                else _("never proven here")
            )
            lines.append((Cell("  "), state("warning", 9), column(plain(one.target), 30), Cell(last, "dim")))
        return lines


def _measured(value: float | None, change: float | None) -> Cell:
    """A measure and how it moved against the run before."""
    if value is None:
        return column("-", 14, "dim")
    moved = f" ({'+' if change > 0 else '-'}{words.span(abs(change))})" if change else ""
    return column(words.span(value) + moved, 14, "warn" if change and change > 0 else "")


def _read(vault: Vault, _deadline: Deadline) -> list[Entry]:
    from services.evidence.history import entries

    return entries(vault.world.state / "evidence")
