"""Find a command by typing a part of what it does: the palette, as a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from screens.lines import Menu, Row
from screens.page import Heading, Page
from screens.step.fields import TextEntry
from screens.style import Cell, column
from services.text import _


@dataclass(frozen=True)
class Entry:
    """Something to find: its title, its key where it has one, and what it does."""

    title: str
    label: str
    act: Callable[[], None]


class FindEntry(TextEntry):
    """The text that is looked for. Down goes to what was found, Enter takes the first."""

    def wants_enter(self) -> bool:
        return True


class FindPage(Page):
    """All commands of a page and of the program, and every step."""

    DEFAULT_CSS = "FindPage Menu { height: 1fr; overflow-y: auto; margin-top: 1; }"

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
        self.query_one(Menu).show_rows(self._rows)

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        self._choose(event.key)

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.do_back()

    def _choose(self, key: str) -> None:
        if key:
            self.post_message(self.Found(self._entries[int(key)]))

    def _rows(self, width: int) -> Sequence[Row]:
        return [
            Row(str(number), ((column(entry.title, max(10, width - 12)), Cell(f"  {entry.label}", "dim")),))
            for number, entry in enumerate(self._entries)
            if all(word in entry.title.lower() for word in self._wanted.split())
        ]
