"""The terminal before Textual is imported: whether it will do, and what it can show."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from services.text import _

DUMB = frozenset(("", "dumb", "unknown", "network"))
MANY_COLOURS = ("256", "-direct", "kitty", "alacritty", "foot")
"""Parts of TERM values of terminals with 256 colours; the others have 16, or fewer."""


@dataclass(frozen=True)
class Terminal:
    """What this terminal can do. `colours` is 16, 256 or 16777216; `ssh`: it is at the end of a link."""

    columns: int
    rows: int
    ascii: bool
    colours: int
    ssh: bool


def complaint(environment: Mapping[str, str]) -> str | None:
    """Why no screen can be drawn here, as one sentence that says what will do; None where it can."""
    if not (_is_terminal(0) and _is_terminal(2)):
        why = _("Standard input and standard error must be a terminal.")
    elif not _is_terminal(1):
        why = _("Standard output is not a terminal, so its reader would get no pages.")
    elif environment.get("TERM", "").lower() in DUMB:
        why = _("The terminal type TERM='{term}' cannot draw pages.").format(
            term=environment.get("TERM", "").encode("ascii", "replace").decode()
        )
    else:
        return None
    return why + " " + _("Use 'lifeboat --plain', or 'lifeboat run --answers FILE' without questions.")


def examine(environment: Mapping[str, str], *, ascii_only: bool = False) -> Terminal:
    """What can be drawn here. A size of 0, as serial consoles report it, counts as 80x24."""
    columns, rows = _size()
    return Terminal(
        columns=columns or 80,
        rows=rows or 24,
        ascii=ascii_only or not _speaks_unicode(environment) or _few_glyphs(environment),
        colours=_colours(environment),
        ssh=any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")),
    )


def prepare(environment: MutableMapping[str, str], terminal: Terminal) -> None:
    """Set what Textual reads when it is imported: no motion anywhere, colours as the terminal has them."""
    environment["TEXTUAL_ANIMATIONS"] = "none"
    environment["TEXTUAL_SMOOTH_SCROLL"] = "0"
    named = {16: "standard", 256: "256", 1 << 24: "truecolor"}
    environment.setdefault("TEXTUAL_COLOR_SYSTEM", named[terminal.colours])
    # A serial console reports no size; what is not known is 80x24, and known sizes stay the terminal's.
    if _size() == (0, 0):
        environment.setdefault("COLUMNS", str(terminal.columns))
        environment.setdefault("LINES", str(terminal.rows))


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _size() -> tuple[int, int]:
    try:
        size = os.get_terminal_size(2)
    except OSError:
        return 0, 0
    return size.columns, size.lines


def _speaks_unicode(environment: Mapping[str, str]) -> bool:
    """Whether what Textual writes (to the original stderr, in its encoding) arrives as it was meant."""
    encoding = getattr(sys.__stderr__, "encoding", None) or "ascii"
    return _is_unicode(encoding) and _is_unicode(_locale_charset(environment))


def _locale_charset(environment: Mapping[str, str]) -> str:
    """What the user's locale says of the terminal; UTF-8 where it says nothing.

    Python itself writes UTF-8 where the locale is C, or is not installed here (PEP 538 and 540): it sets
    LC_CTYPE to C.UTF-8 then, which is no word of the user's.
    """
    coerced = environment.get("LC_CTYPE") == "C.UTF-8"
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next(filter(None, (environment.get(name) for name in names)), "")
    if locale in ("C", "POSIX"):
        return "ascii"
    return locale.partition(".")[2].partition("@")[0] or "utf-8"


def _is_unicode(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name in ("utf-8", "utf-16", "utf-32")
    except LookupError:
        return False


def _few_glyphs(environment: Mapping[str, str]) -> bool:
    """The Linux console has a font of 256 or 512 glyphs; lines and blocks need not be among them."""
    return environment.get("TERM", "").lower().partition("-")[0] == "linux"


def _colours(environment: Mapping[str, str]) -> int:
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return 1 << 24
    term = environment.get("TERM", "").lower()
    return 256 if any(part in term for part in MANY_COLOURS) else 16
