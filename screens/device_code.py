"""Sign-in by device code: the code large enough to read across a desk, and as text to copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screens.style import Line, text, wrapped
from services.text import _, plain

# Five rows of five cells for each character that a code can hold, from top to bottom.
_ROWS = {
    "A": "01110 10001 11111 10001 10001",
    "B": "11110 10001 11110 10001 11110",
    "C": "01111 10000 10000 10000 01111",
    "D": "11110 10001 10001 10001 11110",
    "E": "11111 10000 11110 10000 11111",
    "F": "11111 10000 11110 10000 10000",
    "G": "01111 10000 10011 10001 01111",
    "H": "10001 10001 11111 10001 10001",
    "I": "01110 00100 00100 00100 01110",
    "J": "00111 00010 00010 10010 01100",
    "K": "10010 10100 11000 10100 10010",
    "L": "10000 10000 10000 10000 11111",
    "M": "10001 11011 10101 10001 10001",
    "N": "10001 11001 10101 10011 10001",
    "O": "01110 10001 10001 10001 01110",
    "P": "11110 10001 11110 10000 10000",
    "Q": "01110 10001 10101 10010 01101",
    "R": "11110 10001 11110 10010 10001",
    "S": "01111 10000 01110 00001 11110",
    "T": "11111 00100 00100 00100 00100",
    "U": "10001 10001 10001 10001 01110",
    "V": "10001 10001 10001 01010 00100",
    "W": "10001 10001 10101 11011 10001",
    "X": "10001 01010 00100 01010 10001",
    "Y": "10001 01010 00100 00100 00100",
    "Z": "11111 00010 00100 01000 11111",
    "0": "01110 10011 10101 11001 01110",
    "1": "00100 01100 00100 00100 01110",
    "2": "11110 00001 01110 10000 11111",
    "3": "11110 00001 01110 00001 11110",
    "4": "10010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 11110",
    "6": "01110 10000 11110 10001 01110",
    "7": "11111 00001 00010 00100 00100",
    "8": "01110 10001 01110 10001 01110",
    "9": "01110 10001 01111 00001 01110",
    "-": "00000 00000 11111 00000 00000",
}


def device_code_lines(event: Mapping[str, Any], width: int) -> list[Line]:
    """The code in letters five lines high where they fit, then address and code as text."""
    code = plain(str(event["code"]), 40)
    lines: list[Line] = [text("")]
    if len(code) * 6 <= width and all(letter in _ROWS for letter in code):
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
