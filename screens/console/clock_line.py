"""The clock of a run on one line, once a second; only that line is painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.geometry import Region
from textual.timer import Timer

from screens.console import words
from screens.console.errand import CLOCK
from screens.frame import OneLine
from screens.style import Cell, Line, text
from services.text import _

if TYPE_CHECKING:
    from screens.console.vault_desk import VaultDesk
    from services.problems.model import ProblemError
    from services.recovery.running import Elapsed

EVERY = 1.0


class ClockLine(OneLine):
    """How long the run has taken: in all, and by phase. It is there only while a run is measured."""

    DEFAULT_CSS = "ClockLine { display: none; margin-bottom: 1; }"

    def __init__(self, console: VaultDesk) -> None:
        super().__init__()
        self._vaults = console
        self._reading = self._running = False
        self._timer: Timer | None = None

    def go(self, *, running: bool) -> None:
        """Begin to count, or stop."""
        if running == self._running:
            return
        self._running = running
        self.display = False
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(EVERY, self.tick) if running else None

    def tick(self) -> None:
        """Read the run's clock, beside the page; a slow disk makes no second reading wait behind the first."""
        vault, number = self._vaults.vault, self._run()
        if self._reading or vault is None or number is None:
            return
        self._reading = True
        journal, now = vault.journal, vault.world.clock.now()

        def call() -> Elapsed | None:
            from services.recovery.running import elapsed

            return elapsed(journal, number, now)

        self._vaults.desk.workers.note("clock", call, self._arrived, self._unread)

    def show(self, line: Line) -> None:
        """Paint no more than what stands there: it goes over the link once a second."""
        longest = max(sum(cell_len(cell.text) for cell in one) for one in (self.line, line))
        if line != self.line:
            self.line = line
            self.refresh(Region(0, 0, longest, 1))

    def _run(self) -> int | None:
        """Whose clock it is: the last run that said it begins."""
        runs = [int(event["run"]) for event in self._vaults.events if event["event"] == CLOCK]
        return runs[-1] if runs else None

    def _arrived(self, found: Elapsed | None) -> None:
        self._reading = False
        if self.is_mounted and self._running and found is not None:
            self.show(clock_line(found, self.size.width or self.app.size.width))
            self.display = True

    def _unread(self, _error: ProblemError) -> None:
        self._reading = False


def clock_line(found: Elapsed, width: int) -> Line:
    """The whole, then the phases, the one that runs bright; where there is no room the earliest are left out."""
    titles = {
        "decision": _("decision"),
        "platform": _("platform"),
        "boot": _("boot"),
        "application": _("application"),
    }
    whole = _("Clock {time}").format(time=words.clock(found.whole))
    if found.target is not None:
        whole += _(" of {time}").format(time=words.clock(found.target))
    late = found.target is not None and found.whole > found.target
    phases = [
        Cell(f"  {titles[phase]} {words.clock(seconds)}", "accent" if phase == found.runs else "")
        for phase, seconds in found.phases.items()
    ]
    while phases and cell_len(whole) + sum(cell_len(cell.text) for cell in phases) > width:
        del phases[0]
    return (*text(whole, "bad" if late else "bold"), *phases)
