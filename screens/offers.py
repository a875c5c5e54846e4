"""Choices that Azure, the Hub or a file offers for a field, fetched while the page is open."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
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
from services.scenario.azure_stack.machine_list import from_csv_file, from_tables
from services.scenario.azure_stack.machine_rules import Entry, by_line, sort_out
from services.scenario.model import Choice, Field, Kind, Step
from services.text import _, plain

AGAIN = Command("again", "r", "fetch again", "Fetch the list again")
ALL = "all"
GOOD = "good"
"""The row that takes what has no mistake."""


class FileEntry(TextEntry):
    """The path of a file. Enter reads it."""

    def wants_enter(self) -> bool:
        return True


class OffersPage(Page):
    """A list to choose from. For machines: those of an inventory, and a CSV file to read."""

    DEFAULT_CSS = """
    OffersPage Menu { height: 1fr; overflow-y: auto; }
    OffersPage.wrong Menu { height: auto; max-height: 6; }
    OffersPage .around { height: auto; margin-bottom: 1; }
    OffersPage.wrong .around { height: 1fr; scrollbar-size-vertical: 1; }
    OffersPage Lines.news { height: auto; }
    OffersPage TextEntry { margin-bottom: 1; }
    """

    def __init__(self, desk: Desk, step_id: str, item: Field) -> None:
        super().__init__()
        self.desk, self.step_id, self.item = desk, step_id, item
        self._problems: tuple[Problem, ...] = ()
        self._mistakes: tuple[str, ...] = ()
        self._good: list[Entry] = []
        """Machines without a mistake, where others of the same list have one."""
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
        with VerticalScroll(classes="around", can_focus=False):
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
            self.set_class(bool(self._mistakes), "wrong")
            self.query_one(".news", Lines).draw_again()
            self.query_one(Menu).show_rows(self._rows)
            self.post_message(self.Reframe())

    def _news(self, width: int) -> Sequence[Line]:
        if self._mistakes:
            head = _("Nothing was taken. Mistakes: {count}").format(count=len(self._mistakes))
            said = [line for one in self._mistakes for line in wrapped(plain(one), width, "bad", "  ")]
            return [text(head, "bold"), *said]
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
        if self._good:
            word = _("take those without a mistake: {count}").format(count=len(self._good))
            rows.insert(0, Row(GOOD, (text(word, "accent"),)))
        return rows

    @property
    def lead(self) -> str:
        """Whether there is more to read than fits."""
        around = self.query_one(".around", VerticalScroll)
        return _("PgUp/PgDn read") if around.max_scroll_y else ""

    def on_key(self, event: events.Key) -> None:
        """Page keys move the mistakes, wherever the focus is."""
        around = self.query_one(".around", VerticalScroll)
        moves = {"pagedown": around.scroll_page_down, "pageup": around.scroll_page_up}
        if event.key in moves and around.max_scroll_y:
            event.stop()
            moves[event.key](animate=False)

    # Taking -----------------------------------------------------------------------------------------

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        if not self.machines:
            self._save(event.key)
        elif event.key == GOOD:
            self._add(self._good)
        else:
            chosen = [one for one in self.choices if event.key in (ALL, one.value)]
            listed = self._listed()
            known = {entry.get("name").lower() for entry in listed}
            tables = [table for table in map(from_choice, chosen) if table["name"].lower() not in known]
            self._judge([Entry(table["name"], table) for table in tables])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        given = from_csv_file(event.value.strip())
        nothing = () if given.entries or given.mistakes else (_("Name a file with at least one machine."),)
        self._judge(given.entries, (*given.mistakes, *nothing))

    def _judge(self, entries: Sequence[Entry], mistakes: Sequence[str] = ()) -> None:
        """Take the machines where all will do; else show every mistake and take none."""
        good, wrong = sort_out(entries, self._listed())
        self._mistakes, self._good = tuple(by_line([*mistakes, *wrong])), good
        if not self._mistakes:
            self._add(good)
            return
        self._draw_all()
        if good:
            self.query_one(Menu).mark(GOOD)

    def _listed(self) -> Sequence[Entry]:
        assert self.desk.view is not None
        return from_tables(self.desk.view.answers[self.key]).entries

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.query_one(Menu).focus()

    def _add(self, entries: Sequence[Entry]) -> None:
        assert self.desk.view is not None
        before = list(self.desk.view.answers[self.key])
        fresh = [clean(entry.values) for entry in entries]
        self._save([*before, *({key: cell for key, cell in table.items() if cell} for table in fresh)])

    def _save(self, value: object) -> None:
        self.desk.save(self.step, {self.item.key: value}, self._failed)
        self.post_message(self.Back())
