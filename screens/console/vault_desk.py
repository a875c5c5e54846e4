"""What the console's pages show: one vault, looked at again and again in a thread, and the runs on it.

State is changed only where the pages live; the thread hands its results over by messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from services.problems.model import CancelledError, Problem, ProblemError
from services.text import _
from services.world.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Collection

    from screens.console.errand_course import Course
    from screens.desk import Desk
    from services.azure.jobs import JobView
    from services.recovery.plans import RecoveryPlan
    from services.recovery.run import About
    from services.recovery.vault import Vault
    from services.recovery.watch import Seen, Watch

Result = TypeVar("Result")
SECONDS = 120.0
"""Real seconds that one question of a page to Azure may take."""


@dataclass(frozen=True)
class Draft:
    """A recovery plan under edit: as it is wanted, the steps before it, and the name that a new one shall have."""

    plan: RecoveryPlan
    before: tuple[RecoveryPlan, ...]
    name: str = ""


@dataclass
class Left:
    """How a page with a table was left, so that one comes back to the same place. `sort`: a number of its orders."""

    mark: str = ""
    wanted: str = ""
    sort: int = 0
    running_only: bool = False


@dataclass
class VaultDesk:
    """One open vault. `seen` is the last look, None before the first; `trouble` why the last look failed."""

    desk: Desk
    seen: Seen | None = None
    seen_at: datetime | None = None
    """When that look was, in the world's time."""
    trouble: tuple[Problem, ...] = ()
    trees: set[str] = field(default_factory=set)
    """Names of the jobs whose tasks are on a screen."""
    marked: set[str] = field(default_factory=set)
    """Ids of the items that were picked for a verb."""
    drafts: dict[str, Draft] = field(default_factory=dict)
    """Recovery plans that were edited and not written, by id in lower case: one may look elsewhere meanwhile."""
    items_left: Left = field(default_factory=Left)
    jobs_left: Left = field(default_factory=Left)
    plans_left: Left = field(default_factory=Left)
    events: list[Mapping[str, Any]] = field(default_factory=list)
    """What the run that is on a screen has said so far."""
    cut_off: tuple[About, ...] = ()
    """Runs that have asked Azure for something, are not over and in nobody's hands here, as of the last look."""
    vault: Vault | None = None
    account: str = ""
    """Who is signed in, as the token names them."""
    course: Course | None = None
    """The errand that is on a screen, or was when somebody looked at the help."""
    _watch: Watch | None = None
    _deadline: Deadline = field(default_factory=Deadline)
    _hurry: threading.Event = field(default_factory=threading.Event)
    _looking: bool = False

    def job(self, name: str) -> JobView | None:
        """A job as of the last look, with its tasks where they were read."""
        seen = self.seen
        return (seen.trees.get(name) or seen.jobs.get(name)) if seen is not None else None

    @property
    def leaving(self) -> str:
        """What leaving the program means for the errand that is under way; empty where none is."""
        from screens.console.errand_course import Phase
        from screens.console.unfollowed import leaving

        course = self.course
        return leaving(course) if course is not None and course.phase is Phase.DOING else ""

    def open(self) -> None:
        """Find the vault of the newest engagement, or the one that the world suggests, and begin to look."""
        if self._looking:
            return
        self._looking, self.trouble = True, ()
        self._go("vault", self._opened, self._look_again)

    def look(self) -> None:
        """Look now; where the vault could not be opened, try that again."""
        if self.seen is None:
            self.open()
        self.hurry()

    def stop(self) -> None:
        """Look no more; a call that is under way ends at its next time-out."""
        self._deadline.cancel()
        self._hurry.set()

    def hurry(self) -> None:
        """Look now, items too, as after something was asked."""
        self._hurry.set()

    def ask(
        self,
        name: str,
        call: Callable[[Vault, Deadline], Result],
        then: Callable[[Result], None],
        failed: Callable[[ProblemError], None],
        seconds: float | None = SECONDS,
    ) -> Deadline:
        """Ask the vault something in a thread; the deadline that comes back stops it."""
        vault, deadline = self.vault, Deadline(seconds)
        assert vault is not None
        self.desk.workers.start(
            name, lambda: call(vault, deadline), then, failed, lambda: failed(unforeseen())
        )
        return deadline

    def _opened(self) -> None:
        from services.recovery.watch import Watch
        from services.scenario.existing_vault import open_vault

        book = self.desk.book
        assert book is not None
        engagements = book.engagements()
        self.vault = open_vault(
            book.world,
            book.journal,
            engagements[0] if engagements else None,
            self._deadline,
            self._heard,
            self.desk.ask,
        )
        self.vault.sign_in()
        self.account = self.vault.account.name
        self._watch = Watch(self.vault)

    def _heard(self, event: Mapping[str, Any]) -> None:
        """In a thread: an event of a run."""
        self.desk.tell(lambda: self._keep(event))

    def _keep(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "job":
            same = [one for one in self.events if one.get("id") != event["id"] or one["event"] != "job"]
            self.events = [*same, event]
        else:
            self.events.append(event)
        self.desk.moved()

    def _look_again(self, _opened: None = None) -> None:
        self._go("look", self._look, self._arrived)

    def _look(self) -> tuple[Seen, tuple[About, ...]]:
        """In a thread: wait for the pause of the last look, then look."""
        from services.journal.operations import operations
        from services.recovery import run

        assert self._watch is not None
        pause = self.seen.pause if self.seen is not None else 0.0
        hurried = self._hurry.wait(pause) if pause else False
        self._hurry.clear()
        self._deadline.check()
        seen = self._watch.look(frozenset(self.trees), items_now=hurried)
        vault = self._watch.vault
        # What has asked Azure for nothing is in nobody's way, so it is no news.
        begun = [
            one for one in run.cut_off(vault, self._deadline) if operations(vault.journal, one.engagement_id)
        ]
        return seen, tuple(one.about for one in begun)

    def _arrived(self, looked: tuple[Seen, tuple[About, ...]]) -> None:
        seen, cut_off = looked
        news = (
            self.seen is None
            or seen.moved_items
            or seen.moved_jobs
            or self.trouble
            or cut_off != self.cut_off
        )
        assert self.vault is not None
        self.seen, self.trouble, self.cut_off = seen, (), cut_off
        self.seen_at = self.vault.world.clock.now()
        if news:
            self.desk.moved()
        self._look_again()

    def _go(self, name: str, call: Callable[[], Result], then: Callable[[Result], None]) -> None:
        def failed(error: ProblemError) -> None:
            if isinstance(error, CancelledError):
                self._looking = False
                return
            self.trouble = error.problems
            self.desk.moved()
            if self.seen is None:
                self._looking = False
            else:
                self._look_again()

        self.desk.workers.start(name, call, then, failed, lambda: failed(unforeseen()))

    def want_trees(self, names: Collection[str]) -> None:
        """Which jobs are on a screen; a new one is looked at now."""
        wanted = set(names)
        if not wanted <= self.trees:
            self._hurry.set()
        self.trees = wanted


def unforeseen() -> ProblemError:
    """An error of our own; its report is written elsewhere."""
    what = _("The program met an error of its own.")
    remedy = _("A report is in the state folder; what was saved is safe. Try again.")
    return ProblemError(Problem("unforeseen", "", what, remedy=remedy))
