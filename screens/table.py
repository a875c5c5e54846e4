"""A table of many rows on Textual's line interface: only rows in sight are made, only changed ones are painted.

DataTable paints itself whole when one cell changes (8.3 KB where ten rows of a page change, by line 1.3 KB).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.style import Cell, Line, strip
from services.text import _

Draw = Callable[[str, int], Line]
"""The line of a key, for a width in cells."""


class Table(ScrollView, can_focus=True):
    """Rows of one line each, by key, with a mark that the arrows move."""

    DEFAULT_CSS = "Table { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }"

    @dataclass
    class Chosen(Message):
        """Enter was pressed on a row."""

        table: Table
        key: str

    @dataclass
    class Marked(Message):
        """The mark has moved to a row."""

        table: Table
        key: str

    def __init__(self, draw: Draw, *, hint: str = "", keys: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._keys: list[str] = []
        self._lines: dict[str, Line] = {}
        self._width = 0
        """For which the lines were made; a scroll bar that comes or goes changes it."""
        self._at = 0
        self.hint, self.keys = hint, keys or _("Up/Down move  Enter open")

    @property
    def marked(self) -> str:
        """The key of the marked row; empty where there is none."""
        return self._keys[self._at] if self._at < len(self._keys) else ""

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._keys)

    def show(self, keys: Sequence[str], mark: str = "") -> None:
        """Other rows, or the same in another state. The mark stays on its key, or goes to `mark`."""
        wanted = mark or self.marked
        before = {y: self._line(y) for y in self._in_sight()}
        grown = len(keys) != len(self._keys)
        self._keys, self._lines = list(keys), {}
        if wanted and (self._at >= len(self._keys) or self._keys[self._at] != wanted):
            self._at = next((n for n, key in enumerate(self._keys) if key == wanted), 0)
        self._at = min(self._at, max(0, len(self._keys) - 1))
        if grown:
            self.virtual_size = Size(self.size.width, len(self._keys))
        for y in self._in_sight():
            if before.get(y) != self._line(y):
                self.refresh_line(y)
        for y in before.keys() - set(self._in_sight()):
            self.refresh_line(y)
        if mark:
            self.call_after_refresh(self._see_mark)

    def _see_mark(self) -> None:
        """Scroll so that the marked row is in sight."""
        self.scroll_to_region(Region(0, self._at, self.size.width, 1), animate=False)

    def render_line(self, y: int) -> Strip:
        """One line of the visible part."""
        number = y + self.scroll_offset.y
        line = self._line(number) if number < len(self._keys) else ()
        return strip(line, self.rich_style, self.size.width)

    def _line(self, number: int) -> Line:
        if number >= len(self._keys):
            return ()
        key = self._keys[number]
        width = self.room
        if self._width != width:
            self._width, self._lines = width, {}
        if key not in self._lines:
            self._lines[key] = self._draw(key, width)
        line = self._lines[key]
        if number != self._at:
            return (Cell("  "), *line)
        style = "accent" if self.has_focus else "dim"
        bold = tuple(Cell(cell.text, cell.style or "bold") for cell in line) if self.has_focus else line
        return (Cell("> ", style), *bold)

    @property
    def room(self) -> int:
        """Cells of a line behind the mark. Where more rows than fit want a scroll bar, it is kept clear of it."""
        bar = 2 if len(self._keys) > self.size.height else 0
        return max(1, self.size.width - 2 - bar)

    def _in_sight(self) -> range:
        top = self.scroll_offset.y
        return range(top, min(top + self.size.height, len(self._keys)))

    def on_resize(self, _event: events.Resize) -> None:
        self._lines = {}
        self.virtual_size = Size(self.size.width, len(self._keys))
        self.refresh()

    def on_focus(self) -> None:
        self.refresh_line(self._at)

    def on_blur(self) -> None:
        self.refresh_line(self._at)

    def on_key(self, event: events.Key) -> None:
        """Arrows, page keys, Home and End; Enter chooses. Letters are commands here."""
        page = max(1, self.size.height - 1)
        steps = {"up": -1, "down": 1, "pageup": -page, "pagedown": page}
        ends = {"home": -len(self._keys), "end": len(self._keys)}
        by = steps.get(event.key, ends.get(event.key))
        if by is not None:
            event.stop()
            self._move_to(self._at + by)
        elif event.key == "enter" and self.marked:
            event.stop()
            self.post_message(self.Chosen(self, self.marked))

    def on_click(self, event: events.Click) -> None:
        """The mouse, where it is on, chooses too."""
        number = event.y + self.scroll_offset.y
        if number < len(self._keys):
            self._move_to(number)
            self.post_message(self.Chosen(self, self.marked))

    def _move_to(self, number: int) -> None:
        before, self._at = self._at, max(0, min(len(self._keys) - 1, number))
        if before != self._at:
            self.refresh_line(before)
            self.refresh_line(self._at)
            self._see_mark()
            self.post_message(self.Marked(self, self.marked))
