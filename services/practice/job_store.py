"""Jobs as stored facts: started, cancelled, restarted; and what follows when one has ended."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from typing import Any

from services.practice import effects, faults, timeline
from services.practice.job_plans import Plan, Task
from services.practice.store import Document, Store
from services.practice.web import Call

CANCEL_SECONDS = 30.0
DRILL = "TestFailover"


@dataclass(frozen=True)
class Target:
    """What a job works on, as its document names it."""

    id: str
    name: str
    kind: str = "Other"


@dataclass(frozen=True)
class Outcome:
    """What follows a job: an effect when it succeeded, another when it did not, both with the payload."""

    done: str = ""
    failed: str = ""
    payload: dict[str, Any] | None = None


def started(
    store: Store,
    at: float,
    vault: Document,
    plan: Plan,
    target: Target,
    outcome: Outcome,
    resource: str,
    activity: str = "",
    failure: dict[str, Any] | None = None,
    affected: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> Document:
    """Store a job that starts now. `failure` says which task fails and how; `resource` is what it leaves.

    `more`: facts of this kind of job, among them `name`, `groups` and `custom` (its custom details).
    """
    do = faults.claim_job(store, plan.scenario, target.name, target.kind == "RecoveryPlan")
    tasks = [
        [t.task_id, t.name, t.friendly, t.seconds * float(do.get("slow", 1)), t.extra] for t in plan.tasks
    ]
    failure = do.get("jobFails", failure)
    job: Document = {
        "name": str(uuid.uuid4()),
        "vault": vault["id"],
        "scenario": plan.scenario,
        "friendly": plan.friendly,
        "cancellable": plan.cancellable,
        "activity": activity or f"{uuid.uuid4()} ActivityId: {uuid.uuid4()}",
        "start": at,
        "run": 1,
        "tasks": partly(tasks, do["partially"]) if "partially" in do else tasks,
        "partial": "partially" in do,
        "leaves": do.get("leaves"),
        "failure": failure,
        "cancelled": None,
        "target": [target.id, target.name, target.kind],
        "affected": affected or {},
        "outcome": [outcome.done, outcome.failed, outcome.payload or {}],
        "resource": resource,
        **(more or {}),
    }
    keep(store, job)
    plan_ahead(store, job, at)
    if "foreign" in do:
        foreign(store, at, vault, do["foreign"], target, resource, affected)
    return job


def partly(tasks: list[list[Any]], failure: dict[str, Any]) -> list[list[Any]]:
    """The tasks, one of which fails without stopping the job."""
    index = timeline.index_of(tasks, failure)
    more = {**timeline.extra(tasks[index]), "ends": "Failed", "error": failure}
    more.pop("then", None)
    return [[*t[:4], more] if i == index else t for i, t in enumerate(tasks)]


def foreign(
    store: Store,
    at: float,
    vault: Document,
    about: dict[str, Any],
    target: Target,
    resource: str,
    affected: dict[str, str] | None,
) -> Document:
    """A job that somebody else has begun on the same target."""
    scenario = str(about.get("scenario") or "UpdateVmProperties")
    friendly = str(about.get("friendly") or "Update the virtual machine")
    task = Task(f"{scenario}Task", f"{scenario}Task", friendly, float(about.get("seconds") or 600))
    return started(
        store, at, vault, Plan(scenario, friendly, (task,)), target, Outcome(), resource, affected=affected
    )


def for_call(
    call: Call,
    vault: Document,
    plan: Plan,
    target: Target,
    outcome: Outcome,
    resource: str,
    failure: dict[str, Any] | None = None,
    affected: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> Document:
    """A job that a request starts: its activity id names the request; a fault rule may make it fail."""
    planned = dict(call.job_fails) if call.job_fails else failure
    activity = f"{call.client_request} ActivityId: {call.correlation}"
    return started(
        call.store, call.now, vault, plan, target, outcome, resource, activity, planned, affected, more
    )


def job_key(job: Document) -> str:
    """The key of a job document."""
    return f"{job['vault']}/replicationJobs/{job['name']}"


def keep(store: Store, job: Document) -> None:
    """Store a job's facts."""
    store.put("job", job_key(job), job, parent=job["vault"])


def worked(job: Document) -> float:
    """When the job's work is done, in world seconds; infinite while it waits for a person."""
    if job["cancelled"] is not None:
        return float(job["cancelled"]) + CANCEL_SECONDS
    return timeline.end(job)


def ends(job: Document) -> float:
    """When the job ends, or has ended, in world seconds; infinite while it waits for a person or a clean-up."""
    return worked(job) if not _awaits_cleanup(job) else max(worked(job), job.get("released") or math.inf)


def stands(job: Document, now: float) -> bool:
    """Is it a drill whose work is done, and which is not cleaned up?"""
    return worked(job) <= now < ends(job)


def _awaits_cleanup(job: Document) -> bool:
    """Does the job stand when its work is done? A drill does, unless something of it failed or it was cancelled."""
    well = job["failure"] is None and job["cancelled"] is None
    return job["scenario"] == DRILL and well and not timeline.failed_beside(job)


def state(job: Document, now: float) -> str:
    """The job's state, as the service names it."""
    over = now >= ends(job)
    if job["cancelled"] is not None:
        return "Cancelled" if over else "Cancelling"
    if not over:
        going = timeline.waiting(job, now) is None and not stands(job, now)
        return "InProgress" if going else "Suspended"
    return "Failed" if job["failure"] is not None else "Succeeded"


def plan_ahead(store: Store, job: Document, now: float) -> None:
    """Write down what follows from the job's tasks and from its end, as far as it can be foreseen."""
    found = timeline.spans(job)
    last = timeline.last_stage(job, found)
    failing = timeline.failing(job)
    told = {"job": job_key(job), "run": job["run"]}
    for index, (task, span) in enumerate(zip(job["tasks"], found, strict=True)):
        for when, at in (("first", span.begin), ("then", span.end)):
            stopped = span.stage > last or (when == "then" and index == failing)
            if when in timeline.extra(task) and now <= at < math.inf and not stopped:
                effects.schedule(store, at, "job-task", {**told, "task": index, "when": when})
    if worked(job) < math.inf:
        effects.schedule(store, worked(job), "job-ended", told)


@effects.effect("job-task")
def job_task(store: Store, at: float, payload: dict[str, Any]) -> None:
    """What follows from a task's beginning or end, unless the job was cancelled or restarted meanwhile."""
    job = store.get("job", payload["job"])
    if job is None or job["run"] != payload["run"]:
        return
    name, arguments = timeline.extra(job["tasks"][payload["task"]])[payload["when"]]
    effects.EFFECTS[name](store, at, {**arguments, "job": payload["job"], "task": payload["task"]})


def cancel(store: Store, job: Document, now: float) -> None:
    """Cancel a running job."""
    job["cancelled"], job["run"] = now, job["run"] + 1
    keep(store, job)
    effects.schedule(store, ends(job), "job-ended", {"job": job_key(job), "run": job["run"]})


def rerun(store: Store, job: Document, now: float, failure: dict[str, Any] | None) -> None:
    """Start a failed job again."""
    job |= {"start": now, "failure": failure, "run": job["run"] + 1}
    keep(store, job)
    plan_ahead(store, job, now)


def resume(store: Store, job: Document, now: float, comments: str) -> None:
    """A person has done what the job waits for."""
    index = timeline.waiting(job, now)
    job |= {"resumed": {**(job.get("resumed") or {}), str(index): [now, comments]}, "run": job["run"] + 1}
    keep(store, job)
    plan_ahead(store, job, now)


@effects.effect("job-ended")
def job_ended(store: Store, at: float, payload: dict[str, Any]) -> None:
    """What follows from the end of a job's work, unless it was cancelled or restarted meanwhile."""
    job = store.get("job", payload["job"])
    if job is None or job["run"] != payload["run"]:
        return
    done, failed, arguments = job["outcome"]
    name = done if state(job, at) == "Succeeded" or stands(job, at) else failed
    if name:
        effects.EFFECTS[name](store, at, {**arguments, "job": payload["job"]})
