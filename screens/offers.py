"""Choices that Azure, the Hub or a file offers for a field, fetched while the page is open."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from screens.commands import BACK, Command
from screens.desk import Desk
from screens.lines import Lines, Menu, Row
from screens.page import Heading, Page
from screens.step.fields import TextEntry
from screens.step.machines import clean, from_choice
from screens.style import Cell, Line, column, text, wrapped
from screens.welcome import problem_lines
from services.problems.model import Problem, ProblemError
from services.scenario.azure_stack.machine_list import from_csv_file
from services.scenario.model import Choice, Field, Kind, Step
from services.text import _, plain

AGAIN = Command("again", "r", "fetch again", "Fetch the list again")
ALL = "all"


class FileEntry(TextEntry):
    """The path of a file. Enter reads it."""

    def wants_enter(self) -> bool:
        return True


class OffersPage(Page):
    """A list to choose from. For machines: those of an inventory, and a CSV file to read."""

    DEFAULT_CSS = """
    OffersPage Menu { height: 1fr; overflow-y: auto; }
    OffersPage Lines.news { height: auto; margin-bottom: 1; }
    OffersPage TextEntry { margin-bottom: 1; }
    """

    def __init__(self, desk: Desk, step_id: str, item: Field) -> None:
        super().__init__()
        self.desk, self.step_id, self.item = desk, step_id, item
        self._problems: tuple[Problem, ...] = ()
        self._mistakes: tuple[str, ...] = ()
        self._fetching = False

    @property
    def machines(self) -> bool:
        return self.item.kind is Kind.MACHINES

    @property
    def key(self) -> str:
        return f"{self.step_id}.{self.item.key}"

    @property
    def step(self) -> Step:
        assert self.desk.view is not None
        return self.desk.view.answers.scenario.step(self.step_id)

    @property
    def choices(self) -> list[Choice]:
        return self.desk.offers.get(self.key, [])

    def compose(self) -> ComposeResult:
        if self.machines:
            yield Lines(lambda _width: [text(_("From a CSV file"), "bold")])
            yield FileEntry(
                "", hint=_("Path of a CSV file: name,address,os in its first line. Enter reads it.")
            )
        yield Lines(self._news, classes="news")
        yield Menu(self._rows, hint=_("Enter takes what is marked."), keys=_("Up/Down move  Enter take"))

    def on_mount(self) -> None:
        if not self.choices and self.item.offer is not None:
            self.do_again()

    @property
    def heading(self) -> Heading:
        return Heading(_(self.item.caption), _("choose"))

    @property
    def hint(self) -> str:
        return _("Enter takes what is marked; Esc leaves the field as it was.")

    @property
    def commands(self) -> tuple[Command, ...]:
        return (BACK, AGAIN) if self.item.offer is not None else (BACK,)

    def first_focus(self) -> Widget | None:
        return self.query_one(FileEntry if self.machines and not self.choices else Menu)

    def do_again(self) -> None:
        self._fetching, self._problems = True, ()
        self._draw_all()
        self.desk.offer(self.step, self.item, self._arrived, self._failed)

    def _arrived(self, _choices: list[Choice]) -> None:
        self._fetching = False
        self._draw_all()

    def _failed(self, error: ProblemError) -> None:
        self._fetching, self._problems = False, error.problems
        self._draw_all()

    def _draw_all(self) -> None:
        if self.is_mounted:
            self.query_one(".news", Lines).draw_again()
            self.query_one(Menu).show_rows(self._rows)
            self.post_message(self.Reframe())

    def _news(self, width: int) -> Sequence[Line]:
        if self._mistakes:
            return [line for one in self._mistakes[:6] for line in wrapped(plain(one), width, "bad")]
        if self.machines and self.choices:
            return [text(_("From the inventory"), "bold")]
        if self._problems:
            return [line for problem in self._problems for line in problem_lines(problem, width)]
        if self._fetching:
            return [text(_("Fetching the list ..."), "dim")]
        if not self.choices:
            return [text(_("Nothing is offered."), "dim")]
        return []

    def _rows(self, width: int) -> Sequence[Row]:
        wide = min(44, max((len(one.label or one.value) for one in self.choices), default=0) + 2)
        rows = [
            Row(
                one.value,
                (
                    (
                        column(plain(one.label or one.value), wide),
                        Cell(plain(one.note)[: width - wide], "dim"),
                    ),
                ),
            )
            for one in self.choices
        ]
        if self.machines and len(rows) > 1:
            rows.insert(0, Row(ALL, (text(_("all {count}").format(count=len(rows)), "accent"),)))
        return rows

    # Taking -----------------------------------------------------------------------------------------

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        if self.machines:
            chosen = (
                self.choices if event.key == ALL else [one for one in self.choices if one.value == event.key]
            )
            self._take([from_choice(one) for one in chosen])
        else:
            self._save(event.key)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        listed = from_csv_file(event.value.strip())
        self._mistakes = listed.mistakes or (() if listed.entries else (_("Name a file."),))
        if self._mistakes:
            self._draw_all()
        else:
            self._take([dict(entry.values) for entry in listed.entries])

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.query_one(Menu).focus()

    def _take(self, tables: Sequence[dict[str, str]]) -> None:
        assert self.desk.view is not None
        before = list(self.desk.view.answers[self.key])
        known = {str(table.get("name", "")).lower() for table in before}
        fresh = [clean(table) for table in tables if table.get("name", "").lower() not in known]
        self._save([*before, *({key: cell for key, cell in table.items() if cell} for table in fresh)])

    def _save(self, value: object) -> None:
        self.desk.save(self.step, {self.item.key: value}, self._failed)
        self.post_message(self.Back())
