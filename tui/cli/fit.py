"""Rows of a list on a terminal: what does not fit its width goes on below, and a cut name is marked."""

from __future__ import annotations

import shutil
import sys
import textwrap

INDENT = "    "
LEAST = 20
"""Columns that a name keeps on the narrowest terminal."""
MARK = "..."


def terminal_width() -> int | None:
    """The columns of the terminal that stdout is; None where it is none: what is piped stays on one line."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def fitted(name: str, middle: str, rest: str, width: int | None) -> str:
    """A row as it is where it fits; else `rest` on lines of its own, and a name too long for `middle` cut."""
    whole = f"{name}{middle}{rest}"
    if width is None or len(whole.rstrip()) <= width:
        return whole
    room = max(LEAST, width - len(middle.rstrip()))
    if len(name.rstrip()) > room:
        name = name[: room - len(MARK)] + MARK
    below = textwrap.wrap(
        rest,
        width,
        initial_indent=INDENT,
        subsequent_indent=INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join([f"{name}{middle}".rstrip(), *below])
