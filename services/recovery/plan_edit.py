"""A recovery plan is created, changed or deleted: what would change is shown, and what was written is read back.

The service drops without a word what it does not like; so after writing, what stands there is held against what
was wanted, line for line.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.azure.ids import last
from services.changes.plan import Change, Plan, refuse_if_moved
from services.operations.asking import Hand, ask, follow_job
from services.problems.model import Problem, ProblemError, RefusedError
from services.recovery.item import ProtectedItem
from services.recovery.plans import BOOT, Group, RecoveryPlan, group_body, machine_id, parse_plan
from services.recovery.vault import Vault
from services.text import _, plain

WRITE = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/write"
DELETE = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/delete"
Line = tuple[str, str]


def plan_lines(plan: RecoveryPlan, titles: Mapping[str, str]) -> list[Line]:
    """A recovery plan as lines of (where, what), in its order; `titles`: items' titles by id in lower case."""
    found: list[Line] = []
    number = 0
    for group in plan.groups:
        number += group.kind == BOOT
        found += _group_lines(group, group_title(group.kind, number), titles)
    return found


def group_title(kind: str, number: int) -> str:
    """What a group is called: boot groups have numbers."""
    return _("Group {number}").format(number=number) if kind == BOOT else kind.capitalize()


def _group_lines(group: Group, title: str, titles: Mapping[str, str]) -> Iterator[Line]:
    yield title, _("group")
    for action in group.before:
        yield _("{group}, before").format(group=title), action.line()
    # The machines of a group run side by side: their order in it means nothing.
    for name in sorted(titles.get(id_.lower(), last(id_)) for id_ in group.items):
        yield title, _("machine {name}").format(name=name)
    for action in group.after:
        yield _("{group}, after").format(group=title), action.line()


def write_plan(vault: Vault, wanted: RecoveryPlan, items: Sequence[ProtectedItem]) -> Plan:
    """What would be created or changed; empty where everything is as wanted. RefusedError while a job runs."""
    titles = _titles(items)
    there = _there(vault, wanted)
    if there is not None and there.busy:
        raise RefusedError(_busy(there))
    if there is None:
        machines = _("{groups} boot groups, {machines} machines").format(
            groups=sum(group.kind == BOOT for group in wanted.groups), machines=len(wanted.members)
        )
        whole = Change("create", "recovery plan", wanted.name, machines)
        lines = [Change("create", where, plain(what)) for where, what in plan_lines(wanted, titles)]
        return Plan("write-recovery-plan", (whole, *lines), (WRITE,), looked_at={"there": None})
    before = plan_lines(there, titles)
    changes = tuple(_changes(before, plan_lines(wanted, titles)))
    notes = _notes(there, wanted)
    return Plan(
        "write-recovery-plan", changes, (WRITE,) if changes else (), looked_at={"there": before}, notes=notes
    )


def write(
    hand: Hand, vault: Vault, wanted: RecoveryPlan, items: Sequence[ProtectedItem], shown: Plan
) -> RecoveryPlan:
    """Create or change it, follow the job, read it back. RefusedError when it has moved since it was shown.

    ProblemError `plan-dropped` names every line that is not there as it was wanted.
    """

    def still() -> None:
        refuse_if_moved(shown, write_plan(vault, wanted, items))

    still()
    titles = _titles(items)
    name = last(wanted.id)
    groups = vault.reads.sdk.replication_recovery_plans
    new = shown.looked_at["there"] is None
    machines = {str(one["id"]).lower(): machine_id(one) for one in vault.reads.items()}
    body = _body(wanted, machines, new)

    def done() -> bool:
        return not differences(vault, wanted, titles)

    send = groups.begin_create if new else groups.begin_update
    row = ask(
        hand,
        "write-recovery-plan",
        wanted.id,
        "PUT" if new else "PATCH",
        body,
        lambda sdk: send(*vault.reads.scope, name, body, **sdk),
        done,
        jobs=vault.reads,
        before=still,
    )
    follow_job(hand, vault.reads, row, done)
    wrong = differences(vault, wanted, titles)
    if wrong:
        raise ProblemError(*wrong)
    there = _there(vault, wanted)
    return there or wanted


def differences(vault: Vault, wanted: RecoveryPlan, titles: Mapping[str, str]) -> list[Problem]:
    """What stands in Azure otherwise than wanted, a problem for each line."""
    there = _there(vault, wanted)
    if there is None:
        what = _("Azure has taken the recovery plan, and it is not there.")
        return [Problem("plan-dropped", wanted.name, what)]
    found = []
    for change in _changes(plan_lines(there, titles), plan_lines(wanted, titles)):
        if change.kind == "create":
            what = _("Azure has dropped or changed it: {line}").format(line=change.name)
        else:
            what = _("Azure has what was not wanted: {line}").format(line=change.name)
        remedy = _("Look at the recovery plan before it is used: lifeboat plans export {name}")
        remedy = remedy.format(name=wanted.name)
        found.append(Problem("plan-dropped", f"{wanted.name}: {change.thing}", what, remedy=remedy))
    return found


def delete_plan(target: RecoveryPlan) -> Plan:
    """What deleting takes away. RefusedError while a job runs on it, or a drill of it waits for clean-up."""
    if target.busy or target.job:
        raise RefusedError(_busy(target))
    machines = _("{machines} machines").format(machines=len(target.members))
    note = _("The machines stay protected. Its groups, order and actions are gone for good.")
    return Plan(
        "delete-recovery-plan",
        (Change("delete", "recovery plan", target.name, machines),),
        (DELETE,),
        looked_at={"members": list(target.members), "job": target.job},
        notes=(note, _("Keep it: lifeboat plans export {name} FILE").format(name=target.name)),
    )


def delete(hand: Hand, vault: Vault, target: RecoveryPlan, shown: Plan) -> None:
    """Delete it. What is gone already is no error."""

    def still() -> None:
        there = _there(vault, target)
        if there is not None:
            refuse_if_moved(shown, delete_plan(there))

    still()
    group, name = vault.reads.sdk.replication_recovery_plans, last(target.id)

    def done() -> bool:
        return _there(vault, target) is None

    if done():
        return
    row = ask(
        hand,
        "delete-recovery-plan",
        target.id,
        "DELETE",
        None,
        lambda sdk: group.begin_delete(*vault.reads.scope, name, **sdk),
        done,
        jobs=vault.reads,
        before=still,
    )
    follow_job(hand, vault.reads, row, done)
    if not done():
        what = _("Azure says that it was deleted, and it is still there.")
        raise ProblemError(Problem("still-there", target.name, what))


def _there(vault: Vault, wanted: RecoveryPlan) -> RecoveryPlan | None:
    json = vault.reads.recovery_plan(last(wanted.id))
    return parse_plan(json) if json else None


def _body(wanted: RecoveryPlan, machines: Mapping[str, str], new: bool) -> dict[str, Any]:
    groups = [group_body(group, machines) for group in wanted.groups]
    if not new:
        return {"properties": {"groups": groups}}
    return {
        "properties": {
            "primaryFabricId": wanted.primary,
            "recoveryFabricId": wanted.recovery,
            "failoverDeploymentModel": wanted.deployment,
            "groups": groups,
        }
    }


def _changes(before: Sequence[Line], after: Sequence[Line]) -> Iterator[Change]:
    """What is taken away and what is added, in the order of the plan."""
    old = [(where, what.lower()) for where, what in before]
    new = [(where, what.lower()) for where, what in after]
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (Change("delete", where, plain(what)) for where, what in before[a:b])
            yield from (Change("create", where, plain(what)) for where, what in after[c:d])


def _notes(there: RecoveryPlan, wanted: RecoveryPlan) -> tuple[str, ...]:
    if last(there.primary).lower() == last(wanted.primary).lower():
        return ()
    return (
        _("Its source fabric stays {name}: it cannot be changed afterwards.").format(
            name=last(there.primary)
        ),
    )


def _titles(items: Sequence[ProtectedItem]) -> dict[str, str]:
    return {item.id.lower(): item.title for item in items}


def _busy(plan: RecoveryPlan) -> Problem:
    what = _("A job runs on it: {scenario}, {job}.").format(scenario=plan.scenario, job=plan.job)
    remedy = _("Wait until it is over, or clean up its drill.")
    return Problem("busy", plan.name, what, remedy=remedy)
