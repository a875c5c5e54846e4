"""The findings written to a folder: JSON, CSV and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from screens.desk import Desk
from screens.lines import Lines
from screens.page import Heading, Page
from screens.step.fields import TextEntry
from screens.style import Line, text, wrapped
from services.problems.model import ProblemError
from services.scenario.model import Step
from services.text import _, plain


class FolderEntry(TextEntry):
    """A folder. Enter writes."""

    def wants_enter(self) -> bool:
        return True


class ExportPage(Page):
    """One question: which folder."""

    DEFAULT_CSS = "ExportPage TextEntry { margin-bottom: 1; }"

    def __init__(self, desk: Desk, step: Step) -> None:
        super().__init__()
        self.desk, self.step = desk, step
        self._written: tuple[Path, ...] = ()
        self._wrong = ""

    def compose(self) -> ComposeResult:
        yield Lines(lambda _width: [text(_("Folder"), "bold")])
        yield FolderEntry(
            "findings", hint=_("Enter writes findings.json, findings.csv and findings.md there.")
        )
        yield Lines(self._news, id="news")

    @property
    def heading(self) -> Heading:
        count = len(self.desk.step(self.step.id).findings)
        return Heading(_("Write the findings to files"), _("{count} findings").format(count=count))

    def error(self, _focused: Widget | None) -> str:
        return self._wrong

    def first_focus(self) -> Widget | None:
        return self.query_one(FolderEntry)

    def _news(self, width: int) -> Sequence[Line]:
        if not self._written:
            return []
        return [
            text(_("Written:"), "good"),
            *(line for path in self._written for line in wrapped(plain(str(path)), width)),
        ]

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.do_back()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        folder = event.value.strip()
        if folder:
            self._write(Path(folder).expanduser().absolute())

    def _write(self, folder: Path) -> None:
        from services.readiness import export_files
        from services.scenario.inspection import titled

        book, view = self.desk.book, self.desk.view
        assert book is not None
        assert view is not None
        found = list(self.desk.step(self.step.id).findings)
        label = "PRACTICE" if book.world.practice else book.world.id
        when = f"{book.world.clock.now():%Y-%m-%d %H:%M} UTC"
        title = f"{label}: {_(self.step.title)}, {titled(view.engagement.name, view.answers)}, {when}"
        self._wrong, self._written = "", ()

        def then(paths: list[Path]) -> None:
            self._written = tuple(paths)
            self._show()

        self.desk.workers.note(
            "export", lambda: export_files.findings(folder, found, title), then, self._failed
        )

    def _failed(self, error: ProblemError) -> None:
        self._wrong = plain(error.problems[0].sentence())
        self._show()

    def _show(self) -> None:
        if self.is_mounted:
            self.query_one("#news", Lines).draw_again()
            self.post_message(self.Reframe())
