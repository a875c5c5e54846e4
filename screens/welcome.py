"""The first page: what there is to go on with, and what can be begun."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.message import Message

from screens.commands import Command
from screens.desk import Desk
from screens.lines import Lines, Menu, Row
from screens.page import Heading, Page
from screens.state import View
from screens.style import Cell, Line, column, text, wrapped
from services.text import _, plain

if TYPE_CHECKING:
    from services.problems.model import Problem, ProblemError
    from services.scenario.model import Scenario

AGAIN = Command("again", "r", "try again", "Open the journal again")


class WelcomePage(Page):
    """Continue, or begin something new."""

    DEFAULT_CSS = "WelcomePage Lines, WelcomePage Menu { margin: 0 0 1 0; }"

    class Rehearse(Message):
        """Leave, and start on the practice world."""

    def __init__(self, desk: Desk, opening: str) -> None:
        super().__init__()
        self.desk = desk
        self.opening = opening

    def compose(self) -> ComposeResult:
        yield Lines(self._news, id="news")

    @property
    def heading(self) -> Heading:
        return Heading(_("What now?"))

    @property
    def commands(self) -> tuple[Command, ...]:
        return (AGAIN,) if self.desk.trouble else ()

    @property
    def hint(self) -> str:
        if self.desk.trouble:
            return _("r tries again.")
        return "" if self.desk.book else self.opening

    def opened(self) -> None:
        """The journal is open: the menu takes the place of the news."""
        self.query_one("#news", Lines).draw_again()
        if self.desk.book is not None and not self.query(Menu):
            menu = Menu(self._rows, hint=_("Enter opens what is marked."))
            self.mount(menu)
            self.call_after_refresh(menu.focus)
        self.post_message(self.Reframe())

    def draw(self) -> None:
        for lines in self.query(Lines):
            lines.draw_again()

    def do_again(self) -> None:
        self.desk.open()
        self.draw()

    def escape(self) -> None:
        """There is nothing before the first page."""

    def _news(self, width: int) -> Sequence[Line]:
        lines = [line for problem in self.desk.trouble for line in problem_lines(problem, width)]
        book = self.desk.book
        if book is not None and book.journal.holder is not None:
            from services.journal.trouble import writer

            lines += wrapped(writer(book.journal.holder), width, "warn")
        return lines

    def _rows(self, width: int) -> Sequence[Row]:
        book = self.desk.book
        if book is None:
            return []
        rows = []
        for number, engagement in enumerate(self.desk.engagements):
            view = self.desk.summaries.get(engagement.id)
            finished = view is not None and view.current is None
            word = _("Continue set-up") if number == 0 else ""
            word = _("Finished") if finished else word
            scenario = book.scenarios[engagement.scenario]
            rows.append(
                Row(
                    f"continue {engagement.id}",
                    _engagement_lines(word, scenario, view, engagement.name, width),
                )
            )
        for number, (name, title) in enumerate(book.titles().items()):
            word = _("New set-up") if number == 0 else ""
            rows.append(Row(f"new {name}", (_row_line(word, _(title), width),)))
        console = _("Protected machines, jobs, drills, failover")
        rows.append(Row("console", (_row_line(_("Console"), console, width),)))
        if not book.world.practice:
            what = _("Start 'lifeboat --practice': nothing real is touched")
            rows.append(Row("rehearse", (_row_line(_("Rehearse"), what, width),)))
        return rows

    def places(self) -> Sequence[tuple[str, Callable[[], None]]]:
        """Every row, for the list of commands."""
        book = self.desk.book
        if book is None:
            return ()
        found = [
            (
                _("Continue: {title} ({name})").format(
                    title=_(book.scenarios[one.scenario].title), name=plain(one.name)
                ),
                f"continue {one.id}",
            )
            for one in self.desk.engagements
        ]
        found += [
            (_("New: {title}").format(title=_(title)), f"new {name}") for name, title in book.titles().items()
        ]
        found.append((_("Console: protected machines, jobs, drills, failover"), "console"))
        if not book.world.practice:
            found.append((_("Rehearse on the practice world"), "rehearse"))
        return [(title, partial(self._choose, key)) for title, key in found]

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        self._choose(event.key)

    def _choose(self, key: str) -> None:
        verb, _space, name = key.partition(" ")
        if verb == "rehearse":
            self.post_message(self.Rehearse())
            return
        if verb == "console":
            self._open_console()
        elif verb == "new":
            self.desk.begin(name, self._enter, self._refused)
        else:
            chosen = next(one for one in self.desk.engagements if str(one.id) == name)
            self.desk.take_up(chosen, self._enter)

    def _enter(self) -> None:
        from screens.step.page import StepPage

        view = self.desk.view
        assert view is not None
        step = view.current or view.steps[-1]
        self.post_message(self.Go(lambda: StepPage(self.desk, step.id)))

    def _open_console(self) -> None:
        from screens.console.items_page import ItemsPage
        from screens.console.vault_desk import VaultDesk

        self.desk.console = console = self.desk.console or VaultDesk(self.desk)
        self.post_message(self.Go(lambda: ItemsPage(console)))

    def _refused(self, error: ProblemError) -> None:
        self.desk.trouble = error.problems
        self.draw()
        self.post_message(self.Reframe())


def _row_line(word: str, what: str, width: int) -> Line:
    return (column(word, 19), Cell(plain(what)[: max(0, width - 19)]))


def _engagement_lines(
    word: str, scenario: Scenario, view: View | None, name: str, width: int
) -> tuple[Line, ...]:
    lines = [_row_line(word, _(scenario.title), width)]
    if view is not None:
        current = view.current
        where = _("{done} of {all} steps done").format(done=view.done, all=len(view.steps))
        if current is not None:
            where += ", " + _("next: {step}").format(step=_(current.title))
        lines += [(column("", 19), *piece) for piece in wrapped(where, width - 19)]
        names = _machines(view) if current is None else ""
        if names:
            said = wrapped(_("protected: {names}").format(names=names), width - 19)
            lines += [(column("", 19), *piece) for piece in said]
    lines.append((column("", 19), Cell(plain(name)[: max(0, width - 19)], "dim")))
    return tuple(lines)


def _machines(view: View) -> str:
    """The names of the machines that an engagement is about."""
    tables = view.answers["machines.machines"] if view.answers.field("machines.machines") else []
    return ", ".join(plain(str(table.get("name", "")), 64) for table in tables)


def problem_lines(problem: Problem, width: int) -> list[Line]:
    """A problem in a few lines: what, why, what to do."""
    lines: list[Line] = []
    what = f"{problem.subject}: {_(problem.what)}" if problem.subject else _(problem.what)
    lines += wrapped(plain(what), width, "bad")
    for label, content in ((_("why"), problem.cause), (_("do"), problem.remedy), (_("check"), problem.check)):
        if content:
            lines += labelled(label, plain(_(content)), width)
    return lines


def labelled(label: str, content: str, width: int, style: str = "") -> list[Line]:
    """A short word, and beside it a text over as many lines as it takes."""
    pieces = wrapped(content, width - 8, style) or [text("")]
    return [(column(label if number == 0 else "", 8, "dim"), *piece) for number, piece in enumerate(pieces)]
