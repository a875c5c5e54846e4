"""Versions of systems and kernels, read and compared as the support matrix means them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(r"^(\d{1,6}(?:\.\d{1,6})*)(?:\s+R(\d))?(?:\s+SP\s*(\d{1,2}))?(?=\s|$|-)", re.IGNORECASE)
_PARTS = re.compile(r"(\d+)|([a-z]+)")


@dataclass(frozen=True, order=True)
class Version:
    """`16.04` is (16, 4); `2012 R2` has release 2; `12 SP3` has pack 3."""

    numbers: tuple[int, ...]
    release: int = 0
    pack: int = 0

    def cut(self, places: int) -> Version:
        """The same with at most so many numbers: 7.3.1611 to two places is 7.3."""
        return Version(self.numbers[:places], self.release, self.pack)


def version(text: str) -> Version | None:
    """A version from its text, or None when there is none in it."""
    found = _VERSION.match(text.strip())
    if not found:
        return None
    numbers = tuple(int(part) for part in found[1].split("."))
    return Version(numbers, int(found[2] or 0), int(found[3] or 0))


def within(given: Version, lowest: Version, highest: Version) -> bool | None:
    """Whether a version lies in a documented range, both ends included, at the precision of the range.

    None when the given version is not precise enough to tell: `7` in 7.0 to 7.3.
    """
    places = max(len(lowest.numbers), len(highest.numbers))
    if len(given.numbers) >= places:
        return lowest <= given.cut(len(lowest.numbers)) and given.cut(len(highest.numbers)) <= highest
    known = len(given.numbers)
    if lowest.cut(known) <= given <= highest.cut(known):
        return None
    return False


@dataclass(frozen=True)
class Kernel:
    """A kernel release: its numbers in order, and the words that name its flavour (`generic`, `azure`)."""

    numbers: tuple[int, ...]
    words: tuple[str, ...]


def kernel(text: str) -> Kernel | None:
    """A kernel release as `uname -r` prints it; None when it does not begin with a number."""
    plain = text.strip().lower()[:200]
    if not plain[:1].isdigit():
        return None
    parts = _PARTS.findall(plain)
    numbers = tuple(int(number[:9]) for number, _word in parts if number)
    return Kernel(numbers, tuple(word for _number, word in parts if word))


def kernel_within(given: Kernel, lowest: Kernel, highest: Kernel) -> bool:
    """Whether a kernel of the same flavour lies in a documented range, both ends included."""
    return given.words in (lowest.words, highest.words) and lowest.numbers <= given.numbers <= highest.numbers


def kernel_at_least(given: str, lowest: str) -> bool:
    """Whether a Red Hat kernel is at least this one: 4.18.0-348.7.1.el8_5 against 4.18.0-348.5.1.el8_5."""
    mine, theirs = (kernel(text.lower().partition(".el")[0]) for text in (given, lowest))
    return mine is not None and theirs is not None and mine.numbers >= theirs.numbers
