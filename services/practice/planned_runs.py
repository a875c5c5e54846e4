"""What a planned failover, the way home and the reprotection after it do to one machine of a Hyper-V site."""

from __future__ import annotations

from dataclasses import replace

from services.practice import failover_plans as plans
from services.practice import failover_runs as runs
from services.practice.item_states import token
from services.practice.job_plans import Plan
from services.practice.job_store import Outcome
from services.practice.store import Document, Store

# the machine in Azure is shut down at once, or runs on until a person completes the failover
NOW, FIRST = "ForSynchronization", "ForDownTime"


def forward_run(store: Store, vault: Document, item: Document, point: tuple[str, float]) -> runs.Run:
    """The way to Azure. A source that does not shut down ends it, and all stays as it is."""
    run = runs.failover_run(store, vault, item, point, "done", plans.PLANNED)
    payload = {**(run.outcome.payload or {}), "target": run.busy.get("target")}
    run.outcome = Outcome("planned-over", "not-planned-over", payload)
    run.busy["busy"] = {"scenario": "PlannedFailover"}
    if run.failure:
        run.failure = {**run.failure, "taskId": plans.PLANNED.tasks[0].task_id}
    return run


def home_run(item: Document, option: str) -> runs.Run:
    """The failback of one item."""
    plan: Plan = plans.with_task(
        plans.FAILBACK, plans.SHUTDOWN_IN_AZURE, then=["machine-stopped", token(item)]
    )
    if option == FIRST:
        head, *rest = plan.tasks
        plan = replace(plan, tasks=(head, *plans.SYNCHRONIZED_FIRST, *rest))
    shown = {"instanceType": "FailoverJobDetails", "protectedItemDetails": []}
    outcome = Outcome("failed-back", "idle-again", token(item))
    return runs.Run(plan, outcome, {"busy": {"scenario": "Failback"}}, shown)


def reverse_run(item: Document) -> runs.Run:
    """Replication to Azure again, of a machine that is home."""
    outcome = Outcome("protected-again", "idle-again", token(item))
    return runs.Run(plans.REVERSE, outcome, {"busy": {"scenario": "ReprotectReplicationGroup"}})
