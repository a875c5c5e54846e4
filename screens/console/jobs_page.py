"""Jobs of the vault: what runs and what ran, the tasks of the marked one, and what can be done with it."""

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
from screens.jobs import tree
from screens.lines import Lines
from screens.page import Heading, Page
from screens.style import Line, column, text, wrapped
from screens.table import Table
from screens.welcome import problem_lines
from services.text import _, plain

if TYPE_CHECKING:
    from services.azure.jobs import JobView

CANCEL = Command("cancel", "c", "cancel", "Cancel the job, when Azure allows it")
RESTART = Command("restart", "o", "restart", "Start the failed job again, when Azure allows it")
RESUME = Command("resume", "m", "resume", "Resume the job that waits for a person")
RUNNING = Command("running", "f", "running", "Show running jobs only, or all")
BY_ACTION = {"Cancel": CANCEL, "Restart": RESTART, "Resume": RESUME}


class VaultJobsPage(Page):
    """A table of jobs above, the tree of the marked one below."""

    DEFAULT_CSS = """
    VaultJobsPage #news { height: auto; max-height: 5; }
    VaultJobsPage Table { height: 2fr; margin-bottom: 1; }
    VaultJobsPage #tasks { height: 3fr; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, console: VaultDesk) -> None:
        super().__init__()
        self.console = console
        self._running_only = False

    def compose(self) -> ComposeResult:
        yield Lines(self._news, id="news")
        yield Table(self._row, hint=_("The tasks of the marked job stand below."))
        tasks = Lines(self._tasks, id="tasks")
        yield tasks
        yield Fold(tasks)

    def on_mount(self) -> None:
        self.draw()
        self._follow()
        self.set_interval(60, self.draw)  # ages in words change at most once a minute

    def on_unmount(self) -> None:
        self.console.want_trees(())

    @property
    def jobs(self) -> list[JobView]:
        """The running ones first, then the newest."""
        seen = self.console.seen
        found = [job for job in seen.jobs.values() if not (self._running_only and job.over)] if seen else []
        newest = float("inf")
        return sorted(found, key=lambda job: (job.over, -(job.start.timestamp() if job.start else newest)))

    @property
    def marked(self) -> JobView | None:
        """The marked job, with its tasks where they were read."""
        seen, name = self.console.seen, self.query_one(Table).marked
        return (seen.trees.get(name) or seen.jobs.get(name)) if seen is not None else None

    @property
    def heading(self) -> Heading:
        running = sum(not job.over for job in self.jobs)
        waiting = sum(job.state == "Suspended" for job in self.jobs)
        parts = [_("{count} running").format(count=running)]
        if waiting:
            parts.append(_("{count} waiting for you").format(count=waiting))
        return Heading(_("Jobs of the vault"), "   ".join(parts))

    @property
    def commands(self) -> tuple[Command, ...]:
        job = self.marked
        allowed = tuple(BY_ACTION[action] for action in (job.allowed if job else ()) if action in BY_ACTION)
        return (*allowed, RUNNING, BACK)

    @property
    def hint(self) -> str:
        return _("You may close the terminal: jobs run in Azure and are found again.")

    def first_focus(self) -> Widget | None:
        return self.query_one(Table)

    def draw(self) -> None:
        self.query_one("#news", Lines).draw_again()
        self.query_one(Table).show([job.name for job in self.jobs])
        self.query_one("#tasks", Lines).draw_again()
        self._follow()

    def _follow(self) -> None:
        name = self.query_one(Table).marked
        self.console.want_trees({name} if name else ())
        self.post_message(self.Reframe())

    def on_table_marked(self, event: Table.Marked) -> None:
        event.stop()
        self.query_one("#tasks", Lines).draw_again()
        self._follow()

    def on_table_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        commands = self.commands
        if commands[0] in BY_ACTION.values() and len(commands) == 3:
            self.run(commands[0])

    def _news(self, width: int) -> Sequence[Line]:
        return [line for problem in self.console.trouble for line in problem_lines(problem, width)]

    def _row(self, key: str, width: int) -> Line:
        seen = self.console.seen
        job = seen.jobs.get(key) if seen is not None else None
        if job is None:
            return ()
        rest = max(20, width - 17 - 8)
        return (
            column(job.word, 17, words.JOB_STYLES.get(job.state, "")),
            column(plain(job.title), rest * 3 // 5),
            column(plain(job.target), rest - rest * 3 // 5),
            column(words.age(job.start, self.now), 8, "dim", right=True),
        )

    def _tasks(self, width: int) -> Sequence[Line]:
        job = self.marked if self.is_mounted else None
        if job is None:
            return []
        from services.azure.job_report import job_event, job_problems

        lines = list(tree(job_event(job)["tasks"], width, self.now, 0))
        for task in _waiting(job):
            lines += wrapped(_("Waits for you: {what}").format(what=plain(task)), width, "warn")
        for problem in job_problems(job):
            lines += problem_lines(problem, width)
        return [*lines, text(_("job {id}").format(id=plain(job.name)), "dim")]

    @property
    def now(self) -> datetime:
        assert self.console.vault is not None
        return self.console.vault.world.clock.now()

    def do_running(self) -> None:
        self._running_only = not self._running_only
        self.draw()

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


def _waiting(job: JobView) -> list[str]:
    from services.azure.jobs import walk

    return [task.instructions or task.title for task in walk(job.tasks) if task.state == "Suspended"]
