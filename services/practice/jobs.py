"""The vault's jobs: listed, read, cancelled, restarted, resumed, exported."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

from services.practice import (
    failover_runs,
    ids,
    item_facts,
    job_plans,
    job_store,
    job_view,
    lro,
    paging,
    plan_runs,
    push,
    standing,
)
from services.practice.effects import EFFECTS
from services.practice.job_store import Outcome, Target
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

JOBS = ids.VAULT + "/replicationJobs"
CLAUSE = re.compile(r"(\w+)\s+(eq|ge|gt|le|lt)\s+'?([^']*?)'?(?:\s+and\s+|$)", re.IGNORECASE)
routes = Router()


@routes.on("GET", JOBS)
def list_jobs(call: Call) -> Answer:
    """The jobs, newest first, without their tasks."""
    vault = ids.vault_of(call)
    clauses = CLAUSE.findall(call.query.get("$filter", ""))
    found = [j for j in call.store.all("job", vault["id"]) if all(fits(j, call.now, *c) for c in clauses)]
    found.sort(key=lambda job: -float(job["start"]))
    return paging.listed(call, found, lambda job: job_view.view(vault, job, call.now, whole=False))


def fits(job: Document, now: float, name: str, operator: str, value: str) -> bool:
    """Does a job meet one clause of a filter? Clauses that we do not know are met."""
    if name.lower() == "jobstatus":
        return job_store.state(job, now).lower() in value.lower().replace(" ", "").split(",")
    if name.lower() == "jobname":
        return bool(job["name"] == value.lower())
    if name.lower() == "affectedobjecttypes":
        return str(job["target"][2]).lower() in value.lower().replace(" ", "").split(",")
    if name.lower() in ("starttime", "endtime"):
        try:
            given = datetime.fromisoformat(value).timestamp()
        except ValueError:
            return True
        begun = float(job["start"])
        return begun >= given if name.lower() == "starttime" or operator[0] == "g" else begun <= given
    return True


def job_of(call: Call) -> tuple[Document, Document]:
    """The vault and the job named in the path."""
    vault = ids.vault_of(call)
    job = call.store.get("job", f"{vault['id']}/replicationJobs/{call.path['job']}")
    if job is None:
        raise ids.absent(call, call.path["job"])
    return vault, job


@routes.on("GET", JOBS + "/{job}")
def get(call: Call) -> Answer:
    """One job with its task tree."""
    vault, job = job_of(call)
    return Answer(body=job_view.view(vault, job, call.now, whole=True))


@routes.on("POST", JOBS + "/{job}/cancel")
def cancel(call: Call) -> Answer:
    """Cancel a running job."""
    vault, job = job_of(call)
    require(call, job, "Cancel")
    operation = follow_up(call, vault, job, job_plans.CANCEL)
    plan_runs.cancel_children(call, job)
    job_store.cancel(call.store, job, call.now)
    return operation


@routes.on("POST", JOBS + "/{job}/restart")
def restart(call: Call) -> Answer:
    """Start a failed job again; it fails again if its cause is still there."""
    vault, job = job_of(call)
    require(call, job, "Restart")
    item = call.store.get("item", job["resource"]) or {}
    if item.get("test") or item.get("busy"):
        raise refused(call, job, "Restart")
    operation = follow_up(call, vault, job, job_plans.RESTART)
    job_store.rerun(call.store, job, call.now, remaining(call, job))
    if (again := f"restarted-{job['outcome'][0]}") in EFFECTS:
        EFFECTS[again](call.store, call.now, {**job["outcome"][2], "job": job_store.job_key(job)})
    return operation


def remaining(call: Call, job: Document) -> dict[str, Any] | None:
    """Why the job fails again: its cause is still there."""
    facts = job["outcome"][2]
    if job["scenario"] == "EnableDr":
        return push.failure(call.realm.world, facts["address"], facts["os"], facts["account"])
    left = facts.get("found") and call.store.get("vm", facts["test"]["vm"]) is not None
    return dict(job["failure"]) if left else None


@routes.on("POST", JOBS + "/{job}/resume")
def resume(call: Call) -> Answer:
    """A person has done what the job waits for; the comments are kept with the task."""
    vault, job = job_of(call)
    require(call, job, "Resume")
    stands = job_store.stands(job, call.now)
    operation = follow_up(call, vault, job, job_plans.RESUME)
    comments = str(call.properties().get("comments") or "")
    if stands:
        clean_up(call, vault, job, comments)
    else:
        job_store.resume(call.store, job, call.now, comments)
    return operation


def clean_up(call: Call, vault: Document, job: Document, comments: str) -> None:
    """The answer to a drill's job that stands is the clean-up of what it made."""
    for item in standing.items(call.store, job):
        if item_facts.allows(item, "TestFailoverCleanup"):
            run, name = failover_runs.cleanup_run(item, comments), str(uuid.uuid4())
            activity = f"{call.client_request} ActivityId: {call.correlation}"
            failover_runs.child(call.store, call.now, vault, item, run, name, activity)


@routes.on("POST", JOBS + "/export", changes=False)
def export(call: Call) -> Answer:
    """Start an export."""
    vault = ids.vault_of(call)
    resource = f"{ids.site_recovery(vault)}/replicationJobs/export"
    job = job_store.for_call(call, vault, job_plans.EXPORT, Target("", ""), Outcome(), resource)
    return lro.accepted(call, vault, job)


def require(call: Call, job: Document, action: str) -> None:
    """Refuse what the job's state does not allow."""
    if action not in job_view.allowed(job, job_store.state(job, call.now)):
        raise refused(call, job, action)


def refused(call: Call, job: Document, action: str) -> Refusal:
    """409: the job's state does not allow it."""
    current = job_store.state(job, call.now)
    return ids.detailed(
        call,
        409,
        "Conflict",
        "JobActionNotAllowed",
        f"The action {action} is not allowed on the job '{job['friendly']}'.",
        f"The job is in the state {current}.",
        "Read the job's allowed actions.",
    )


def follow_up(call: Call, vault: Document, job: Document, plan: job_plans.Plan) -> Answer:
    """A job about a job."""
    resource = f"{ids.site_recovery(vault)}/replicationJobs/{job['name']}"
    started = job_store.for_call(call, vault, plan, Target(*job["target"]), Outcome(), resource)
    return lro.accepted(call, vault, started)
