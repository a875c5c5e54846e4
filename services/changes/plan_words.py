"""What a plan looked at, in lines that a person can read; and in what two plans differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from services.changes.plan import Plan
from services.text import _


def looked_lines(plan: Plan) -> Iterator[str]:
    """All that the plan looked at, a line for each thing."""
    for key, value in _plain(plan.looked_at).items():
        if isinstance(value, Mapping) and all(isinstance(one, (Mapping, list)) for one in value.values()):
            for name, one in value.items():
                yield f"{key}, {short(name)}: {_told(one)}"
        else:
            yield f"{key}: {_told(value)}"


def differences(approved: Plan, fresh: Plan) -> list[str]:
    """What is otherwise in the fresh plan: each thing with what was approved and what is now."""
    before, now = _plain(approved.looked_at), _plain(fresh.looked_at)
    found = [
        _("{thing} was {was}, is {now}").format(
            thing=key, was=_told(before.get(key)), now=_told(now.get(key))
        )
        for key in sorted({*before, *now})
        if before.get(key) != now.get(key)
    ]
    return found or [_("what would be done")]


def short(name: str) -> str:
    """The names of things for a person: of an Azure id only its last part."""
    parts = name.split(", ")
    return ", ".join(part.rstrip("/").rsplit("/", 1)[-1] if part.startswith("/") else part for part in parts)


def _plain(value: Any) -> Any:
    """As it comes back from a plan file."""
    return json.loads(json.dumps(value, default=str))


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{short(key)} {_told(one)}" for key, one in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(_told(one) for one in value) or "-"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "-" if value in (None, "") else short(str(value))
