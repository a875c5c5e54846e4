"""One job of the vault in full: its tasks, its errors with answers, and what can be done with it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console.trouble import trouble_lines
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.jobs import tree
from screens.page import Heading, Page
from screens.reader import Text
from screens.style import Line, text, wrapped
from screens.welcome import problem_lines
from services.text import _, plain

if TYPE_CHECKING:
    from services.azure.jobs import JobView

CANCEL = Command("cancel", "c", "cancel", "Cancel the job, when Azure allows it")
RESTART = Command("restart", "G", "restart", "Start the failed job again, when Azure allows it")
RESUME = Command("resume", "g", "resume", "Answer what the job waits for, so that it goes on")
BY_ACTION = {"Cancel": CANCEL, "Restart": RESTART, "Resume": RESUME}


class JobVerbs(Page):
    """A page on which a job is acted on."""

    console: VaultDesk

    @property
    @abstractmethod
    def marked(self) -> JobView | None:
        """The job that commands act on, with its tasks where they were read."""

    @property
    def verbs(self) -> tuple[Command, ...]:
        """What Azure allows for it now; a drill that waits for its clean-up is cleaned up from its item or plan."""
        job = self.marked
        allowed = job.allowed if job and not job.awaits_cleanup else ()
        return tuple(BY_ACTION[action] for action in allowed if action in BY_ACTION)

    @property
    def now(self) -> datetime:
        """The world's time."""
        assert self.console.vault is not None
        return self.console.vault.world.clock.now()

    def do_cancel(self) -> None:
        self._errand("cancel")

    def do_restart(self) -> None:
        self._errand("restart")

    def do_resume(self) -> None:
        self._errand("resume")

    def _errand(self, verb: str) -> None:
        from screens.console.errand_page import ErrandPage
        from screens.console.errands import JobErrand

        job = self.marked
        if job is not None:
            self.post_message(self.Go(lambda: ErrandPage(self.console, JobErrand(verb, job))))


class VaultJobPage(JobVerbs):
    """All that Azure tells of one job; it follows while it is open."""

    def __init__(self, console: VaultDesk, name: str) -> None:
        super().__init__()
        self.console, self.name_of_job = console, name

    def compose(self) -> ComposeResult:
        shown = Text(self._lines)
        yield shown
        yield Fold(shown)

    def on_mount(self) -> None:
        self.console.want_trees({self.name_of_job})
        self.set_interval(60, self.draw)  # ages in words change at most once a minute

    def on_unmount(self) -> None:
        self.console.want_trees(())

    @property
    def marked(self) -> JobView | None:
        return self.console.job(self.name_of_job)

    @property
    def heading(self) -> Heading:
        job = self.marked
        if job is None:
            return Heading(_("Job"), _("not told of any more"))
        return Heading(plain(f"{job.title} {job.target}", 60), job.word)

    @property
    def commands(self) -> tuple[Command, ...]:
        return (*self.verbs, BACK)

    @property
    def hint(self) -> str:
        return _("You may close the terminal: jobs run in Azure and are found again.")

    def first_focus(self) -> Widget | None:
        return self.query_one(Text)

    def draw(self) -> None:
        self.query_one(Text).draw_again()
        self.post_message(self.Reframe())

    def _lines(self, width: int) -> Sequence[Line]:
        trouble = trouble_lines(self.console, width)
        job = self.marked
        return [*trouble, *(job_lines(job, width, self.now) if job is not None else ())]


def job_lines(job: JobView, width: int, now: datetime) -> list[Line]:
    """What a person is asked for first, then the errors with answers, the tasks, and the job's id."""
    from services.azure.job_report import job_event, job_problems

    lines: list[Line] = []
    if job.awaits_cleanup:
        said = _("The drill is done. The job ends when its item or recovery plan is cleaned up.")
        lines += wrapped(said, width, "warn")
    for what in waits_for(job):
        lines += wrapped(_("Waits for you: {what}").format(what=plain(what)), width, "warn")
    for problem in job_problems(job):
        lines += problem_lines(problem, width)
    lines += tree(job_event(job)["tasks"], width, now, 0)
    return [*lines, text(_("job {id}").format(id=plain(job.name)), "dim")]


def waits_for(job: JobView) -> list[str]:
    """What each manual action at which the job stands asks of a person."""
    from services.recovery.verb_run import waiting

    return [task.instructions or task.title for task in waiting(job)]
