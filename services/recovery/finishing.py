"""What follows a failover, and what ends protection: change point, commit, cancel, planned, reprotect, disable.

Each is planned and applied the same way, for an item or a recovery plan.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.azure.jobs import JobView
from services.azure.permissions import missing_permissions
from services.changes.plan import Change, Plan
from services.problems.model import Problem, ProblemError, RefusedError, UsageError
from services.recovery import points, requests, verb_run
from services.recovery.failover import loss_text, point_text
from services.recovery.item import COMMIT_PENDING, ProtectedItem
from services.recovery.requests import Wish
from services.recovery.run import Run
from services.recovery.target import Moved, Target, again, refuse_unless
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.recovery.verbs import (
    CANCEL,
    CHANGE_POINT,
    COMMIT,
    DISABLE,
    PLANNED,
    REPROTECT,
    Verb,
    verb,
)
from services.text import _, plain
from services.world.deadline import Deadline

VERBS = (CHANGE_POINT, COMMIT, CANCEL, PLANNED, REPROTECT, DISABLE)
WAITS_FOR_FAILOVER = (CHANGE_POINT, COMMIT)
"""Verbs that wait for a failover that still runs, whoever started it."""
_KINDS = {
    CHANGE_POINT: ("change", "virtual machine"),
    COMMIT: ("delete", "recovery points"),
    CANCEL: ("delete", "replication"),
    PLANNED: ("start", "virtual machine"),
    REPROTECT: ("start", "replication"),
    DISABLE: ("delete", "replication"),
}
REPROTECT_NEEDS = {
    "InMageAzureV2": ("masterTargetId", "processServerId", "retentionDrive", "profileId"),
    "InMageRcm": ("reprotectAgentId", "datastoreName", "logStorageAccountId"),
}
"""What a provider must be told for reprotect (asr-api 1a)."""


def settled(vault: Vault, id_: str, target: Target, deadline: Deadline) -> Target:
    """The target when no failover runs on it any more: one that runs is followed first, as whose job it is."""
    if id_ not in WAITS_FOR_FAILOVER:
        return target
    for job in _failovers(target):
        vault.emit({"event": "wait", "for": _("the failover that runs: {job}").format(job=job)})
        verb_run.follow_foreign(vault, job, deadline)
    return again(vault, target) if _failovers(target) else target


def refuse_impossible(vault: Vault, id_: str, target: Target) -> None:
    """RefusedError where the verb is not possible, and will not be when a failover that runs has ended."""
    if not (id_ in WAITS_FOR_FAILOVER and _failovers(target)):
        refuse_unless(vault, verb(id_), target)


def plan(vault: Vault, id_: str, target: Target, wish: Wish, wanted_point: str = "") -> tuple[Plan, Wish]:
    """What the verb will do, and the wish to apply. RefusedError where it is not possible now; UsageError."""
    chosen = verb(id_)
    if target.plan and id_ in (CHANGE_POINT, DISABLE):
        what = _("{verb} is done machine by machine, not for a recovery plan.").format(verb=chosen.title)
        raise UsageError(Problem("no-plan-verb", target.name, what))
    refuse_unless(vault, chosen, target)
    details = _on(chosen, target)
    notes = [chosen.consequence]
    if id_ == CHANGE_POINT:
        wish, text, lost = _point(vault, target.items[0], wanted_point)
        details = {target.items[0].id: text}
        notes.append(lost)
    if id_ == REPROTECT and target.plan is None:
        _refuse_incomplete(target.items[0], wish.details)
    requests.body(id_, target, wish)
    need = requests.permission(id_, target)
    if missing_permissions(vault.azure, vault.ref.id, (need,)):
        notes.append(_("The account does not have the permission that it takes: {need}").format(need=need))
    kind, thing = _KINDS[id_]
    changes = tuple(
        Change(kind, thing, plain(item.title), details[item.id])
        for item in target.items
        if item.id in details
    )
    looked = {"moved": target.moved, "wish": verb_run.wish_json(wish)}
    return Plan(id_, changes, (need,), looked, tuple(notes)), wish


def apply(run: Run, target: Target, wish: Wish, shown: Moved, *, manual: Manual) -> JobView | None:
    """Send, follow, and look whether it has come true. ProblemError where it has not."""
    id_ = run.about.verb

    def done() -> bool:
        return not _undone(run.vault, id_, target, wish)

    view = verb_run.perform(run, target, wish, shown, manual=manual, done=done)
    wrong = _undone(run.vault, id_, target, wish)
    if wrong:
        raise ProblemError(*wrong)
    return view


def typed_consequence(id_: str, target: Target) -> str:
    """What is said before the name must be typed."""
    name = plain(target.name)
    if id_ == COMMIT:
        return _(
            "Every recovery point of {name} is deleted: it can not be set to another point any more."
        ).format(name=name)
    if id_ == CANCEL:
        return _(
            "Replication of {name} has stopped and does not come back: it is unprotected from then on."
        ).format(name=name)
    return _("Replication of {name} ends and every recovery point is deleted.").format(name=name)


def _failovers(target: Target) -> list[str]:
    jobs = [item.job for item in target.items if item.scenario in ("UnplannedFailover", "Failover")]
    if target.plan and target.plan.scenario in ("UnplannedFailover", "Failover"):
        jobs = [target.plan.job]
    return [job for job in jobs if job]


def _on(chosen: Verb, target: Target) -> dict[str, str]:
    """The items that the verb works on, with a word about each."""
    return {item.id: item.word for item in target.items if chosen.operation in item.allowed}


def _point(vault: Vault, item: ProtectedItem, wanted: str) -> tuple[Wish, str, str]:
    """The wish, where the machine starts from, and what is lost."""
    if not wanted or wanted == points.LATEST:
        what = _("After a failover no newer data comes: name a point that is there.")
        known = _("Give --point latest-processed, latest-app-consistent or a point's id.")
        raise UsageError(Problem("point", plain(item.title), what, remedy=known))
    found = points.chosen(wanted, vault.points(item), item.title)
    assert found is not None
    lost = loss_text(found, item, vault.world.clock.now())
    return Wish(point=found.id), point_text(wanted, found), lost


def _refuse_incomplete(item: ProtectedItem, given: Mapping[str, str]) -> None:
    needed = REPROTECT_NEEDS.get(item.provider)
    if needed is None:
        what = _("Machines of provider {provider} can not be reprotected from here yet.")
        raise RefusedError(Problem("provider", item.title, what.format(provider=plain(item.provider))))
    lacking = [key for key in needed if not given.get(key)]
    if lacking:
        what = _("Replicating back needs: {keys}.").format(keys=", ".join(lacking))
        remedy = _("Give each as --with KEY=VALUE.")
        raise UsageError(Problem("reprotect-needs", plain(item.title), what, remedy=remedy))


def _undone(vault: Vault, id_: str, target: Target, wish: Wish) -> list[Problem]:
    """What is not as the verb should leave it; nothing where Azure's job is all that can be said."""
    if id_ == DISABLE:
        there = {item.id for item in vault.items()} & {item.id for item in target.items}
        what = _("Azure says that its protection has ended, and it is still there.")
        return [Problem("still-there", target.name, what)] if there else []
    if id_ == CHANGE_POINT:
        return _other_point(vault, target.items[0], wish)
    if id_ not in (COMMIT, CANCEL):
        return []
    left = [item for item in again(vault, target).items if item.phase == COMMIT_PENDING]
    what = _("The job has ended, and its commit is still pending.")
    return [Problem("left-behind", plain(item.title), what) for item in left]


def _other_point(vault: Vault, item: ProtectedItem, wish: Wish) -> list[Problem]:
    json = vault.reads.item(item.fabric, item.container, item.name) or {}
    now = str((json.get("properties") or {}).get("failoverRecoveryPointId") or "")
    if not now or now.lower() == wish.point.lower():
        return []
    what = _("The job has ended, and the machine is of another recovery point.")
    return [Problem("other-point", plain(item.title), what)]
