"""Errors whose cause is known, from the asset that lists them with source and date."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Known:
    """One known error. Texts are English; `prevented_by` is the id of the check that finds it beforehand."""

    codes: tuple[str, ...]
    title: str
    cause: str
    fix: str
    check: str
    prevented_by: str
    source: str
    match: tuple[str, ...]


def known(*codes: str, text: str = "") -> Known | None:
    """The first known error of these codes, else the first whose words stand in `text`; None: not known."""
    by_code = _by_code()
    for code in codes:
        if code.casefold() in by_code:
            return by_code[code.casefold()]
    return next((one for one in _all() if any(words in text for words in one.match)), None)


@cache
def _by_code() -> dict[str, Known]:
    return {code.casefold(): one for one in _all() for code in one.codes}


@cache
def _all() -> tuple[Known, ...]:
    text = (resources.files("assets") / "errors" / "known.json").read_text(encoding="utf-8")
    return tuple(_parse(entry) for entry in json.loads(text)["errors"])


def _parse(entry: dict[str, object]) -> Known:
    def one(key: str) -> str:
        return str(entry.get(key) or "")

    def several(key: str) -> tuple[str, ...]:
        found = entry.get(key)
        return tuple(str(item) for item in found) if isinstance(found, list) else ()

    return Known(
        codes=several("codes"),
        title=one("title"),
        cause=one("cause"),
        fix=one("fix"),
        check=one("check"),
        prevented_by=one("prevented_by"),
        source=", ".join(part for part in (one("source"), one("date")) if part),
        match=several("match"),
    )
