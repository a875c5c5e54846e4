"""Questions on a line: what is asked, what stands there, and words that always work."""

from __future__ import annotations

import getpass
import shutil
import sys
import textwrap

from services.text import _, plain

BACK = "back"
HELP = "?"
QUIT = "quit"
LEAST = 20
"""Cells below which wrapping would only make the text longer."""


class Leave(Exception):
    """The person wants to end, or nobody answers any more."""


class Back(Exception):
    """The person wants to go back."""


def say(text: str = "") -> None:
    """A sentence on stdout, without any escape code; on a terminal no word is broken at its edge."""
    sys.stdout.write(_fitted(plain(text)) + "\n")
    sys.stdout.flush()


def _fitted(text: str) -> str:
    """The text in lines that fit the terminal, the later ones indented as the first; as it is elsewhere."""
    if not sys.stdout.isatty():
        return text
    width = shutil.get_terminal_size().columns - 1
    indent = " " * (len(text) - len(text.lstrip(" ")))
    if len(text) <= width or width <= len(indent) + LEAST:
        return text
    pieces = textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(pieces)


def ask(question: str, default: str = "") -> str:
    """What was typed, or the default for an empty line. Raises Back and Leave."""
    shown = f"{question} [{plain(default)}]: " if default else f"{question}: "
    sys.stdout.write(_fitted(shown.rstrip()) + " ")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        say()
        raise Leave
    typed = line.strip()
    if typed.lower() == QUIT:
        raise Leave
    if typed.lower() == BACK:
        raise Back
    return typed or default


def confirmed(question: str) -> bool:
    """Yes only for a yes: the safe answer is what an empty line gives."""
    return ask(question + " " + _("(yes or no)"), "no").lower() in ("yes", "y")


def ask_secret(caption: str) -> str:
    """A secret, without echo where there is a terminal."""
    try:
        return getpass.getpass(f"{plain(caption)}: ", stream=sys.stdout)
    except EOFError as error:
        say()
        raise Leave from error
