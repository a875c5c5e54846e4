"""Jobs of the vault: what runs and what ran, the tasks of the marked one, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console import words
from screens.console.commands import LOOK
from screens.console.job_page import JobVerbs, VaultJobPage, job_lines
from screens.console.trouble import pace, trouble_lines
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.lines import Lines
from screens.page import Heading
from screens.reader import Text
from screens.style import Line, cell, column, text
from screens.table import Table
from services.text import _, plain

if TYPE_CHECKING:
    from services.azure.jobs import JobView

FILTER = Command("running", "f", "filter", "Show running jobs only, or all")
EXPORT = Command("export", "e", "export", "Write all jobs with their tasks into a file")


class VaultJobsPage(JobVerbs):
    """A table of jobs above, the tree of the marked one below."""

    DEFAULT_CSS = """
    VaultJobsPage #news { height: auto; max-height: 5; }
    VaultJobsPage Table { height: 2fr; margin-bottom: 1; }
    VaultJobsPage #tasks { height: 3fr; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, console: VaultDesk) -> None:
        super().__init__()
        self.console = console
        self._left = console.jobs_left
        self._back_to = self._left.mark

    def compose(self) -> ComposeResult:
        yield Lines(self._news, id="news")
        yield Table(self._row)
        tasks = Lines(self._tasks, id="tasks")
        tasks.bar = Text.bar
        yield tasks
        yield Fold(tasks, more=_("Enter"))

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
        found = (
            [job for job in seen.jobs.values() if not (self._left.running_only and job.over)] if seen else []
        )
        newest = float("inf")
        return sorted(found, key=lambda job: (job.over, -(job.start.timestamp() if job.start else newest)))

    @property
    def marked(self) -> JobView | None:
        """The marked job, with its tasks where they were read."""
        return self.console.job(self.query_one(Table).marked)

    @property
    def heading(self) -> Heading:
        if self.console.seen is None:
            return Heading(_("Jobs of the vault"), "" if self.console.trouble else _("looking ..."))
        drills = sum(job.awaits_cleanup for job in self.jobs)
        waiting = sum(job.state == "Suspended" for job in self.jobs) - drills
        running = sum(not job.over for job in self.jobs) - waiting
        parts = [_("{count} running").format(count=running) if running else _("none running")]
        if waiting:
            parts.append(_("{count} waiting for you").format(count=waiting))
        if drills:
            parts.append(_("{count} waiting for clean-up").format(count=drills))
        return Heading(_("Jobs of the vault"), "   ".join(parts))

    @property
    def commands(self) -> tuple[Command, ...]:
        return (*self.verbs, FILTER, EXPORT, LOOK, BACK)

    @property
    def hint(self) -> str:
        below = (
            _("The tasks of the marked job stand below; Enter opens it.")
            if self.query_one(Table).count
            else ""
        )
        return f"{below} {pace(self.console)}".strip()

    def first_focus(self) -> Widget | None:
        return self.query_one(Table)

    def draw(self) -> None:
        self.query_one("#news", Lines).draw_again()
        self.query_one(Table).show([job.name for job in self.jobs], self._back_to)
        self._back_to = ""
        self.query_one("#tasks", Lines).draw_again()
        self._follow()

    def _follow(self) -> None:
        name = self.query_one(Table).marked
        self.console.want_trees({name} if name else ())
        self.post_message(self.Reframe())

    def on_table_marked(self, event: Table.Marked) -> None:
        event.stop()
        self._left.mark = event.key
        self.query_one("#tasks", Lines).draw_again()
        self._follow()

    def on_table_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        key = event.key
        self.post_message(self.Go(lambda: VaultJobPage(self.console, key)))

    def _news(self, width: int) -> Sequence[Line]:
        lines = trouble_lines(self.console, width)
        if not self.jobs and self.console.seen is not None:
            said = _("No job runs. f shows all.") if self._left.running_only else _("There are no jobs.")
            lines.append(text(said, "dim"))
        return lines

    def _row(self, key: str, width: int) -> Line:
        seen = self.console.seen
        job = seen.jobs.get(key) if seen is not None else None
        if job is None:
            return ()
        rest = max(20, width - 22 - 8)
        return (
            cell(job.word, 22, words.JOB_STYLES.get(job.state, "")),
            cell(plain(job.title), rest * 3 // 5),
            column(plain(job.target), rest - rest * 3 // 5),
            column(words.age(job.start, self.now), 8, "dim", right=True),
        )

    def _tasks(self, width: int) -> Sequence[Line]:
        job = self.marked if self.is_mounted else None
        return job_lines(job, width, self.now) if job is not None else []

    def do_running(self) -> None:
        self._left.running_only = not self._left.running_only
        self.draw()

    def do_look(self) -> None:
        self.console.look()

    def do_export(self) -> None:
        from screens.console.jobs_export_page import JobsExportPage

        self.post_message(self.Go(lambda: JobsExportPage(self.console)))
