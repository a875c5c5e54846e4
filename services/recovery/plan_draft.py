"""A recovery plan while it is edited: each step makes another plan, nothing is asked of Azure.

A place is (group number, part, number in the part); parts are before, items, after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from services.problems.model import Problem, RefusedError
from services.recovery.item import ProtectedItem
from services.recovery.plans import (
    BOOT,
    FAILOVER,
    MANUAL,
    MOST_BOOT_GROUPS,
    MOST_ITEMS,
    SHUTDOWN,
    Action,
    Group,
    RecoveryPlan,
)
from services.recovery.vault import Vault
from services.text import _

BEFORE, ITEMS, AFTER, GROUP = "before", "items", "after", "group"
TO_AZURE = ("PrimaryToRecovery",)
One = TypeVar("One")
ALL_TYPES = ("TestFailover", "UnplannedFailover", "PlannedFailover")


@dataclass(frozen=True)
class Place:
    """Where something stands in a plan; part GROUP is the group itself."""

    group: int
    part: str = GROUP
    number: int = 0


def new_plan(vault: Vault, name: str, items: tuple[ProtectedItem, ...]) -> RecoveryPlan:
    """A plan with one boot group that holds these items, and the two groups that Azure gives every plan.

    RefusedError without any item.
    """
    if not items:
        what = _("A new recovery plan needs an item to begin with.")
        raise RefusedError(
            Problem("no-items", name, what, remedy=_("Pick items on the items page first: Space."))
        )
    return RecoveryPlan(
        id=vault.ref.child("replicationRecoveryPlans", name),
        name=name,
        primary=vault.ref.child("replicationFabrics", items[0].fabric),
        recovery="Microsoft Azure",
        deployment="ResourceManager",
        groups=(Group(SHUTDOWN), Group(FAILOVER), Group(BOOT, tuple(item.id for item in items))),
    )


def good_name(name: str) -> bool:
    """Whether a recovery plan may be called so, in a file and on a page alike."""
    return name.strip() == name and name != "" and all(sign.isalnum() or sign in "-_ ." for sign in name)


def name_rule() -> str:
    """What a name is made of, as a sentence."""
    return _("give letters, digits, hyphens, spaces and dots.")


def places(plan: RecoveryPlan) -> Iterator[Place]:
    """Every place of a plan in the order of its lines."""
    for number, group in enumerate(plan.groups):
        yield Place(number)
        yield from (Place(number, BEFORE, n) for n in range(len(group.before)))
        yield from (Place(number, ITEMS, n) for n in range(len(group.items)))
        yield from (Place(number, AFTER, n) for n in range(len(group.after)))


def add_group(plan: RecoveryPlan, after: int) -> RecoveryPlan:
    """An empty boot group behind group `after`. RefusedError at the service's limit."""
    if sum(group.kind == BOOT for group in plan.groups) >= MOST_BOOT_GROUPS:
        what = _("A recovery plan has at most {count} boot groups.").format(count=MOST_BOOT_GROUPS)
        raise RefusedError(Problem("too-many-groups", plan.name, what))
    first_boot = next((n for n, group in enumerate(plan.groups) if group.kind == BOOT), len(plan.groups))
    at = max(after + 1, first_boot)
    return replace(plan, groups=(*plan.groups[:at], Group(BOOT), *plan.groups[at:]))


def add_item(plan: RecoveryPlan, group: int, item: ProtectedItem) -> RecoveryPlan:
    """An item in a boot group. RefusedError where it is there already, or the plan is full."""
    if item.id.lower() in {id_.lower() for id_ in plan.members}:
        what = _("It is in this recovery plan already.")
        raise RefusedError(Problem("item-twice", item.title, what))
    if len(plan.members) >= MOST_ITEMS:
        what = _("A recovery plan holds at most {count} machines.").format(count=MOST_ITEMS)
        raise RefusedError(Problem("too-many-items", plan.name, what))
    _boot(plan, group)
    return _with(plan, group, replace(plan.groups[group], items=(*plan.groups[group].items, item.id)))


def add_manual(plan: RecoveryPlan, group: int, part: str, name: str, instructions: str) -> RecoveryPlan:
    """A manual action before or after a group, in every failover to Azure."""
    action = Action(name, MANUAL, ALL_TYPES, TO_AZURE, {"description": instructions})
    old = plan.groups[group]
    new = (
        replace(old, before=(*old.before, action))
        if part == BEFORE
        else replace(old, after=(*old.after, action))
    )
    return _with(plan, group, new)


def remove(plan: RecoveryPlan, place: Place) -> RecoveryPlan:
    """The plan without what stands at a place. RefusedError for a group that is not empty or is the service's."""
    group = plan.groups[place.group]
    if place.part == GROUP:
        if group.kind != BOOT or group.items or group.before or group.after:
            what = _("Only an empty boot group can be removed.")
            raise RefusedError(Problem("group-in-use", plan.name, what))
        return replace(plan, groups=(*plan.groups[: place.group], *plan.groups[place.group + 1 :]))
    number = place.number
    if place.part == BEFORE:
        return _with(plan, place.group, replace(group, before=_without(group.before, number)))
    if place.part == AFTER:
        return _with(plan, place.group, replace(group, after=_without(group.after, number)))
    return _with(plan, place.group, replace(group, items=_without(group.items, number)))


def move(plan: RecoveryPlan, place: Place, by: int) -> tuple[RecoveryPlan, Place]:
    """An item to the boot group before (-1) or behind (+1); an action up or down within its part."""
    group = plan.groups[place.group]
    if place.part == ITEMS:
        there = place.group + by
        _boot(plan, there)
        item = group.items[place.number]
        out = remove(plan, place)
        into = replace(out.groups[there], items=(*out.groups[there].items, item))
        return _with(out, there, into), Place(there, ITEMS, len(into.items) - 1)
    if place.part in (BEFORE, AFTER):
        line = list(group.before if place.part == BEFORE else group.after)
        to = place.number + by
        if 0 <= to < len(line):
            line[place.number], line[to] = line[to], line[place.number]
            new = (
                replace(group, before=tuple(line))
                if place.part == BEFORE
                else replace(group, after=tuple(line))
            )
            return _with(plan, place.group, new), Place(place.group, place.part, to)
    return plan, place


def _without(line: tuple[One, ...], number: int) -> tuple[One, ...]:
    return line[:number] + line[number + 1 :]


def _boot(plan: RecoveryPlan, group: int) -> None:
    if not 0 <= group < len(plan.groups) or plan.groups[group].kind != BOOT:
        what = _("Machines stand in boot groups; there is none there.")
        raise RefusedError(Problem("no-boot-group", plan.name, what, remedy=_("Add a group first.")))


def _with(plan: RecoveryPlan, number: int, group: Group) -> RecoveryPlan:
    return replace(plan, groups=(*plan.groups[:number], group, *plan.groups[number + 1 :]))
