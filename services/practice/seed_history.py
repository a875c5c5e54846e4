"""What a used vault has besides its items: recovery plans, jobs that ran and that run, events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.practice import (
    events,
    failover_plans,
    failover_runs,
    ids,
    item_facts,
    item_states,
    job_store,
    recovery_plans,
    seed_networks,
)
from services.practice import network as networks
from services.practice.facts import group_id
from services.practice.job_plans import Plan
from services.practice.seed_items import DAY, HOUR, Ground
from services.practice.store import Document, Store

RUNS = {"failoverTypes": ["TestFailover", "UnplannedFailover"], "failoverDirections": ["PrimaryToRecovery"]}
# plan -> its groups of machines
PLANS = {
    "contoso-shop": (("db-01",), ("app-01", "app-02"), ("web-01",)),
    "contoso-web": (("web-02", "web-03"),),
}
MANUAL = {
    "actionName": "Check the database",
    **RUNS,
    "customDetails": {
        "instanceType": "ManualActionDetails",
        "description": "Sign in to db-01 and check that the orders database is consistent.",
    },
}
# A running job of the bench lasts this many times as long as a real one: twelve hours.
SLOW = 60.0
CLEANED_AGO = 24.0
CLEANING_SECONDS = sum(task.seconds for task in failover_plans.TEST_CLEANUP.tasks)
ENDED = ((failover_plans.TEST_FAILOVER, 26.0), (failover_plans.TEST_CLEANUP, CLEANED_AGO))


def sow(store: Store, ground: Ground, items: list[Document]) -> None:
    """Recovery plans over the first items, jobs that have ended, events."""
    named = {item["friendly"]: item for item in items[:12]}
    for name, groups in PLANS.items():
        kept = [[named[n] for n in group if n in named] for group in groups]
        if all(kept):
            store.put("plan", *plan(ground, name, kept), parent=ground.vault["id"])
    for item in list(named.values())[:4]:
        for job_plan, hours in ENDED:
            cleaned = {"released": ground.now - CLEANED_AGO * HOUR + CLEANING_SECONDS}
            ended(store, ground, item, job_plan, ground.now - hours * HOUR, cleaned)
    for item in items[:500]:
        if test := item.get("test"):
            known = {"name": test["job"]}
            ended(store, ground, item, failover_plans.TEST_FAILOVER, test["since"] - HOUR / 5, known)
        for problem in item.get("problems") or ():
            severity = "Critical" if problem["level"] == "Error" else "Warning"
            note(store, item, problem["at"], str(problem["message"]), severity)


def plan(ground: Ground, name: str, groups: list[list[Document]]) -> tuple[str, Document]:
    """A plan's key and document. The second group of three waits for a person first."""
    fixed: list[dict[str, Any]] = [group(kind, [], []) for kind in recovery_plans.FIXED]
    boot = [group("Boot", inside, [MANUAL] if index == 1 else []) for index, inside in enumerate(groups)]
    key = recovery_plans.plan_id(ground.vault, name)
    document: Document = {
        "id": key,
        "name": name,
        "vault": ground.vault["id"],
        "fabric": ground.fabric["id"],
        "friendly": ground.fabric["friendly"],
        "groups": fixed + boot,
        "last": {"TestFailover": ground.now - 40 * DAY},
        "job": "",
    }
    return key, document


def group(kind: str, inside: list[Document], start: list[dict[str, Any]]) -> dict[str, Any]:
    """One group of a plan."""
    return {
        "groupType": kind,
        "replicationProtectedItems": [
            {"id": item["id"], "virtualMachineId": item["protectable"].rsplit("/", 1)[1]} for item in inside
        ],
        "startGroupActions": start,
        "endGroupActions": [],
    }


def ended(
    store: Store,
    ground: Ground,
    item: Document,
    job_plan: Plan,
    at: float,
    more: dict[str, Any] | None = None,
) -> None:
    """A job that ran well some time ago."""
    target, outcome = item_states.target(item), job_store.Outcome()
    job_store.started(
        store, at, ground.vault, job_plan, target, outcome, item["id"], affected=item["affected"], more=more
    )


def note(store: Store, item: Document, at: float, what: str, severity: str) -> None:
    """An event about an item."""
    events.note(store, item["vault"], at, what, "VmHealth", severity, item["friendly"], item["fabric"])


def running(store: Store, ground: Ground, items: list[Document], count: int) -> None:
    """Drills that run now, each begun at another time, so that some job moves all the time."""
    base = f"{group_id(ground.facts)}{networks.PROVIDER}/"
    vnet = store.get("vnet", base + seed_networks.DRILL)
    free = [i for i in items[12:] if "TestFailover" in item_facts.operations(i)]
    length = sum(task.seconds for task in failover_plans.TEST_FAILOVER.tasks) * SLOW
    for index, item in enumerate(free[:count] if vnet else []):
        at = ground.now - length * (index + 0.5) / count
        run = failover_runs.test_run(store, ground.vault, item, vnet or {}, ("", at))
        slow = replace(run, plan=failover_plans.slower(run.plan, SLOW))
        name = ids.derived(item["id"], "drill", str(at))
        failover_runs.child(store, at, ground.vault, item, slow, name, f"{name} ActivityId: {name}")
