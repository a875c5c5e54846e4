"""The end of a drill: Azure is asked to delete its machines, and believed only after looking.

A clean-up is done when a new listing shows no machine, interface or disk of the drill; else it is pending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from shlex import quote
from typing import Any

from services.azure.ids import last
from services.changes.plan import Change, Plan
from services.evidence.anchor import anchor_text
from services.journal.model import OperationRow
from services.operations.asking import wait_until
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.recovery import acting, added, drill_network, drill_remains
from services.recovery.item import CLEANUP_PENDING, ProtectedItem, label, own_label, parse_item
from services.recovery.run import Run
from services.recovery.surroundings import test_machine
from services.recovery.vault import Vault
from services.recovery.verbs import CLEANUP, verb, why_not
from services.text import _, plain

OPERATION = "TestFailoverCleanup"
SETTLES = 120.0
"""World seconds that what Azure deletes may still be listed after the job has ended."""
NEEDS = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    "/replicationProtectedItems/testFailoverCleanup/action"
)
DONE, PENDING = "done", "cleanup-pending"
CONFIRMED = "confirmed-cleanup"
"""The fact of what the user has seen and agreed to: Plan.looked_at."""
Ask = Callable[[str], dict[str, str]]
"""Asks for a clean-up with these comments and follows it; gives back what failed, by a machine's title."""


@dataclass(frozen=True)
class Left:
    """What a clean-up came to. `things` are ids of what is still there, by the item's title; `added` of what a person
    had added to the machines: that is not waited for.
    """

    things: Mapping[str, tuple[str, ...]]
    failed: Mapping[str, str]
    added: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        return PENDING if self.failed or any(self.things.values()) else DONE


def plan(vault: Vault, items: Sequence[ProtectedItem]) -> Plan:
    """What a clean-up of these items' drills deletes. RefusedError where there is nothing to clean up."""
    changes = []
    there: dict[str, list[str]] = {}
    for item in items:
        found, networks = drill_remains.things(vault, item), drill_remains.networks(vault, item)
        nothing = OPERATION not in item.allowed and not _drilling(item) and not found and not networks
        if nothing and not _still_pending(vault, item):
            why = why_not(verb(CLEANUP), item)
            raise RefusedError(
                Problem("verb-not-allowed", item.title, _("There is nothing to clean up."), cause=why)
            )
        changes.append(Change("clean", "drill", label(item, items), test_machine(item)))
        changes += [Change("delete", _kind(id_), last(id_)) for id_ in found]
        changes += [Change("delete", "network", last(id_)) for id_ in networks]
        there[label(item, items)] = sorted(found)
    notes = [
        _("{name}: its drill still runs; it is awaited first.").format(name=item.title)
        for item in items
        if _drilling(item)
    ]
    moved = {label(item, items): _moved(item) for item in items}
    return Plan(CLEANUP, tuple(changes), (NEEDS,), {"there": there, "moved": moved}, tuple(notes))


def _moved(item: ProtectedItem) -> list[Any]:
    """What must not change between showing and sending; empty for a drill that still runs and is awaited."""
    moved = [] if _drilling(item) else item.moved
    return [list(one) if isinstance(one, tuple) else one for one in moved]


def confirm(run: Run, shown: Plan | None) -> None:
    """Keep what the user has seen and agreed to; it is compared right before sending."""
    if shown is not None:
        run.learn(**{CONFIRMED: dict(shown.looked_at)})


def cleanup(run: Run, items: Sequence[ProtectedItem], notes: str, ask: Ask | None = None) -> Left:
    """Clean up the drills of these items and look what is left. The notes, with the head of the journal's
    chain, are kept by Azure as the job's comments. `ask` asks for a recovery plan in the place of its items.
    """
    comments = _comments(run, notes)
    run.mark("cleanup-started")
    for item in items:
        drill_remains.know(run, item)
    failed = ask(comments) if ask else _ask_each(run, items, comments)
    things = {label(item, items): _listed(run, item) for item in items}
    failed = {**_still_waiting(run, items), **failed}
    made = (run.facts.get(f"{drill_remains.NETWORKS}.{item.name}") or [] for item in items)
    _remove_networks(run, list(dict.fromkeys(one for ids in made for one in ids)), things, items)
    tied = [id_ for item in items for id_ in run.facts.get(f"{added.ADDED}.{item.name}") or []]
    left = Left(things, failed, added.left(run.vault, tied))
    kept = {"things": {k: list(v) for k, v in things.items()}, "failed": failed, "added": list(left.added)}
    run.learn(left=kept)
    run.mark("listed")
    run.emit(
        {"event": "cleanup", "outcome": left.outcome, "left": {k: list(v) for k, v in things.items() if v}}
    )
    return left


def _ask_each(run: Run, items: Sequence[ProtectedItem], comments: str) -> dict[str, str]:
    """Ask for each item's clean-up and follow it; what failed, by title."""
    failed: dict[str, str] = {}
    rows = []
    for item in items:
        try:
            _await_drill(run, item)
            if acting.asked(run, CLEANUP, item.id) or OPERATION in run.vault.again(item).allowed:
                rows.append((item, _send(run, item, comments)))
        except (CancelledError, DeadlineError):
            raise
        except ProblemError as error:
            # In a clean-up of its own nothing has been sent yet: what was confirmed is to be shown anew.
            if isinstance(error, RefusedError) and run.about.verb == CLEANUP and not rows:
                raise
            failed[label(item, items)] = error.problems[0].sentence()
    for item, row in rows:
        try:
            acting.follow(run, row, watched=acting.targets_of(item), done=partial(_cleaned, run, item))
        except (CancelledError, DeadlineError):
            raise
        except ProblemError as error:
            failed[label(item, items)] = error.problems[0].sentence()
    return failed


def problems(left: Left) -> tuple[Problem, ...]:
    """What is to be said of a clean-up: that it is not done, and what is left of what a person has added."""
    pending = () if left.outcome == DONE else (_problem(left),)
    return (*pending, added.warning(left.added)) if left.added else pending


def _problem(left: Left) -> Problem:
    names = ", ".join(sorted(last(id_) for ids in left.things.values() for id_ in ids))
    if names:
        what = _("Azure says that the clean-up is done, and there is still: {names}.").format(
            names=plain(names)
        )
        if left.failed:
            what = _("The clean-up failed, and there is still: {names}.").format(names=plain(names))
        remedy = _("Delete them in Azure, then run: lifeboat cleanup {items}").format(
            items=" ".join(quote(name) for name, ids in left.things.items() if ids)
        )
    else:
        what, remedy = _("The clean-up failed."), _("Run it again: lifeboat cleanup")
    return Problem(PENDING, ", ".join(left.things), what, cause=" ".join(left.failed.values()), remedy=remedy)


def _comments(run: Run, notes: str) -> str:
    known = run.facts.get("comments")
    if known is None:
        known = " ".join(part for part in (notes, anchor_text(run.journal)) if part)
        run.learn(comments=known)
    return str(known)


def _still_pending(vault: Vault, item: ProtectedItem) -> bool:
    """Whether this journal's last word on the item's drill is that something of it is left."""
    return drill_remains.latest(vault, item)[1] == PENDING


def _await_drill(run: Run, item: ProtectedItem) -> None:
    """Wait for a drill that still runs, such as one whose state folder was lost; no longer than the deadline."""

    def over() -> bool | None:
        run.deadline.check()
        return None if _drilling(run.vault.again(item)) else True

    wait_until(run, item.title, over)


def _drilling(item: ProtectedItem) -> bool:
    return item.scenario == "TestFailover" and OPERATION not in item.allowed


def _send(run: Run, item: ProtectedItem, comments: str) -> OperationRow:
    body = {"properties": {"comments": comments}}
    group = run.vault.reads.sdk.replication_protected_items
    where = (*run.vault.reads.scope, item.fabric, item.container, item.name)

    def before() -> None:
        refuse_unless_as_confirmed(run, run.vault.again(item))

    return acting.send(
        run,
        CLEANUP,
        item.id,
        body,
        lambda sdk: group.begin_test_failover_cleanup(*where, body, **sdk),
        before,
        watched=acting.targets_of(item),
        done=lambda: _cleaned(run, item),
    )


def refuse_unless_as_confirmed(run: Run, now: ProtectedItem) -> None:
    """RefusedError where an item or what is there of its drill is not what the user has seen."""
    confirmed = run.facts.get(CONFIRMED) or {}
    known: Mapping[str, list[Any]] = confirmed.get("moved") or {}
    name = own_label(now) if own_label(now) in known else now.title
    shown = known.get(name)
    acting.refuse_if_moved(run.vault, now, shown or now.moved)
    if not shown:
        return
    seen = {one.lower() for one in confirmed["there"][name]}
    more = [last(id_) for id_ in drill_remains.things(run.vault, now) if id_.lower() not in seen]
    if more:
        what = _("There is more of its drill than was shown: {names}.").format(names=plain(", ".join(more)))
        remedy = _("Nothing was sent. Look at the new plan and confirm that one.")
        raise RefusedError(Problem("cleanup-moved", now.title, what, remedy=remedy))


def _cleaned(run: Run, item: ProtectedItem) -> bool:
    now = run.vault.again(item)
    return now.scenario != "TestFailover" and OPERATION not in now.allowed


def _listed(run: Run, item: ProtectedItem) -> tuple[str, ...]:
    """What a new listing shows of the drill, after the time that Azure may take to delete it."""
    known = tuple(run.facts.get(f"{drill_remains.BELONGS}.{item.name}") or ())
    began = run.world.clock.now()
    while True:
        found = drill_remains.things(run.vault, item, known)
        waited = (run.world.clock.now() - began).total_seconds()
        if waited >= SETTLES or not (found or _waits(run, item)):
            return tuple(found)
        run.deadline.wait(max(0.5, run.world.clock.real_seconds(15.0)))


def _waits(run: Run, item: ProtectedItem) -> bool:
    """Whether Azure says that the drill of an item is not cleaned up."""
    json = run.vault.reads.item(item.fabric, item.container, item.name)
    return json is not None and parse_item(json).phase == CLEANUP_PENDING


def _still_waiting(run: Run, items: Sequence[ProtectedItem]) -> dict[str, str]:
    """What is wrong with items that still wait for their clean-up, whatever its job has said, by title."""
    what = _("Azure still waits for the clean-up of its drill.")
    return {label(item, items): what for item in items if _waits(run, item)}


def _remove_networks(
    run: Run, networks: Sequence[str], things: dict[str, tuple[str, ...]], items: Sequence[ProtectedItem]
) -> None:
    """Delete the networks that were made for these drills; one that cannot be deleted is left."""
    elsewhere = drill_remains.wanted_elsewhere(run) if networks else set()
    for network in networks:
        if network.lower() in elsewhere:
            continue  # it goes with the drill that uses it
        if not drill_network.removed(run, network):
            first = label(items[0], items)
            things[first] = (*things[first], network)


def _kind(id_: str) -> str:
    kinds = {"virtualmachines": "virtual machine", "networkinterfaces": "interface", "disks": "disk"}
    return kinds.get(id_.split("/")[-2].lower(), "resource")
