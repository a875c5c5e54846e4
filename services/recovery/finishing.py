"""What follows a failover, and what ends protection: change point, commit, cancel, planned, reprotect, disable.

Each is planned and applied the same way, for an item or a recovery plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.azure import hyper_v_azure
from services.azure.permissions import missing_permissions
from services.changes.plan import Change, Plan
from services.problems.model import Problem, ProblemError, UsageError
from services.recovery import account, change_point, item_settings, reprotect, requests, verb_run
from services.recovery.failover import SETTINGS, looked_at, ways_there
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
    consequence,
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
REPROTECT_NEEDS = reprotect.GIVEN
"""What a person must name for a provider's reprotection."""
_LEADS_OVER = ("UnplannedFailover", "Failover", "PlannedFailover", "Failback")
"""The scenarios of jobs after which a commit waits."""


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
    details, settings = _on(chosen, target), dict[str, dict[str, str]]()
    notes = [*_left_on(vault, id_, target), *consequences(id_, target)]
    if id_ == CHANGE_POINT:
        wish, text, lost = change_point.chosen(vault, target.items[0], wanted_point)
        details = {target.items[0].id: text}
        notes += lost
    if id_ == REPROTECT and target.plan is None:
        wish = replace(wish, details=reprotect.details(vault, target.items[0], wish.details))
    if id_ == PLANNED:
        wish = _planned_wish(target, wish)
    requests.body(id_, target, wish)
    if id_ == PLANNED:
        told, settings = (_ways_home(wish), settings) if wish.details else ways_there(vault, target)
        notes += told
    need = requests.permission(id_, target)
    if missing_permissions(vault.azure, vault.ref.id, (need,)):
        notes.append(_("The account does not have the permission that it takes: {need}").format(need=need))
    kind, thing = _KINDS[id_]
    if id_ == COMMIT and _home(target):
        thing = "virtual machine"
    changes = tuple(
        Change(kind, thing, plain(item.title), details[item.id])
        for item in target.items
        if item.id in details
    )
    looked: dict[str, Any] = {"moved": target.moved, "wish": verb_run.wish_json(wish)}
    if settings:
        looked["settings"] = settings
    begun = vault.world.clock.now().isoformat(timespec="seconds")
    return Plan(id_, changes, (need,), looked, tuple(notes), begun), wish


def apply(run: Run, target: Target, wish: Wish, shown: Moved, *, manual: Manual) -> tuple[str, ...]:
    """Send, follow, and look whether it has come true. How to connect to what a planned failover has started.

    ProblemError where it has not come true, or where a machine in Azure is not as it should be.
    """
    id_ = run.about.verb

    def done() -> bool:
        return not _undone(run.vault, id_, target, wish, shown)

    def still() -> None:
        item_settings.refuse_if_other(run.vault, target.items, run.facts.get(SETTINGS) or {})

    planned = id_ == PLANNED
    verb_run.perform(run, target, wish, shown, manual=manual, done=done, before=still if planned else None)
    wrong = _undone(run.vault, id_, target, wish, shown)
    over = _gone_over(run.vault, target) if planned else []
    seen = looked_at(run, target, over, ()) if over else None
    if wrong or (seen and seen.problems):
        raise ProblemError(*wrong, *(seen.problems if seen else ()))
    return tuple(f"{one.machine}: {line}" for one in (seen.machines if seen else ()) for line in one.connect)


def typed_consequence(id_: str, target: Target) -> str:
    """What is said before the name must be typed."""
    name = plain(target.name)
    if id_ == COMMIT and _home(target):
        return _("{name} stays at its own site: the machine in Azure and its disks are deleted.").format(
            name=name
        )
    if id_ == COMMIT:
        return _(
            "Every recovery point of {name} is deleted: it cannot be set to another point any more."
        ).format(name=name)
    if id_ == CANCEL:
        return _(
            "Replication of {name} has stopped and does not come back: it is unprotected from then on."
        ).format(name=name)
    return _("Replication of {name} ends and every recovery point is deleted.").format(name=name)


def _left_on(vault: Vault, id_: str, target: Target) -> list[str]:
    """What to look at before a commit: sources that their failover could not shut down, as this journal knows."""
    said = _("{name}: its failover could not shut down the source. See that it is off before you commit.")
    notes = []
    for item in target.items:
        made = change_point.failover_of(vault, item) if id_ == COMMIT and item.active == "Recovery" else None
        if made is not None and item.title in {one.subject for one in account.left_on(made.facts)}:
            notes.append(said.format(name=plain(item.title)))
    return notes


def _home(target: Target) -> bool:
    """Whether what waits for its commit has come home."""
    return all(item.active == "Primary" for item in target.items if item.phase == COMMIT_PENDING)


def _failovers(target: Target) -> list[str]:
    jobs = [item.job for item in target.items if item.scenario in _LEADS_OVER]
    if target.plan and target.plan.scenario in _LEADS_OVER:
        jobs = [target.plan.job]
    return [job for job in jobs if job]


def _on(chosen: Verb, target: Target) -> dict[str, str]:
    """The items that the verb works on, with a word about each."""
    return {item.id: item.word for item in target.items if chosen.operation in item.allowed}


def consequences(id_: str, target: Target) -> list[str]:
    """What the verb does to the machines that it works on, each sentence once."""
    chosen = verb(id_)
    those = [item for item in target.items if chosen.operation in item.allowed]
    told = dict.fromkeys(consequence(chosen, active=item.active) for item in those)
    return list(told) or [chosen.consequence]


def _planned_wish(target: Target, wish: Wish) -> Wish:
    """The wish with the options of the way home, complete; without options where it leads to Azure."""
    home = all(item.active == "Recovery" for item in target.items)
    if home and target.providers == (hyper_v_azure.PROVIDER,):
        return replace(wish, details=hyper_v_azure.failback_options(wish.details))
    if wish.details:
        what = _("This planned failover takes no option.")
        raise UsageError(Problem("failback-option", plain(", ".join(wish.details)), what))
    return wish


def _ways_home(wish: Wish) -> list[str]:
    """How the data goes home, and what must not be done meanwhile."""
    if wish.details.get("dataSyncOption") == hyper_v_azure.RUNNING:
        how = _(
            "Its data is synchronized first, while it runs on in Azure. Then the job waits: resuming it shuts the "
            "machine down there and completes the failover."
        )
    else:
        how = _("It is shut down in Azure at once; then its data is synchronized.")
    return [how, _("Do not cancel it meanwhile: with half of the data the machine would not start at home.")]


def _undone(vault: Vault, id_: str, target: Target, wish: Wish, shown: Moved) -> list[Problem]:
    """What is not as the verb should leave it; nothing where Azure's job is all that can be said."""
    if id_ == DISABLE:
        there = {item.id for item in vault.items()} & {item.id for item in target.items}
        what = _("Azure says that its protection has ended, and it is still there.")
        return [Problem("still-there", target.name, what)] if there else []
    if id_ == CHANGE_POINT:
        return _other_point(vault, target.items[0], wish)
    if id_ == PLANNED:
        return _not_moved(vault, target, shown)
    if id_ == REPROTECT:
        return _not_reprotected(vault, target)
    left = [item for item in again(vault, target).items if item.phase == COMMIT_PENDING]
    what = _("The job has ended, and its commit is still pending.")
    return [Problem("left-behind", plain(item.title), what) for item in left]


def _gone_over(vault: Vault, target: Target) -> list[ProtectedItem]:
    """The machines that a planned failover has started in Azure."""
    found = again(vault, target).items
    return [item for item in found if item.provider == hyper_v_azure.PROVIDER and item.active == "Recovery"]


def _not_moved(vault: Vault, target: Target, shown: Moved) -> list[Problem]:
    """The machines that still run on the side where the plan showed them, or wait for no commit.

    Of another provider's machines it is not established how they stand then: Azure's job is what can be said.
    """
    left = [
        item
        for item in again(vault, target).items
        if item.provider == hyper_v_azure.PROVIDER
        and (item.phase != COMMIT_PENDING or item.active in shown.get(item.id, ()))
    ]
    what = _("The job has ended, and the machine has not moved to the other side.")
    return [Problem("left-behind", plain(item.title), what) for item in left]


def _not_reprotected(vault: Vault, target: Target) -> list[Problem]:
    operation = verb(REPROTECT).operation
    left = [item for item in again(vault, target).items if operation in item.allowed]
    what = _("The job has ended, and it is not reprotected.")
    return [Problem("left-behind", plain(item.title), what) for item in left]


def _other_point(vault: Vault, item: ProtectedItem, wish: Wish) -> list[Problem]:
    json = vault.reads.item(item.fabric, item.container, item.name) or {}
    now = str((json.get("properties") or {}).get("failoverRecoveryPointId") or "")
    if not now or now.lower() == wish.point.lower():
        return []
    what = _("The job has ended, and the machine is of another recovery point.")
    return [Problem("other-point", plain(item.title), what)]
