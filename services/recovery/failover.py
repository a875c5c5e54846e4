"""Failover of an item or a recovery plan: what it will do, said before; then sent, followed and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.azure.ids import last
from services.azure.permissions import missing_permissions
from services.changes.plan import Change, Plan
from services.problems.model import Problem, ProblemError, RefusedError
from services.recovery import acting, arrival, item_settings, points, requests, verb_run
from services.recovery.checks import Check
from services.recovery.item import COMMIT_PENDING, ProtectedItem
from services.recovery.measured import PLATFORM, measures, noted
from services.recovery.plans import MANUAL, RecoveryPlan
from services.recovery.prepared import prepared
from services.recovery.requests import Wish
from services.recovery.run import DECIDED, Run
from services.recovery.target import Moved, Target, again, refuse_group_member, refuse_unless
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.recovery.verbs import FAILOVER, verb
from services.text import _, plain

Json = dict[str, Any]
_DONE = (COMMIT_PENDING,)
SETTINGS = "settings"
"""The fact under which a run keeps the settings of its items that were shown, by id."""


@dataclass(frozen=True)
class Outcome:
    """How a failover came out: machines as they run, checks, and what is wrong (empty: all is well)."""

    machines: tuple[arrival.Arrived, ...]
    checks: tuple[Json, ...]
    problems: tuple[Problem, ...]
    measures: Json


def plan(vault: Vault, target: Target, point: str, *, shutdown: bool) -> tuple[Plan, Wish]:
    """What the failover will do, and the wish to apply. `point`: one of points.KINDS, or a point of the item.

    RefusedError where it is not possible now, with the reason; UsageError for a point that makes no sense.
    """
    refuse_unless(vault, verb(FAILOVER), target)
    if target.plan is None:
        refuse_group_member(vault, target.items[0])
    settings = _settings(vault, target)
    _refuse_without_network(target.items, settings)
    now = vault.world.clock.now()
    wish, where, losses = _point(vault, target, point, shutdown, now)
    requests.body(FAILOVER, target, wish)
    need = requests.permission(FAILOVER, target)
    changes = [
        Change("start", "virtual machine", settings[item.id]["name"] or item.azure_name, where[item.id])
        for item in target.items
    ]
    notes = [*losses, *_source(shutdown), _not_undone(), *_ways(target, settings), *_manual(target.plan)]
    notes += [f"{plain(item.title)}: {prepared(vault.journal, item).sentence}" for item in target.items]
    if missing_permissions(vault.azure, vault.ref.id, (need,)):
        notes.append(_("The account does not have the permission that it takes: {need}").format(need=need))
    looked = {"moved": target.moved, "point": wish.point, "shutdown": shutdown, "settings": settings}
    # Read last: it is when the plan is shown, and no point that the plan names may be newer.
    begun = vault.world.clock.now().isoformat(timespec="seconds")
    return Plan(FAILOVER, tuple(changes), (need,), looked, tuple(notes), begun), wish


def begin_facts(target: Target, shown: Plan) -> Json:
    """What a run keeps of the plan that was confirmed: what it looked at, its digest, the items as they were."""
    before = [
        {
            "machine": item.title,
            "id": item.id,
            "state": item.state,
            "health": item.health,
            "rpo": item.rpo_seconds,
            "errors": [error.what for error in item.errors],
        }
        for item in target.items
    ]
    return {
        verb_run.SHOWN: target.moved,
        DECIDED: shown.begun,
        SETTINGS: shown.looked_at.get("settings") or {},
        "recovery-plan": target.plan.name if target.plan else "",
        "providers": list(target.providers),
        "plan": {"digest": shown.digest, "changes": [vars(one) for one in shown.changes]},
        "before": before,
    }


def apply(
    run: Run, target: Target, wish: Wish, shown: Moved, *, manual: Manual, checks: Sequence[Check]
) -> Outcome:
    """Send, follow, and look at each machine and its checks. See verb_run.perform for what is raised."""

    def still() -> None:
        item_settings.refuse_if_other(run.vault, target.items, run.facts.get(SETTINGS) or {})
        if target.plan is None and wish.point:
            points.chosen(wish.point, run.vault.points(target.items[0]), target.name)

    def done() -> bool:
        return all(item.phase in _DONE for item in again(run.vault, target).items)

    verb_run.perform(run, target, wish, shown, manual=manual, done=done, before=still)
    now = again(run.vault, target)
    left = verb_run.left_behind(now, verb(FAILOVER).title, COMMIT_PENDING)
    over = [item for item in now.items if item.phase == COMMIT_PENDING]
    seen = looked_at(run, target, over, checks)
    return replace(seen, problems=(*left, *seen.problems))


def looked_at(run: Run, target: Target, over: Sequence[ProtectedItem], checks: Sequence[Check]) -> Outcome:
    """The machines in Azure of the items that are over, once the job has ended: running, checked and measured."""
    job = acting.job_of(run, run.about.verb, target.id)
    noted(run, PLATFORM, str(job.get("ended") or ""))
    found = tuple(arrival.arrived(run, item) for item in over)
    results = [
        result
        for item, machine in zip(over, found, strict=True)
        for result in arrival.verified(run, item, machine, checks)
    ]
    told = measures(run, target, over, checks)
    run.emit({"event": "measures", **{key: told[key] for key in told if key != "points"}})
    run.learn(measures=told)
    return Outcome(found, tuple(results), tuple(arrival.problems(found, results)), told)


def _point(
    vault: Vault, target: Target, wanted: str, shutdown: bool, now: datetime
) -> tuple[Wish, dict[str, str], list[str]]:
    """The wish with its point, where each machine starts from, and what is lost."""
    if target.plan is None:
        item = target.items[0]
        point = points.chosen(wanted, vault.points(item), item.title)
        wish = Wish(point=point.id if point else "", shutdown=shutdown)
        return wish, {item.id: point_text(wanted, point)}, [loss_text(point, item, now)]
    said = {
        points.LATEST: _("from all data that has arrived"),
        points.PROCESSED: _("from its newest processed point"),
        points.APP_CONSISTENT: _("from its newest application-consistent point"),
    }
    text = said.get(wanted, "")
    return Wish(point=wanted, shutdown=shutdown), {item.id: text for item in target.items}, []


def point_text(wanted: str, point: points.RecoveryPoint | None) -> str:
    """Where a machine starts from. Without an age: a plan that a second person signs must read the same later."""
    if point is None:
        return _("from all data that has arrived")
    return _("from {kind} of {at:%Y-%m-%d %H:%M} UTC ({wanted})").format(
        kind=point.kind, at=point.at, wanted=last(wanted)
    )


def loss_text(point: points.RecoveryPoint | None, item: ProtectedItem, now: datetime) -> str:
    """What is lost by taking a point."""
    if point is None:
        lost = _("about {seconds} s").format(seconds=item.rpo_seconds) if item.rpo_seconds else _("not known")
    else:
        time = points.loss(point, now)
        lost = _span(time) if time else "0 min"
    return _("{name}: what is lost: {lost}.").format(name=plain(item.title), lost=lost)


def _span(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes) if hours else f"{minutes} min"


def _source(shutdown: bool) -> list[str]:
    if shutdown:
        return [_("The source is shut down first. Where that fails, the failover goes on.")]
    return [_("The source is not shut down: make sure that the two machines do not work side by side.")]


def _not_undone() -> str:
    return _(
        "Replication stops before it begins. Cancelling does not undo it: the machine would stay without replication."
    )


def ways_there(vault: Vault, target: Target) -> tuple[list[str], dict[str, dict[str, str]]]:
    """What is said of the way to Azure where all data comes along, and the settings that were looked at.

    RefusedError for a machine without a network.
    """
    settings = _settings(vault, target)
    _refuse_without_network(target.items, settings)
    ready = [f"{plain(item.title)}: {prepared(vault.journal, item).sentence}" for item in target.items]
    return [*_ways(target, settings), *ready], settings


def _settings(vault: Vault, target: Target) -> dict[str, dict[str, str]]:
    return {item.id: item_settings.current(item_settings.details(vault, item)) for item in target.items}


def _ways(target: Target, settings: dict[str, dict[str, str]]) -> list[str]:
    """The network that each machine joins, and how it is changed before (AS-10.4)."""
    told = []
    for item in target.items:
        here = settings[item.id]
        address = here["address"] or _("an address of Azure's choice")
        told.append(
            _("{name} joins the network {network}, subnet {subnet}, {address}.").format(
                name=plain(item.title),
                network=plain(last(here["network"])),
                subnet=plain(here["subnet"]) or "-",
                address=plain(address),
            )
        )
    remedy = _("Change that before: lifeboat items set {name} network=ID subnet=NAME address=IP")
    return [*told, remedy.format(name=plain(target.items[0].title))] if target.items else told


def _manual(recovery: RecoveryPlan | None) -> list[str]:
    if recovery is None:
        return []
    waits = [one for one in recovery.actions("UnplannedFailover") if one.kind == MANUAL]
    return [
        _("It waits for a person at: {name}. {instructions}").format(
            name=plain(one.name), instructions=plain(str(one.details.get("description") or ""))
        )
        for one in waits
    ]


def _refuse_without_network(items: Sequence[ProtectedItem], settings: dict[str, dict[str, str]]) -> None:
    what = _("No network is set that it would join; Azure does not begin such a failover.")
    remedy = _("Set it: lifeboat items set {name} network=ID subnet=NAME")
    without = [item for item in items if not settings[item.id]["network"]]
    if without:
        raise RefusedError(
            *(
                Problem("no-network", plain(item.title), what, remedy=remedy.format(name=plain(item.title)))
                for item in without
            )
        )


def refuse_wrong(outcome: Outcome) -> None:
    """ProblemError where the failover went through and something is not as it should be."""
    if outcome.problems:
        raise ProblemError(*outcome.problems)
