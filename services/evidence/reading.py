"""A record from its JSON, field by field; a foreign shape is refused by its path."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from services.evidence.model import FORMAT, Record

Shape = TypeVar("Shape")


def record_from(document: Any) -> Record:
    """The record of a parsed record.json. ValueError names the path that does not fit."""
    found = _dataclass(Record, document, "")
    if found.format != FORMAT:
        raise ValueError(f"format: {found.format} is not {FORMAT}")
    return found


def _dataclass(kind: type[Shape], value: Any, path: str) -> Shape:
    if not isinstance(value, dict):
        raise ValueError(f"{path or 'record'}: not an object")
    hints = types_of(cast(Any, kind))
    unknown = sorted(set(value) - set(hints))
    if unknown:
        raise ValueError(f"{_join(path, unknown[0])}: unknown")
    given = {key: _value(hints[key], part, _join(path, key)) for key, part in value.items()}
    try:
        return kind(**given)
    except TypeError as error:
        raise ValueError(f"{path or 'record'}: incomplete") from error


def _value(kind: Any, value: Any, path: str) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, value, path)
    if get_origin(kind) is list:
        if not isinstance(value, list):
            raise ValueError(f"{path}: not a list")
        return [_value(get_args(kind)[0], part, f"{path}.{number}") for number, part in enumerate(value)]
    if not _fits(kind, value):
        raise ValueError(f"{path}: not what stands there")
    return value


def _fits(kind: Any, value: Any) -> bool:
    if isinstance(kind, types.UnionType):
        return any(_fits(part, value) for part in get_args(kind))
    if kind in (float, int):
        return isinstance(value, (int, float) if kind is float else int) and not isinstance(value, bool)
    return isinstance(value, kind)


@cache
def types_of(kind: Any) -> dict[str, Any]:
    """The declared type of each field of a dataclass."""
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in fields(kind)}


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
