"""Jobs as stored facts: started, cancelled, restarted; and what follows when one has ended."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from services.practice import effects
from services.practice.job_plans import Plan
from services.practice.store import Document, Store
from services.practice.web import Call

CANCEL_SECONDS = 30.0


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
) -> Document:
    """Store a job that starts now. `failure` says which task fails and how; `resource` is what it leaves."""
    job: Document = {
        "name": str(uuid.uuid4()),
        "vault": vault["id"],
        "scenario": plan.scenario,
        "friendly": plan.friendly,
        "cancellable": plan.cancellable,
        "activity": activity or f"{uuid.uuid4()} ActivityId: {uuid.uuid4()}",
        "start": at,
        "run": 1,
        "tasks": [[t.task_id, t.name, t.friendly, t.seconds] for t in plan.tasks],
        "failure": failure,
        "cancelled": None,
        "target": [target.id, target.name, target.kind],
        "affected": affected or {},
        "outcome": [outcome.done, outcome.failed, outcome.payload or {}],
        "resource": resource,
    }
    keep(store, job)
    effects.schedule(store, ends(job), "job-ended", {"job": job_key(job), "run": 1})
    return job


def for_call(
    call: Call,
    vault: Document,
    plan: Plan,
    target: Target,
    outcome: Outcome,
    resource: str,
    failure: dict[str, Any] | None = None,
    affected: dict[str, str] | None = None,
) -> Document:
    """A job that a request starts: its activity id names the request; a fault rule may make it fail."""
    planned = dict(call.job_fails) if call.job_fails else failure
    activity = f"{call.client_request} ActivityId: {call.correlation}"
    return started(call.store, call.now, vault, plan, target, outcome, resource, activity, planned, affected)


def job_key(job: Document) -> str:
    """The key of a job document."""
    return f"{job['vault']}/replicationJobs/{job['name']}"


def keep(store: Store, job: Document) -> None:
    """Store a job's facts."""
    store.put("job", job_key(job), job, parent=job["vault"])


def failing_task(job: Document) -> int:
    """The index of the task that fails; the number of tasks if none does."""
    failure, tasks = job["failure"], job["tasks"]
    if failure is None:
        return len(tasks)
    wanted = str(failure.get("taskId", "")).lower()
    return next((i for i, t in enumerate(tasks) if wanted in (t[0].lower(), t[1].lower())), len(tasks) - 1)


def ends(job: Document) -> float:
    """When the job ends, or has ended, in world seconds."""
    if job["cancelled"] is not None:
        return float(job["cancelled"]) + CANCEL_SECONDS
    running = job["tasks"][: failing_task(job) + 1]
    return float(job["start"]) + sum(float(task[3]) for task in running)


def state(job: Document, now: float) -> str:
    """The job's state, as the service names it."""
    over = now >= ends(job)
    if job["cancelled"] is not None:
        return "Cancelled" if over else "Cancelling"
    if not over:
        return "InProgress"
    return "Failed" if job["failure"] is not None else "Succeeded"


def cancel(store: Store, job: Document, now: float) -> None:
    """Cancel a running job."""
    job["cancelled"], job["run"] = now, job["run"] + 1
    keep(store, job)
    effects.schedule(store, ends(job), "job-ended", {"job": job_key(job), "run": job["run"]})


def rerun(store: Store, job: Document, now: float, failure: dict[str, Any] | None) -> None:
    """Start a failed job again."""
    job |= {"start": now, "failure": failure, "run": job["run"] + 1}
    keep(store, job)
    effects.schedule(store, ends(job), "job-ended", {"job": job_key(job), "run": job["run"]})


@effects.effect("job-ended")
def job_ended(store: Store, at: float, payload: dict[str, Any]) -> None:
    """What follows from a job's end, unless it was cancelled or restarted meanwhile."""
    job = store.get("job", payload["job"])
    if job is None or job["run"] != payload["run"]:
        return
    done, failed, arguments = job["outcome"]
    name = done if state(job, at) == "Succeeded" else failed
    if name:
        effects.EFFECTS[name](store, at, {**arguments, "job": payload["job"]})
