"""Find a command by typing a part of what it does: the palette, as a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from screens.lines import Lines, Menu, Row
from screens.page import Heading, Page
from screens.step.fields import TextEntry
from screens.style import Cell, Line, column, text, wrapped
from services.text import _, plain


@dataclass(frozen=True)
class Entry:
    """Something to find: its title, its key where it has one, what it does, and why it cannot be done now."""

    title: str
    label: str
    act: Callable[[], None]
    why_not: str = ""


class FindEntry(TextEntry):
    """The text that is looked for. Down goes to what was found, Enter takes the first."""

    def wants_enter(self) -> bool:
        return True


class FindPage(Page):
    """All commands of a page and of the program, and every step."""

    DEFAULT_CSS = """
    FindPage Menu { height: 1fr; overflow-y: auto; margin-top: 1; }
    FindPage.empty Menu { display: none; }
    FindPage .nothing { margin-top: 1; display: none; }
    FindPage.empty .nothing { display: block; }
    """

    @dataclass
    class Found(Message):
        """Something was chosen."""

        entry: Entry

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = tuple(entries)
        self._wanted = ""

    def compose(self) -> ComposeResult:
        yield FindEntry("", hint=_("Type a part of what you want to do; Enter does what is marked."))
        yield Menu(self._rows, hint=_("Enter does what is marked."))
        yield Lines(self._nothing, classes="nothing")

    @property
    def heading(self) -> Heading:
        return Heading(_("Find a command"))

    def first_focus(self) -> Widget | None:
        return self.query_one(FindEntry)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._look_for(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter may come before the list has followed what was typed."""
        event.stop()
        self._look_for(event.value)
        self._choose(self.query_one(Menu).marked)

    def _look_for(self, wanted: str) -> None:
        self._wanted = wanted.strip().lower()
        self.set_class(not self._matching(), "empty")
        self.query_one(Menu).show_rows(self._rows)
        self.query_one(".nothing", Lines).draw_again()

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        self._choose(event.key)

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.do_back()

    def _choose(self, key: str) -> None:
        entry = self._entries[int(key)] if key and self._matching() else None
        if entry is not None and entry.why_not:
            self.post_message(self.Say(_("Not now: {why}").format(why=entry.why_not)))
        elif entry is not None:
            self.post_message(self.Found(entry))

    def _matching(self) -> list[int]:
        """The places of the entries that have every word that was typed."""
        words = self._wanted.split()
        return [n for n, one in enumerate(self._entries) if all(word in one.title.lower() for word in words)]

    def _rows(self, width: int) -> Sequence[Row]:
        return [Row(str(number), self._lines(self._entries[number], width)) for number in self._matching()]

    def _lines(self, entry: Entry, width: int) -> tuple[Line, ...]:
        if not entry.why_not:
            return ((column(entry.title, max(10, width - 12)), Cell(f"  {entry.label}", "dim")),)
        why = _("not now: {why}").format(why=entry.why_not)
        return (text(entry.title, "dim"), *((Cell("  "), *line) for line in wrapped(why, width - 2, "dim")))

    def _nothing(self, width: int) -> Sequence[Line]:
        said = _("Nothing matches '{wanted}'. Esc goes back.").format(wanted=plain(self._wanted, 40))
        return wrapped(said, width)
