"""A change plan: what will be created, changed or started, said before it is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.problems.model import Problem, RefusedError
from services.text import _


@dataclass(frozen=True)
class Change:
    """One line of a plan. `name` is the thing's own.

    `kind` is create, change, start, send, wait, write, read, clean or delete.
    """

    kind: str
    thing: str
    name: str
    detail: str = ""


@dataclass(frozen=True)
class Plan:
    """What an action will do, and a digest of what it looked at.

    An empty plan means that everything is already as wished. `needs` are the Azure permissions it takes;
    `irreversible` names what cannot be undone. `begun`: when somebody asked for it, ISO UTC of the world, where a
    clock runs from there; it is no part of the digest.
    """

    action: str
    changes: tuple[Change, ...] = ()
    needs: tuple[str, ...] = ()
    looked_at: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    begun: str = ""

    @property
    def empty(self) -> bool:
        return not self.changes

    @property
    def digest(self) -> str:
        """SHA-256 over the changes and over what the plan looked at, as hex."""
        seen = {"changes": [vars(change) for change in self.changes], "looked_at": self.looked_at}
        return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()


def within(shown: Plan, fresh: Plan) -> Plan:
    """The fresh plan, when it does nothing that the shown one did not name; else RefusedError."""
    if not _names(fresh) <= _names(shown):
        refuse_if_moved(shown, fresh)
    return fresh


def _names(plan: Plan) -> set[tuple[str, str, str]]:
    return {(change.kind, change.thing, change.name) for change in plan.changes}


def refuse_if_moved(shown: Plan, fresh: Plan) -> None:
    """Raise when the world is no longer what the shown plan looked at, naming the difference.

    That less is left to do than was shown is no surprise: somebody has done it meanwhile.
    """
    if shown.digest == fresh.digest or _names(fresh) < _names(shown):
        return
    moved = sorted(
        key
        for key in {*shown.looked_at, *fresh.looked_at}
        if shown.looked_at.get(key) != fresh.looked_at.get(key)
    )
    raise RefusedError(
        Problem(
            "plan-moved",
            shown.action,
            _("What the plan looked at has changed since it was shown: {things}.").format(
                things=", ".join(moved) or _("the changes themselves")
            ),
            remedy=_("Look at the new plan and confirm that one."),
        )
    )
