"""The few marks that are drawn: a set for every terminal, and a finer one where Unicode arrives whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Glyphs:
    """Marks of one cell each, none of ambiguous width."""

    rule: str
    bar: str
    mark: str
    more: str


ASCII = Glyphs(rule="-", bar="|", mark=">", more="...")
UNICODE = Glyphs(rule="\u2500", bar="\u2502", mark=">", more="...")


def glyphs(*, ascii_only: bool) -> Glyphs:
    return ASCII if ascii_only else UNICODE
