"""A page of text to read: it scrolls, and Esc goes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.fold import Fold
from screens.lines import Draw, Lines
from screens.page import Heading, Page
from screens.style import Line, as_text

COPY = Command("copy", "y", "copy", "Hand the text to the terminal's clipboard")


class Text(Lines, can_focus=True):
    """Text with the focus, so that the arrows scroll it."""

    DEFAULT_CSS = "Text { height: 1fr; overflow-y: auto; scrollbar-size-vertical: 1; }"
    keys = "Up/Down scroll"
    bar = 2

    def turn(self, key: str) -> bool:
        """Scroll by a page from outside, without the focus; False for another key."""
        moves = {"pagedown": self.scroll_page_down, "pageup": self.scroll_page_up}
        if key in moves:
            moves[key](animate=False)
        return key in moves

    def on_key(self, event: events.Key) -> None:
        moves: dict[str, Callable[..., None]] = {
            "up": self.scroll_up,
            "down": self.scroll_down,
            "pageup": self.scroll_page_up,
            "pagedown": self.scroll_page_down,
            "space": self.scroll_page_down,
            "home": self.scroll_home,
            "end": self.scroll_end,
        }
        if event.key in moves:
            event.stop()
            moves[event.key](animate=False)


class ReaderPage(Page):
    """Something to read."""

    def __init__(self, title: str, draw: Draw) -> None:
        super().__init__()
        self._title, self._draw = title, draw

    def compose(self) -> ComposeResult:
        text = Text(self._draw)
        yield text
        yield Fold(text)

    @property
    def heading(self) -> Heading:
        return Heading(self._title)

    @property
    def commands(self) -> tuple[Command, ...]:
        return (BACK, COPY)

    def first_focus(self) -> Widget | None:
        return self.query_one(Text)

    def do_copy(self) -> None:
        self.post_message(self.Copy(as_text(self.query_one(Text).lines)))


def page_of(title: str, draw: Callable[[int], Sequence[Line]]) -> Callable[[], ReaderPage]:
    """How a page of text is made, and made again when one comes back to it."""
    return lambda: ReaderPage(title, draw)
