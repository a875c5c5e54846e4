"""Words for looks: lines are made of cells, a cell is a text and the name of its style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


class Cell(NamedTuple):
    """A piece of a line. `style` is a name of STYLES, empty for ordinary text."""

    text: str
    style: str = ""


Line = tuple[Cell, ...]

STYLES = {
    "": Style(),
    "bold": Style(bold=True),
    "dim": Style(dim=True),
    "good": Style(color="green"),
    "warn": Style(color="yellow"),
    "bad": Style(color="red", bold=True),
    "accent": Style(color="cyan", bold=True),
    "mark": Style(reverse=True, bold=True),
}
"""Colours of the terminal's own palette: readable on light and on dark, and half the bytes."""

STATE_STYLES = {
    "done": "good",
    "ok": "good",
    "again": "warn",
    "warning": "warn",
    "unknown": "warn",
    "waived": "warn",
    "failed": "bad",
    "blocked": "bad",
    "gone": "bad",
    "runs": "accent",
}
"""How states are tinted; the word is there without any colour."""


def text(content: str, style: str = "") -> Line:
    """A line of one piece."""
    return (Cell(content, style),)


def column(content: str, width: int, style: str = "", *, right: bool = False) -> Cell:
    """A piece cut or padded to a width in terminal cells."""
    if cell_len(content) > width:
        cut = max(0, width - 2)
        return Cell(set_cell_size(content, cut) + ".." if width > 4 else set_cell_size(content, width), style)
    if right:
        return Cell(" " * (width - cell_len(content)) + content, style)
    return Cell(set_cell_size(content, width), style)


def cell(content: str, width: int, style: str = "") -> Cell:
    """A column of a table: as `column`, with a blank before the next one."""
    return Cell(column(content, max(0, width - 1), style).text + " " * min(1, width), style)


def state(word: str, width: int = 7) -> Cell:
    """A state in its column."""
    return column(word, width, STATE_STYLES.get(word, ""))


def wrapped(content: str, width: int, style: str = "", indent: str = "") -> list[Line]:
    """Text as lines of at most `width` cells, the later ones indented."""
    import textwrap

    # Names and paths have hyphens: they are read, and copied, in one piece.
    pieces = textwrap.wrap(content, max(10, width), subsequent_indent=indent, break_on_hyphens=False)
    return [text(piece, style) for piece in pieces]


def beside(lead: Line, pieces: Sequence[Line]) -> list[Line]:
    """Lines beside what leads the first of them; under it the others are indented."""
    indent = Cell(" " * sum(cell_len(cell.text) for cell in lead))
    return [(*(lead if number == 0 else (indent,)), *piece) for number, piece in enumerate(pieces)]


def strip(line: Line, base: Style, width: int) -> Strip:
    """A line as Textual draws it, exactly `width` cells wide."""
    segments: Iterable[Segment] = (
        Segment(cell.text, base + STYLES[cell.style] if cell.style else base) for cell in line
    )
    return Strip(segments).adjust_cell_length(width, base)


def as_text(lines: Sequence[Line]) -> str:
    """Lines as they read, without styles: for the clipboard and for tests."""
    return "\n".join("".join(cell.text for cell in line).rstrip() for line in lines)
