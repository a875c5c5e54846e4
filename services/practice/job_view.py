"""A job's document as the service answers it, computed from its facts and the time."""

from __future__ import annotations

from typing import Any

from services.practice import ids
from services.practice.clock import stamp, whole_stamp
from services.practice.job_store import ends, failing_task, state
from services.practice.store import Document

# What a task that has not started carries for its times: the service's own quirk, without a Z.
NEVER = "0001-01-01T00:00:00"


def view(vault: Document, job: Document, now: float, whole: bool) -> Document:
    """The job. A list shows it without tasks, details and activity id (`whole` False)."""
    current = state(job, now)
    properties: dict[str, Any] = {
        "activityId": job["activity"] if whole else None,
        "scenarioName": job["scenario"],
        "friendlyName": job["friendly"],
        "state": current,
        "stateDescription": "Completed" if current == "Succeeded" else current,
        "tasks": tasks(job, now) if whole else [],
        "errors": errors(job, now) if whole else [],
        "startTime": stamp(job["start"]),
        "allowedActions": allowed(job, current),
        "targetObjectId": job["target"][0],
        "targetObjectName": job["target"][1],
        "targetInstanceType": job["target"][2],
        "customDetails": custom(job) if whole else None,
    }
    if now >= ends(job):
        properties["endTime"] = whole_stamp(ends(job))
    return {
        "id": f"{ids.site_recovery(vault)}/replicationJobs/{job['name']}",
        "name": job["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationJobs",
        "properties": properties,
    }


def allowed(job: Document, current: str) -> list[str]:
    """What may be done to the job."""
    if current == "InProgress" and job["cancellable"]:
        return ["Cancel"]
    return ["Restart"] if current == "Failed" and job["cancellable"] else []


def custom(job: Document) -> dict[str, Any]:
    """The job's details: its affected objects, or where an export lies."""
    if job["scenario"] == "ExportJobs":
        return {
            "instanceType": "ExportJobDetails",
            "blobUri": "",
            "sasToken": "",
            "affectedObjectDetails": {},
        }
    return {"instanceType": "AsrJobDetails", "affectedObjectDetails": job["affected"]}


def tasks(job: Document, now: float) -> list[dict[str, Any]]:
    """The tasks with their states at this time."""
    begun, result = float(job["start"]), []
    for index, (task_id, name, friendly, seconds) in enumerate(job["tasks"]):
        task = {
            "taskId": task_id,
            "name": name,
            "startTime": NEVER,
            "endTime": NEVER,
            "allowedActions": [],
            "friendlyName": friendly,
            "taskType": "TaskDetails",
            "customDetails": {"instanceType": "TaskDetails"},
            "groupTaskCustomDetails": None,
            "errors": [],
        }
        result.append(task | progress(job, now, index, begun, begun + seconds))
        begun += seconds
    return result


def progress(job: Document, now: float, index: int, begun: float, end: float) -> dict[str, Any]:
    """State, times and errors of the task that is planned from `begun` to `end`."""
    cancelled, failing = job["cancelled"], failing_task(job)
    stopped = now if cancelled is None else float(cancelled)
    if index > failing or begun > min(now, stopped):
        return named("NotStarted", "NotStarted")
    times = {"startTime": stamp(begun)}
    if cancelled is not None and end > stopped:
        if now < ends(job):
            return times | named("InProgress", "InProgress")
        return times | {"endTime": stamp(ends(job))} | named("Cancelled", "Cancelled")
    if now < end:
        return times | named("InProgress", "InProgress")
    times["endTime"] = stamp(end)
    if index == failing:
        return {**times, "errors": errors(job, now), **named("Failed", "Failed")}
    return times | named("Succeeded", "Completed")


def named(current: str, description: str) -> dict[str, str]:
    """State and description of a task."""
    return {"state": current, "stateDescription": description}


def errors(job: Document, now: float) -> list[dict[str, Any]]:
    """The errors of a job that has failed; the same stand at the job and at its task."""
    failure = job["failure"]
    if failure is None or state(job, now) != "Failed":
        return []
    error: dict[str, Any] = {
        "serviceErrorDetails": {
            "code": str(failure.get("code", "78007")),
            "message": failure.get("message", "The requested operation could not be completed."),
            "possibleCauses": failure.get("possibleCauses", ""),
            "recommendedAction": failure.get("recommendedAction", ""),
            "activityId": job["activity"],
        },
        "providerErrorDetails": failure.get("provider"),
        "errorLevel": "Error",
        "creationTime": stamp(ends(job)),
        "taskId": job["tasks"][failing_task(job)][0],
    }
    return [error]
