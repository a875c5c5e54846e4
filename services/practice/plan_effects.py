"""What happens while a recovery plan runs: its machines' jobs begin, and their ends show in the plan's."""

from __future__ import annotations

import uuid
from typing import Any

from services.practice import (
    effects,
    failover_plans,
    item_facts,
    job_store,
    planned_runs,
    points,
    standing,
    timeline,
)
from services.practice import failover_runs as runs
from services.practice.item_states import token
from services.practice.job_store import Outcome
from services.practice.store import Document, Store


def run_of(
    store: Store, at: float, vault: Document, item: Document, about: dict[str, Any]
) -> runs.Run | None:
    """The run of one machine; None where there is nothing to be done for it any more."""
    verb = about["verb"]
    if verb == "TestFailover":
        vnet = store.get("vnet", about["network"])
        point = points.newest(store, at, item, about["kind"])
        return runs.test_run(store, vault, item, vnet, point) if vnet and not item.get("test") else None
    if verb == "UnplannedFailover":
        point = points.newest(store, at, item, about["kind"])
        return runs.failover_run(store, vault, item, point, about["shutdown"], failover_plans.FAILOVER)
    if verb == "TestFailoverCleanup":
        return runs.cleanup_run(item, about["comments"]) if item.get("test") else None
    if verb == "PlannedFailover":
        return planned_runs.forward_run(store, vault, item, points.newest(store, at, item, about["kind"]))
    if verb == "Failback":
        return planned_runs.home_run(item, planned_runs.NOW)
    if verb == "Reprotect" and item_facts.provider(item) == item_facts.HYPER_V:
        return planned_runs.reverse_run(item)
    if verb == "Reprotect":
        outcome = Outcome("reversed", "idle-again", token(item))
        return runs.Run(failover_plans.REPROTECT, outcome, {"busy": {"scenario": "Reprotect"}})
    return runs.commit_run(item) if verb == "CommitFailover" else runs.cancel_run(item)


@effects.effect("plan-item")
def plan_item(store: Store, at: float, payload: dict[str, Any]) -> None:
    """A machine's job begins; the plan's task is as long as it and fails with it."""
    vault, item = store.get("vault", payload["vault"]), store.get("item", payload["item"])
    job = store.get("job", payload["job"])
    key = f"{payload['vault']}/replicationJobs/{payload['child']}"
    if vault is None or job is None or store.get("job", key) is not None:
        return
    run = None if item is None else run_of(store, at, vault, item, payload)
    if item is None or run is None:
        change(store, at, job, payload["task"], 0.0, {"ends": "Skipped"})
        return
    activity = f"{uuid.uuid4()} ActivityId: {payload['correlation']}"
    child = runs.child(store, at, vault, item, run, payload["child"], activity)
    failed = {"ends": "Failed", "error": child["failure"]} if child["failure"] else {}
    change(store, at, job, payload["task"], job_store.worked(child) - at, failed)


def change(store: Store, at: float, job: Document, index: int, seconds: float, more: dict[str, Any]) -> None:
    """A task of a plan's job turns out otherwise than planned: its end is foreseen anew."""
    task = job["tasks"][index]
    if task[3] == seconds and not more:
        return
    # The rest of a failed machine's error belongs to its task; the plan goes on with the others.
    job["tasks"][index] = [*task[:3], seconds, {**timeline.extra(task), **more}]
    members = [timeline.extra(t) for t in job["tasks"] if "first" in timeline.extra(t)]
    failed = [one for one in members if one.get("ends") == "Failed"]
    job["partial"] = job.get("partial") or bool(failed)
    if failed and len(failed) == len(members):
        job["failure"] = {**failed[-1]["error"], "taskId": task[0]}
    job["run"] += 1
    job_store.keep(store, job)
    job_store.plan_ahead(store, job, at)


@effects.effect("plan-ran")
def plan_ran(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The plan remembers when it was last drilled or failed over."""
    plan, job = store.get("plan", payload["plan"]), store.get("job", payload["job"])
    if plan is None or job is None:
        return
    if job_store.state(job, at) == "Succeeded" or job_store.stands(job, at):
        store.put("plan", plan["id"], plan | {"last": {**plan["last"], payload["verb"]: at}})
    standing.release(
        store, job["vault"], at
    )  # a drill of machines that are all gone leaves nothing to clean up
