"""A recovery plan as rows: its groups in their order, in each the actions and machines, with their places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from screens.console.vault_desk import VaultDesk
from screens.style import Cell, Line, beside, column, text, wrapped
from services.azure.ids import last
from services.recovery.plan_draft import BEFORE, GROUP, ITEMS, Place, places
from services.recovery.plan_edit import group_title
from services.recovery.plans import BOOT, Action
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.plans import RecoveryPlan

_LEAD = 12


def titles_of(console: VaultDesk) -> Mapping[str, str]:
    """The items' titles by id in lower case, as of the last look."""
    seen = console.seen
    return {id_.lower(): item.title for id_, item in seen.items.items()} if seen is not None else {}


def plan_rows(plan: RecoveryPlan, titles: Mapping[str, str], width: int) -> list[tuple[Place, list[Line]]]:
    """Every place of a plan with its lines."""
    found, number = [], 0
    for place in places(plan):
        group = plan.groups[place.group]
        if place.part == GROUP:
            number += group.kind == BOOT
            lines = [text(plain(group_title(group.kind, number)), "bold")]
        elif place.part == ITEMS:
            name = titles.get(group.items[place.number].lower(), _("a machine that is gone"))
            lines = _beside(_("machine"), name, width)
        else:
            before = place.part == BEFORE
            action = (group.before if before else group.after)[place.number]
            lines = _beside(_("before") if before else _("after"), _said(action), width)
        found.append((place, lines))
    return found


def _said(action: Action) -> str:
    """An action with what it does, and with the failovers it is for where these are not all."""
    values = [str(value) for _key, value in sorted(action.details.items()) if value]
    told = ", ".join(last(value) if value.startswith("/") else value for value in values)
    said = f"{action.kind} {action.name}" + (f": {told}" if told else "")
    if {"TestFailover", "UnplannedFailover"} <= set(action.failover_types):
        return said
    known = {"TestFailover": _("a drill"), "UnplannedFailover": _("a failover")}
    known["PlannedFailover"] = _("a planned failover")
    types = ", ".join(known.get(one, one) for one in action.failover_types)
    return _("{action} (only in {types})").format(action=said, types=types or "-")


def _beside(word: str, said: str, width: int) -> list[Line]:
    return beside((Cell("  "), column(word, _LEAD - 2, "dim")), wrapped(plain(said), width - _LEAD))
