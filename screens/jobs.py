"""Jobs, live: the tree of tasks, updated in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.desk import Desk
from screens.lines import Lines, Menu, Row
from screens.page import Heading, Page
from screens.step.report import JOB_WORDS
from screens.style import Cell, Line, column, state, text, wrapped
from services.azure.jobs import AWAITS_CLEANUP
from services.text import _, plain

DETAILS = Command("details", "l", "details", "Show the job as Azure tells it")


class JobsPage(Page):
    """The jobs of a step: which there are, and the tasks of the marked one."""

    DEFAULT_CSS = """
    JobsPage Menu { height: auto; max-height: 6; overflow-y: auto; margin-bottom: 1; }
    JobsPage #tasks { height: 1fr; overflow-y: auto; }
    """

    def __init__(self, desk: Desk, step_id: str) -> None:
        super().__init__()
        self.desk, self.step_id = desk, step_id

    @property
    def jobs(self) -> list[Mapping[str, Any]]:
        """The running ones first, the newest of them on top."""
        found = reversed(self.desk.step(self.step_id).jobs.values())
        return sorted(found, key=lambda job: job["state"] != "InProgress")

    @property
    def marked(self) -> Mapping[str, Any] | None:
        key = self.query_one(Menu).marked
        return next((job for job in self.jobs if job["id"] == key), None)

    def compose(self) -> ComposeResult:
        yield Menu(self._rows, keys=_("Up/Down move"))
        yield Lines(self._tasks, id="tasks")

    def on_mount(self) -> None:
        self.call_after_refresh(self.draw)
        # Ages in words change at most once a minute.
        self.set_interval(60, self.draw)

    @property
    def heading(self) -> Heading:
        running = sum(job["state"] == "InProgress" for job in self.jobs)
        return Heading(
            _("Jobs"), _("{count} running").format(count=running) if running else _("none running")
        )

    @property
    def hint(self) -> str:
        return _("You may close the terminal: jobs run in Azure and are found again.")

    @property
    def commands(self) -> tuple[Command, ...]:
        return (DETAILS, BACK)

    def topic(self) -> str:
        return self.step_id

    def first_focus(self) -> Widget | None:
        return self.query_one(Menu)

    def draw(self) -> None:
        self.query_one(Menu).show_rows(self._rows)
        self.query_one("#tasks", Lines).draw_again()

    def on_menu_marked(self, event: Menu.Marked) -> None:
        event.stop()
        self.query_one("#tasks", Lines).draw_again()

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        self.do_details()

    def do_details(self) -> None:
        from screens.reader import page_of

        job = self.marked
        if job is not None:
            self.post_message(self.Go(page_of(_("Job"), lambda width: _details(job, width))))

    def _rows(self, width: int) -> Sequence[Row]:
        now = self._now()
        return [
            Row(
                str(job["id"]),
                (
                    (
                        state(word(job), 7),
                        column(plain(str(job.get("title") or job.get("scenario"))), max(10, width - 36)),
                        column(plain(str(job["target"])), 20),
                        column(span(job, now), 9, "dim", right=True),
                    ),
                ),
            )
            for job in self.jobs
        ]

    def _tasks(self, width: int) -> Sequence[Line]:
        job = self.marked if self.is_mounted else None
        if job is None:
            return []
        drawn = list(tree(job["tasks"], width, self._now(), 0))
        if job["state"] == "InProgress":
            wait = job.get("retryAfter")
            said = _("Looked at again every {seconds} s, as Azure asks.").format(seconds=wait) if wait else ""
            drawn += [text(""), *wrapped(said, width, "dim")] if said else []
        return [*drawn, text(""), text(_("job {id}").format(id=plain(str(job["id"]))), "dim")]

    def _now(self) -> datetime:
        book = self.desk.book
        return book.world.clock.now() if book is not None else datetime.now(UTC)


def tree(tasks: Sequence[Mapping[str, Any]], width: int, now: datetime, depth: int) -> list[Line]:
    drawn: list[Line] = []
    for task in tasks:
        indent = "  " * depth
        title = indent + plain(str(task.get("title") or task["name"]))
        drawn.append(
            (
                Cell("  "),
                state(word(task), 7),
                column(title, max(10, width - 20)),
                column(span(task, now), 10, "dim", right=True),
            )
        )
        drawn += tree(task.get("children") or (), width, now, depth + 1)
    return drawn


def word(thing: Mapping[str, Any]) -> str:
    """The state of a job or task; a drill that only waits for its clean-up has done its work."""
    if thing.get("description") == AWAITS_CLEANUP:
        return "done"
    return JOB_WORDS.get(str(thing["state"]), plain(str(thing["state"]), 7))


def span(thing: Mapping[str, Any], now: datetime) -> str:
    """How long it took, or has been running, in one unit."""
    if not thing.get("started"):
        return ""
    started = datetime.fromisoformat(thing["started"])
    ended = datetime.fromisoformat(thing["ended"]) if thing.get("ended") else None
    seconds = max(0.0, ((ended or now) - started).total_seconds())
    if ended is not None and seconds < 60:
        return _("{count} s").format(count=int(seconds))
    minutes = int(seconds // 60)
    if minutes < 120:
        return _("{count} min").format(count=minutes)
    return (
        _("{count} h").format(count=minutes // 60)
        if minutes < 2880
        else _("{count} d").format(count=minutes // 1440)
    )


def _details(job: Mapping[str, Any], width: int) -> list[Line]:
    shown = ("title", "scenario", "target", "state", "description", "started", "ended", "id")
    return [
        (column(key, 14, "dim"), Cell(plain(str(job[key]))[: max(1, width - 14)]))
        for key in shown
        if job.get(key)
    ]
