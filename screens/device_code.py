"""Sign-in by device code: the code large enough to read across a desk, and as text to copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screens.style import Line, text, wrapped
from services.text import _, plain

# Five rows of four cells for each character that a code can hold, from top to bottom.
_ROWS = {
    "A": "0110 1001 1111 1001 1001",
    "B": "1110 1001 1110 1001 1110",
    "C": "0111 1000 1000 1000 0111",
    "D": "1110 1001 1001 1001 1110",
    "E": "1111 1000 1110 1000 1111",
    "F": "1111 1000 1110 1000 1000",
    "G": "0111 1000 1011 1001 0111",
    "H": "1001 1001 1111 1001 1001",
    "I": "1110 0100 0100 0100 1110",
    "J": "0011 0001 0001 1001 0110",
    "K": "1001 1010 1100 1010 1001",
    "L": "1000 1000 1000 1000 1111",
    "M": "1001 1111 1111 1001 1001",
    "N": "1001 1101 1011 1001 1001",
    "O": "0110 1001 1001 1001 0110",
    "P": "1110 1001 1110 1000 1000",
    "Q": "0110 1001 1001 1011 0111",
    "R": "1110 1001 1110 1010 1001",
    "S": "0111 1000 0110 0001 1110",
    "T": "1110 0100 0100 0100 0100",
    "U": "1001 1001 1001 1001 0110",
    "V": "1010 1010 1010 1010 0100",
    "W": "1001 1001 1111 1111 1001",
    "X": "1001 0110 0110 0110 1001",
    "Y": "1010 1010 0100 0100 0100",
    "Z": "1111 0001 0110 1000 1111",
    "0": "0110 1011 1101 1001 0110",
    "1": "0100 1100 0100 0100 1110",
    "2": "1110 0001 0110 1000 1111",
    "3": "1110 0001 0110 0001 1110",
    "4": "1010 1010 1111 0010 0010",
    "5": "1111 1000 1110 0001 1110",
    "6": "0110 1000 1110 1001 0110",
    "7": "1111 0001 0010 0100 0100",
    "8": "0110 1001 0110 1001 0110",
    "9": "0110 1001 0111 0001 0110",
    "-": "0000 0000 1110 0000 0000",
}
CELL = 5


def device_code_lines(event: Mapping[str, Any], width: int) -> list[Line]:
    """The code in letters five lines high where they fit, then address and code as text."""
    code = plain(str(event["code"]), 40)
    lines: list[Line] = [text("")]
    if len(code) * CELL <= width and all(letter in _ROWS for letter in code):
        lines += [text(row, "accent") for row in large(code)]
        lines.append(text(""))
    lines += [
        text(_("Open in a browser, here or anywhere else"), "bold"),
        text("  " + plain(str(event["url"])), "accent"),
    ]
    lines += [text(_("and type this code"), "bold"), text("  " + code, "accent")]
    lines += wrapped(
        _("y hands the code to the terminal's clipboard. This page goes on by itself."), width, "dim"
    )
    return lines


def large(code: str) -> list[str]:
    """A code as five rows of marks."""
    rows = [_ROWS[letter].split() for letter in code]
    return [" ".join(row[y].replace("1", "#").replace("0", " ") for row in rows) for y in range(5)]
