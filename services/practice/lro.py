"""Long-running operations: how they are accepted, watched and ended."""

from __future__ import annotations

import math
import uuid

from services.practice import ids, job_store
from services.practice.clock import stamp
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

POLL_SECONDS = 30
routes = Router()


def retry_after(call: Call) -> str:
    """30 world seconds, in real ones, at least 1 (clients sleep 30 s on 0 or nothing)."""
    return str(max(1, math.ceil(call.realm.clock.real_seconds(POLL_SECONDS))))


def accepted(call: Call, vault: Document, job: Document) -> Answer:
    """202 for a job that was started: its name is the operation's id."""
    status = f"{ids.site_recovery(vault)}/replicationOperationStatus/{job['name']}"
    headers = {
        "Azure-AsyncOperation": call.link(status),
        "Location": call.link(f"{job['resource']}/operationresults/{job['name']}"),
        "Retry-After": retry_after(call),
    }
    return Answer(202, None, headers)


def job_of(call: Call, name: str) -> Document:
    """The job of an operation in this vault."""
    vault = ids.vault_of(call)
    job = call.store.get("job", f"{vault['id']}/replicationJobs/{name}")
    if job is None:
        raise ids.absent(call, name)
    return job


@routes.on("GET", ids.VAULT + "/replicationOperationStatus/{operation}")
def operation_status(call: Call) -> Answer:
    """The status document of a job's operation."""
    job = job_of(call, call.path["operation"])
    current = job_store.state(job, call.now)
    over = call.now >= job_store.worked(job)
    if job_store.stands(job, call.now):
        current = "Succeeded"  # the job waits for the clean-up, the operation does not
    status = {"Cancelled": "Canceled", "Cancelling": "InProgress", "Suspended": "InProgress"}.get(
        current, current
    )
    failure, error = job["failure"] or {}, None
    if status == "Failed":
        error = {
            "code": str(failure.get("code", "78007")),
            "message": failure.get("message", "The operation failed."),
        }
    body = {
        "error": error,
        "id": None,
        "name": job["name"],
        "properties": None,
        "status": status,
        "startTime": stamp(job["start"]),
        "endTime": stamp(job_store.worked(job)) if over else None,
        "percentComplete": None,
    }
    return Answer(200, body, {} if over else {"Retry-After": retry_after(call)})


@routes.on("GET", ids.VAULT + "/{resource*}/operationresults/{operation}")
def operation_result(call: Call) -> Answer:
    """What an operation left: 202 while it runs, then the resource, or 204 if there is none."""
    job = job_of(call, call.path["operation"])
    if call.now < job_store.worked(job):
        return Answer(202, None, {"Location": call.link(call.url_path), "Retry-After": retry_after(call)})
    return resource(call, job["resource"])


def resource(call: Call, path: str) -> Answer:
    """A GET of another path of ours; 204 if nothing is there."""
    for router in call.realm.routers:
        if (found := router.find("GET", path)) is not None:
            route, call.path = found
            try:
                return route.handler(call)
            except Refusal:
                break
    return Answer(204)


def begun(call: Call, resource_id: str, seconds: float) -> Document:
    """A plain ARM operation (no Site Recovery job) that takes `seconds` of the world."""
    operation: Document = {
        "name": str(uuid.uuid4()),
        "resource": resource_id,
        "start": call.now,
        "end": call.now + seconds,
    }
    call.store.put("operation", operation["name"], operation)
    return operation


def watched(call: Call, operation: Document, base: str, status: int, body: Document | None) -> Answer:
    """The answer to a request that began it; `base` is the path under which it can be watched."""
    headers = {
        "Azure-AsyncOperation": call.link(f"{base}/operationStatus/{operation['name']}"),
        "Location": call.link(f"{base}/operationResults/{operation['name']}"),
        "Retry-After": retry_after(call),
    }
    return Answer(status, body, headers)


def operation_of(call: Call) -> Document:
    """The plain operation named in the path."""
    operation = call.store.get("operation", call.path["operation"])
    if operation is None:
        raise Refusal(404, "OperationNotFound", f"The operation '{call.path['operation']}' was not found.")
    return operation


LOCATION = "/subscriptions/{sub}/providers/{provider}/locations/{location}"


@routes.on("GET", LOCATION + "/operationStatus/{operation}", ids.VAULT + "/operationStatus/{operation}")
def plain_status(call: Call) -> Answer:
    """The status document of a plain operation."""
    operation = operation_of(call)
    over = call.now >= operation["end"]
    body = {
        "id": call.url_path,
        "name": operation["name"],
        "status": "Succeeded" if over else "InProgress",
        "startTime": stamp(operation["start"]),
    }
    if over:
        body["endTime"] = stamp(operation["end"])
    return Answer(200, body, {} if over else {"Retry-After": retry_after(call)})


@routes.on("GET", LOCATION + "/operationResults/{operation}", ids.VAULT + "/operationResults/{operation}")
def plain_result(call: Call) -> Answer:
    """What a plain operation left."""
    operation = operation_of(call)
    if call.now < operation["end"]:
        return Answer(202, None, {"Location": call.link(call.url_path), "Retry-After": retry_after(call)})
    return resource(call, operation["resource"])
