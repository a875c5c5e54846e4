"""The vault's jobs written into a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from screens.console.vault_desk import VaultDesk
from screens.lines import Lines
from screens.page import Heading, Page
from screens.step.fields import TextEntry
from screens.style import Line, text, wrapped
from screens.welcome import problem_lines
from services.text import _, plain

if TYPE_CHECKING:
    from services.problems.model import Problem, ProblemError
    from services.world.deadline import Deadline


class FileEntry(TextEntry):
    """A file. Enter writes."""

    def wants_enter(self) -> bool:
        return True


class JobsExportPage(Page):
    """One question: which file."""

    DEFAULT_CSS = "JobsExportPage TextEntry { margin-bottom: 1; }"

    def __init__(self, console: VaultDesk) -> None:
        super().__init__()
        self.console = console
        self._said = ""
        self._trouble: tuple[Problem, ...] = ()
        self._deadline: Deadline | None = None

    def compose(self) -> ComposeResult:
        hint = _("Enter writes every job with its tasks and errors into this new file, one a line, as JSON.")
        yield Lines(lambda _width: [text(_("File"), "bold")])
        yield FileEntry("jobs.jsonl", hint=hint)
        yield Lines(self._news, id="news")

    @property
    def heading(self) -> Heading:
        return Heading(_("Export the jobs of the vault"))

    def first_focus(self) -> Widget | None:
        return self.query_one(FileEntry)

    def on_unmount(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def _news(self, width: int) -> Sequence[Line]:
        lines = [line for problem in self._trouble for line in problem_lines(problem, width)]
        return [*lines, *wrapped(self._said, width)]

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.do_back()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if typed and self._deadline is None:
            self._write(Path(typed).expanduser().absolute())

    def _write(self, path: Path) -> None:
        from services.recovery.job_export import write_jobs

        def then(count: int) -> None:
            said = _("{count} jobs are written into {path}")
            self._show(said.format(count=count, path=plain(str(path))))

        def failed(error: ProblemError) -> None:
            self._show(trouble=error.problems)

        # Each job is one question to Azure, so there is no time that would do for every vault.
        self._deadline = self.console.ask(
            "export", lambda vault, deadline: write_jobs(vault, path, deadline), then, failed, seconds=None
        )
        self._show(_("Reading every job; Esc stops it ..."), busy=True)

    def _show(self, said: str = "", trouble: tuple[Problem, ...] = (), *, busy: bool = False) -> None:
        self._said, self._trouble = said, trouble
        if not busy:
            self._deadline = None
        if self.is_mounted:
            self.query_one("#news", Lines).draw_again()
            self.post_message(self.Reframe())
