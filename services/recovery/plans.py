"""Recovery plans: groups of protected items in their order, and the actions before and after each group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.azure.ids import last
from services.azure.jobs import parse_time
from services.names import nearest
from services.problems.model import Problem, ProblemError, UsageError
from services.recovery.item import ProtectedItem, operations
from services.recovery.vault import Vault
from services.text import _, plain

SHUTDOWN, FAILOVER, BOOT = "shutdown", "failover", "boot"
MANUAL, SCRIPT, RUNBOOK = "manual", "script", "runbook"
TYPES = {
    MANUAL: "ManualActionDetails",
    SCRIPT: "ScriptActionDetails",
    RUNBOOK: "AutomationRunbookActionDetails",
}
_KINDS = {service: ours for ours, service in TYPES.items()}
MOST_ITEMS, MOST_BOOT_GROUPS = 100, 7
"""The service's limits for one recovery plan (asr-api 1a; architecture, AS-13)."""
AZURE = "Microsoft Azure"
"""The recovery fabric of every recovery plan that leads to Azure."""


@dataclass(frozen=True)
class Action:
    """Something that is done before or after a group.

    `kind` is one of MANUAL, SCRIPT, RUNBOOK, or the service's own name of a kind that is not known here.
    `details` are the service's other words about it, as they are: description, path, runbookId, fabricLocation,
    timeout. `failover_types` and `directions` are the service's words too.
    """

    name: str
    kind: str
    failover_types: tuple[str, ...]
    directions: tuple[str, ...]
    details: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """All of it on one line: two actions are the same when their lines are."""
        told = ", ".join(f"{key} {value}" for key, value in sorted(self.details.items()) if value)
        runs = "/".join(sorted(self.failover_types)) or "-"
        ways = "/".join(sorted(self.directions)) or "-"
        return f"{self.kind} {self.name} ({told}) [{runs}, {ways}]"


@dataclass(frozen=True)
class Group:
    """One group. `items` are ids of protected items; they run side by side, the groups one after another."""

    kind: str
    items: tuple[str, ...] = ()
    before: tuple[Action, ...] = ()
    after: tuple[Action, ...] = ()

    def line(self) -> str:
        """All of it on one line. The machines of a group run side by side: their order in it means nothing."""
        machines = sorted(id_.lower() for id_ in self.items)
        steps = [*(one.line() for one in self.before), *machines, *(one.line() for one in self.after)]
        return "; ".join([self.kind, *steps])


@dataclass(frozen=True)
class RecoveryPlan:
    """A recovery plan as Azure has it, or as it is wanted. `primary` is the id of the source fabric.

    `allowed`, `scenario`, `job`, `last_drill`, `last_failover` are what Azure says of it now.
    """

    id: str
    name: str
    primary: str
    recovery: str
    deployment: str
    groups: tuple[Group, ...]
    providers: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    scenario: str = ""
    job: str = ""
    last_drill: datetime | None = None
    last_failover: datetime | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """The ids of its items, in the order of their groups."""
        return tuple(id_ for group in self.groups for id_ in group.items)

    @property
    def busy(self) -> bool:
        """Whether a job holds it; a drill that waits for its clean-up names its job and lets that through."""
        return bool(self.job) and not self.allowed

    @property
    def moved(self) -> tuple[object, ...]:
        """What must not have changed between a plan and its sending: its steps too, in their order."""
        return (self.allowed, self.job, self.members, tuple(group.line() for group in self.groups))

    def actions(self, operation: str) -> Iterator[Action]:
        """The actions that run in an operation such as TestFailover."""
        for group in self.groups:
            for action in (*group.before, *group.after):
                if operation in action.failover_types:
                    yield action


def parse_plan(json: Mapping[str, Any]) -> RecoveryPlan:
    """A recovery plan from replicationRecoveryPlans JSON (to 2025-08-01); what is missing is empty."""
    about: Mapping[str, Any] = json.get("properties") or {}
    running: Mapping[str, Any] = about.get("currentScenario") or {}
    scenario = str(running.get("scenarioName") or "None")
    job = "" if scenario == "None" else last(str(running.get("jobId") or ""))
    id_ = str(json.get("id") or "")
    return RecoveryPlan(
        id=id_,
        name=str(about.get("friendlyName") or json.get("name") or last(id_)),
        primary=str(about.get("primaryFabricId") or ""),
        recovery=str(about.get("recoveryFabricId") or ""),
        deployment=str(about.get("failoverDeploymentModel") or ""),
        groups=tuple(_group(one) for one in about.get("groups") or ()),
        providers=tuple(str(one) for one in about.get("replicationProviders") or ()),
        allowed=operations(about.get("allowedOperations") or ()),
        scenario="" if scenario == "None" else scenario,
        job="" if job == "None" else job,
        last_drill=parse_time(about.get("lastTestFailoverTime")),
        last_failover=parse_time(about.get("lastUnplannedFailoverTime")),
    )


def group_body(group: Group, machine_of: Mapping[str, str]) -> dict[str, Any]:
    """A group as it is sent; `machine_of`: the virtualMachineId by item id in lower case."""
    return {
        "groupType": group.kind.capitalize(),
        "replicationProtectedItems": [
            {"id": id_, "virtualMachineId": machine_of[id_.lower()]} for id_ in group.items
        ],
        "startGroupActions": [_action_body(one) for one in group.before],
        "endGroupActions": [_action_body(one) for one in group.after],
    }


def machine_id(item: Mapping[str, Any]) -> str:
    """What a recovery plan calls an item besides its id, from the item's JSON (asr-api 1a)."""
    about: Mapping[str, Any] = item.get("properties") or {}
    details: Mapping[str, Any] = about.get("providerSpecificDetails") or {}
    kind, source = str(details.get("instanceType") or ""), str(about.get("protectableItemId") or "")
    by_kind = {"InMageRcm": "internalIdentifier", "A2A": "fabricObjectId"}
    if kind == "HyperVReplicaAzure":
        return source
    return str(details.get(by_kind.get(kind, "vmId")) or last(source))


def recovery_plans(vault: Vault) -> list[RecoveryPlan]:
    """Every recovery plan of the vault, by name."""
    return sorted(
        (parse_plan(json) for json in vault.reads.recovery_plans()), key=lambda one: one.name.lower()
    )


def find_plan(vault: Vault, wanted: str) -> RecoveryPlan:
    """The recovery plan of this name or id. UsageError where there is none."""
    key = wanted.lower()  # an id counts whole: its last part alone may name a plan of another vault
    found = recovery_plans(vault)
    for one in found:
        if key in (one.name.lower(), last(one.id).lower(), one.id.lower()):
            return one
    known = ", ".join(plain(one.name) for one in found[:5]) + (" ..." if len(found) > 5 else "")
    what = _("no such recovery plan; the vault {vault} has: {known}").format(
        vault=vault.ref.name, known=known or _("none")
    )
    remedy = nearest(wanted, [one.name for one in found])
    raise UsageError(Problem("unknown-recovery-plan", wanted, what, remedy=remedy))


def plan_again(vault: Vault, shown: RecoveryPlan) -> RecoveryPlan:
    """The recovery plan as it is now; ProblemError when it has gone."""
    json = vault.reads.recovery_plan(last(shown.id))
    if json is None:
        raise ProblemError(
            Problem("recovery-plan-gone", shown.name, _("There is no such recovery plan any more."))
        )
    return parse_plan(json)


def items_of(plan: RecoveryPlan, items: Iterable[ProtectedItem]) -> list[ProtectedItem]:
    """The plan's items that are there, in its order."""
    by_id = {item.id.lower(): item for item in items}
    return [by_id[id_.lower()] for id_ in plan.members if id_.lower() in by_id]


def missing(plan: RecoveryPlan, items: Iterable[ProtectedItem]) -> list[str]:
    """The names of its items that are not protected in the vault any more."""
    there = {item.id.lower() for item in items}
    return [last(id_) for id_ in plan.members if id_.lower() not in there]


def _group(json: Mapping[str, Any]) -> Group:
    members = json.get("replicationProtectedItems") or ()
    return Group(
        kind=str(json.get("groupType") or "").lower(),
        items=tuple(str(one.get("id") or "") for one in members),
        before=tuple(_action(one) for one in json.get("startGroupActions") or ()),
        after=tuple(_action(one) for one in json.get("endGroupActions") or ()),
    )


def _action(json: Mapping[str, Any]) -> Action:
    details = dict(json.get("customDetails") or {})
    kind = str(details.pop("instanceType", ""))
    return Action(
        name=str(json.get("actionName") or ""),
        kind=_KINDS.get(kind, kind),
        failover_types=tuple(str(one) for one in json.get("failoverTypes") or ()),
        directions=tuple(str(one) for one in json.get("failoverDirections") or ()),
        details={key: value for key, value in details.items() if value is not None},
    )


def _action_body(action: Action) -> dict[str, Any]:
    return {
        "actionName": action.name,
        "failoverTypes": list(action.failover_types),
        "failoverDirections": list(action.directions),
        "customDetails": {"instanceType": TYPES.get(action.kind, action.kind), **action.details},
    }
