"""Foreign text made harmless, and messages in the reader's language."""

from __future__ import annotations

import gettext
import unicodedata
from importlib import resources

_translations: gettext.NullTranslations = gettext.NullTranslations()

_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
REPLACEMENT = "?"


def languages() -> tuple[str, ...]:
    """What --lang takes: English, and each language that there is a translation into."""
    folder = resources.files("assets") / "locale"
    found = [one.name for one in folder.iterdir() if one.is_dir()] if folder.is_dir() else []
    return ("en", *sorted(set(found) - {"en"}))


def use_language(language: str) -> None:
    """Choose the language of messages; an unknown one leaves English, the source language."""
    global _translations
    folder = resources.files("assets") / "locale"
    _translations = gettext.translation("lifeboat", str(folder), [language], fallback=True)


def _(message: str) -> str:
    """The message in the chosen language; `message` is the English source text and its id."""
    return _translations.gettext(message) if message else ""


def rough_span(seconds: float) -> str:
    """A length of time in its largest unit: 43 s, 12 min, 3 h, 2 d."""
    whole = int(seconds)
    if whole < 100:
        return _("{count} s").format(count=whole)
    if whole < 7200:
        return _("{count} min").format(count=whole // 60)
    if whole < 172800:
        return _("{count} h").format(count=whole // 3600)
    return _("{count} d").format(count=whole // 86400)


def plain(foreign: str, limit: int = 2000) -> str:
    """Text from outside on one line: no control, escape, bidi or unassigned characters, at most `limit` long.

    What is removed is replaced by `?` so that nobody is fooled by what is missing; line breaks and tabs
    become blanks.
    """
    shown = "".join(_harmless(character) for character in foreign[:limit])
    return shown + " ..." if len(foreign) > limit else shown


def lines(foreign: str, limit: int = 20_000) -> list[str]:
    """Text from outside as harmless lines, for a page that shows command output."""
    return [plain(line) for line in foreign[:limit].splitlines()]


def _harmless(character: str) -> str:
    if character in "\t\r\n":
        return " "
    if character in _BIDI or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return REPLACEMENT
    return character
