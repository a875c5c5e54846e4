"""Operators of the small PowerShell."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.practice.machines.windows.values import Thing, items, number, text, truth

Binary = Callable[[Any, Any], Any]


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return left.lower() == text(right).lower()
    if isinstance(left, int | float) and right is not None:
        return number(left) == number(right)
    return bool(left == right)


def _compared(test: Callable[[Any, Any], bool]) -> Binary:
    def compare(left: Any, right: Any) -> bool:
        if isinstance(left, str):
            return test(left.lower(), text(right).lower())
        return test(number(left or 0), number(right or 0))

    return compare


def _filtering(test: Callable[[Any, Any], bool]) -> Binary:
    """A comparison with a list on the left gives the items for which it holds."""

    def compare(left: Any, right: Any) -> Any:
        if isinstance(left, list):
            return [item for item in left if test(item, right)]
        return test(left, right)

    return compare


def _formatted(form: Any, values: Any) -> str:
    given = values if isinstance(values, list) else [values]

    def one(found: re.Match[str]) -> str:
        value = given[int(found[1])]
        if found[2] and isinstance(value, datetime):
            return dotnet_date(value, found[2])
        if found[2] and found[2][0] in "nNfF":
            return f"{float(value):.{found[2][1:] or '2'}f}"
        return text(value)

    return re.sub(r"\{(\d+)(?::([^}]*))?\}", one, text(form))


def dotnet_date(moment: datetime, form: str) -> str:
    """A moment by a .NET format such as yyyy-MM-ddTHH:mm:ssZ, or `o`, `s`, `u`."""
    standard = {
        "o": "yyyy-MM-ddTHH:mm:ss.fffffffZ",
        "s": "yyyy-MM-ddTHH:mm:ss",
        "u": "yyyy-MM-dd HH:mm:ssZ",
    }
    signs = {
        "yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "fffffff": "%f0", "fff": "%f",
    }  # fmt: skip
    form = standard.get(form, form).replace("'", "").replace("\\", "")
    pattern = "yyyy|MM|dd|HH|mm|ss|fffffff|fff"
    return re.sub(pattern, lambda found: _piece(moment, found[0], signs), form)


def _piece(moment: datetime, sign: str, signs: dict[str, str]) -> str:
    shown = moment.strftime(signs[sign])
    return shown[:3] if sign == "fff" else shown


def _replaced(left: Any, right: Any) -> str:
    pair = right if isinstance(right, list) else [right, ""]
    return re.sub(text(pair[0]), text(pair[1]), text(left), flags=re.I)


def plus(left: Any, right: Any) -> Any:
    """Addition: of numbers, strings, lists; a moment and a span are not needed."""
    if isinstance(left, list):
        return left + items(right)
    if isinstance(left, str) or (left is None and isinstance(right, str)):
        return text(left) + text(right)
    return number(left or 0) + number(right or 0)


def minus(left: Any, right: Any) -> Any:
    """Subtraction; of two moments it gives a TimeSpan."""
    if isinstance(left, datetime) and isinstance(right, datetime):
        seconds = (left - right).total_seconds()
        return Thing({"TotalSeconds": seconds, "TotalMinutes": seconds / 60}, kind="System.TimeSpan")
    return number(left or 0) - number(right or 0)


COMPARISONS: dict[str, Binary] = {
    "eq": _filtering(_equal),
    "ne": _filtering(lambda left, right: not _equal(left, right)),
    "gt": _filtering(_compared(lambda left, right: bool(left > right))),
    "ge": _filtering(_compared(lambda left, right: bool(left >= right))),
    "lt": _filtering(_compared(lambda left, right: bool(left < right))),
    "le": _filtering(_compared(lambda left, right: bool(left <= right))),
    "like": _filtering(lambda left, right: fnmatch.fnmatch(text(left).lower(), text(right).lower())),
    "notlike": _filtering(lambda left, right: not fnmatch.fnmatch(text(left).lower(), text(right).lower())),
    "match": _filtering(lambda left, right: bool(re.search(text(right), text(left), re.I))),
    "notmatch": _filtering(lambda left, right: not re.search(text(right), text(left), re.I)),
    "contains": lambda left, right: any(_equal(item, right) for item in items(left)),
    "replace": _replaced,
    "split": lambda left, right: re.split(text(right), text(left)),
    "join": lambda left, right: text(right).join(text(item) for item in items(left)),
}
LOGIC: dict[str, Binary] = {
    "and": lambda left, right: truth(left) and truth(right),
    "or": lambda left, right: truth(left) or truth(right),
}
ARITHMETIC: dict[str, Binary] = {
    "+": plus,
    "-": minus,
    "*": lambda left, right: number(left) * number(right),
    "/": lambda left, right: number(left) / number(right),
    "%": lambda left, right: number(left) % number(right),
}
FORMAT: Binary = _formatted
