"""The frame around every page: where you are, title and state, help or error, keys. Each is one line."""

from __future__ import annotations

from rich.cells import cell_len
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from screens.style import Cell, Line, column, strip, text, wrapped

HELP_HEIGHT = 2
MORE = " ... F1"
LEGIBLE = 8
"""Cells below which a piece of a text says nothing."""


class OneLine(Widget, can_focus=False):
    """One line of fixed height; painted only when it changes."""

    DEFAULT_CSS = "OneLine { height: 1; width: 1fr; }"

    def __init__(self, line: Line = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.line = line

    def show(self, line: Line) -> None:
        if line != self.line:
            self.line = line
            self.refresh()

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        return strip(self.line, base, self.size.width) if y == 0 else Strip.blank(self.size.width, base)


class HelpLines(Widget, can_focus=False):
    """Help or error of what has the focus. Two lines, so that a sentence is readable whole."""

    DEFAULT_CSS = "HelpLines { height: 2; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.line: Line = ()

    @property
    def text(self) -> str:
        return "".join(cell.text for cell in self.line)

    def show(self, sentence: str, style: str = "") -> None:
        """Say something else."""
        line = text(sentence, style)
        if line != self.line:
            self.line = line
            self.refresh()

    def render_line(self, y: int) -> Strip:
        style = self.line[0].style if self.line else ""
        lines = wrapped(self.text, self.size.width, style)
        if len(lines) > HELP_HEIGHT:
            second = lines[1][0].text[: max(0, self.size.width - len(MORE))]
            lines[1] = text(second + MORE, style)
        here = lines[y] if y < len(lines) else ()
        return strip(here, self.rich_style, self.size.width)


class Rule(OneLine):
    """A line across the page."""

    def __init__(self, glyph: str) -> None:
        super().__init__()
        self._glyph = glyph

    def render_line(self, _y: int) -> Strip:
        return strip((Cell(self._glyph * self.size.width, "dim"),), self.rich_style, self.size.width)


class AsciiBar(ScrollBarRender):
    """A scroll bar of whole cells: no block of a part of a cell."""

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8
    BLANK_GLYPH = " "


class Edge(Widget, can_focus=False):
    """A line down the page, between two columns."""

    DEFAULT_CSS = "Edge { width: 2; height: 1fr; }"

    def __init__(self, glyph: str) -> None:
        super().__init__()
        self._glyph = glyph

    def render_line(self, _y: int) -> Strip:
        return strip((Cell(self._glyph, "dim"),), self.rich_style, self.size.width)


def spread(left: Line, right: str, width: int) -> Line:
    """A line with something at its right end; that goes first where there is no room for both."""
    room = width - sum(cell_len(cell.text) for cell in left) - 2
    if room < 0:
        return tuple(column(cell.text, width, cell.style) for cell in left[:1])
    if cell_len(right) > room:
        right = column(right, room).text if room > LEGIBLE else ""
    return (*left, Cell(" " * (room + 2 - cell_len(right))), Cell(right, "dim"))
