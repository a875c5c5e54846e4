"""A job's document as the service answers it, computed from its facts and the time."""

from __future__ import annotations

from typing import Any

from services.practice import ids, timeline
from services.practice.clock import stamp, whole_stamp
from services.practice.job_store import ends, stands, state
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
        "stateDescription": described(job, current, now),
        "tasks": tasks(vault, job, now) if whole else [],
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


def described(job: Document, current: str, now: float) -> str:
    """The state's description: a job that succeeded may have left something undone."""
    if current == "Suspended":
        return "WaitingForStopTestFailover" if stands(job, now) else "WaitingForManualAction"
    if current != "Succeeded":
        return current
    if timeline.failed_beside(job):
        return "PartiallySucceeded" if job.get("partial") else "CompletedWithInformation"
    return "Completed"


def allowed(job: Document, current: str) -> list[str]:
    """What may be done to the job."""
    if current == "Suspended":
        return ["Cancel", "Resume"]
    if current == "InProgress" and job["cancellable"]:
        return ["Cancel"]
    return ["Restart"] if current == "Failed" and job["cancellable"] and not job.get("items") else []


def custom(job: Document) -> dict[str, Any]:
    """The job's details: its affected objects, what it works with, or where an export lies."""
    if job["scenario"] == "ExportJobs":
        return {
            "instanceType": "ExportJobDetails",
            "blobUri": "",
            "sasToken": "",
            "affectedObjectDetails": {},
        }
    own = job.get("custom") or {"instanceType": "AsrJobDetails"}
    return {**own, "affectedObjectDetails": job["affected"]}


def tasks(vault: Document, job: Document, now: float) -> list[dict[str, Any]]:
    """The tasks with their states at this time; those of a group under the group."""
    found = timeline.spans(job)
    shown = [leaf(vault, job, now, index, span) for index, span in enumerate(found)]
    groups = job.get("groups") or []
    result: list[dict[str, Any]] = []
    for index, task in enumerate(job["tasks"]):
        number = timeline.extra(task).get("group")
        if number is None:
            result.append(shown[index])
        elif not any(timeline.extra(t).get("group") == number for t in job["tasks"][:index]):
            members = [s for s, t in zip(shown, job["tasks"], strict=True) if grouped(t, number)]
            result.append(group(groups[number], members))
    return result


def grouped(task: list[Any], number: int) -> bool:
    """Does the task stand in this group?"""
    return bool(timeline.extra(task).get("group") == number)


def group(about: dict[str, Any], members: list[dict[str, Any]]) -> dict[str, Any]:
    """A group's task: its state follows from its members'."""
    begun = [m["startTime"] for m in members if m["startTime"] != NEVER]
    over = [m["endTime"] for m in members if m["endTime"] != NEVER]
    states = {m["state"] for m in members}
    current, description = "InProgress", "InProgress"
    if states == {"NotStarted"}:
        current = description = "NotStarted"
    elif "Suspended" in states:
        current, description = "Suspended", "WaitingForManualAction"
    elif len(over) == len(members):
        current, description = "Succeeded", "Completed"
        if "Cancelled" in states:
            current = description = "Cancelled"
        elif "Failed" in states:
            partly = len(states - {"Failed"}) > 0
            current, description = ("Succeeded", "PartiallySucceeded") if partly else ("Failed", "Failed")
    return {
        "taskId": about["groupId"],
        "name": about["task"],
        "startTime": min(begun, default=NEVER),
        "endTime": max(over) if over and len(over) == len(members) else NEVER,
        "allowedActions": [],
        "friendlyName": about["name"],
        "state": current,
        "stateDescription": description,
        "taskType": "TaskDetails",
        "customDetails": {"instanceType": "TaskDetails"},
        "groupTaskCustomDetails": {
            "instanceType": about["instanceType"],
            "name": about["name"],
            "groupId": about["groupId"],
            "rpGroupType": about["rpGroupType"],
            "childTasks": members,
        },
        "errors": [],
    }


def leaf(vault: Document, job: Document, now: float, index: int, span: timeline.Span) -> dict[str, Any]:
    """One task that has no children."""
    task_id, name, friendly = job["tasks"][index][:3]
    details = dict(timeline.extra(job["tasks"][index]).get("details") or {"instanceType": "TaskDetails"})
    if details["instanceType"] == "ManualActionTaskDetails":
        details["observation"] = ((job.get("resumed") or {}).get(str(index)) or [0, ""])[1]
    if "jobTask" in details:
        details["jobTask"] = {
            **details["jobTask"],
            "jobId": f"{ids.site_recovery(vault)}/replicationJobs/{details['jobTask']['jobId']}",
        }
    return {
        "taskId": task_id,
        "name": name,
        "startTime": NEVER,
        "endTime": NEVER,
        "allowedActions": [],
        "friendlyName": friendly,
        "taskType": details["instanceType"],
        "customDetails": details,
        "groupTaskCustomDetails": None,
        "errors": [],
        **progress(job, now, index, span),
    }


def progress(job: Document, now: float, index: int, span: timeline.Span) -> dict[str, Any]:
    """State, times and errors of a task."""
    cancelled, failing, more = job["cancelled"], timeline.failing(job), timeline.extra(job["tasks"][index])
    stopped = now if cancelled is None else float(cancelled)
    if span.stage > timeline.last_stage(job, timeline.spans(job)) or span.begin > min(now, stopped):
        return named("NotStarted", "NotStarted")
    times = {"startTime": stamp(span.begin)}
    if cancelled is not None and span.end > stopped:
        if now < ends(job):
            return times | named("InProgress", "InProgress")
        return times | {"endTime": stamp(ends(job))} | named("Cancelled", "Cancelled")
    if now < span.end:
        if more.get("wait"):
            return {**times, "allowedActions": ["Resume"], **named("Suspended", "WaitingForManualAction")}
        return times | named("InProgress", "InProgress")
    if more.get("ends") == "Skipped":
        return named("Other", "Skipped")
    times["endTime"] = stamp(span.end)
    if index == failing:
        return {**times, "errors": errors(job, now), **named("Failed", "Failed")}
    if more.get("ends") == "Failed":
        said = [error(job, more["error"], span.end, job["tasks"][index][0])]
        return {**times, "errors": said, **named("Failed", "Failed")}
    return times | named("Succeeded", "Completed")


def named(current: str, description: str) -> dict[str, str]:
    """State and description of a task."""
    return {"state": current, "stateDescription": description}


def errors(job: Document, now: float) -> list[dict[str, Any]]:
    """The errors of a job that has failed, or of its tasks; the same stand at the job and at its task."""
    current = state(job, now)
    if job["failure"] is not None and current == "Failed":
        return [error(job, job["failure"], ends(job), job["tasks"][timeline.failing(job)][0])]
    found = timeline.spans(job)
    return [
        error(job, timeline.extra(task)["error"], span.end, task[0])
        for task, span in zip(job["tasks"], found, strict=True)
        if timeline.extra(task).get("ends") == "Failed" and now >= span.end and job["cancelled"] is None
    ]


def error(job: Document, failure: dict[str, Any], at: float, task_id: str) -> dict[str, Any]:
    """One error as the service writes it."""
    return {
        "serviceErrorDetails": {
            "code": str(failure.get("code", "78007")),
            "message": failure.get("message", "The requested operation could not be completed."),
            "possibleCauses": failure.get("possibleCauses", ""),
            "recommendedAction": failure.get("recommendedAction", ""),
            "activityId": job["activity"],
        },
        "providerErrorDetails": failure.get("provider"),
        "errorLevel": "Error",
        "creationTime": stamp(at),
        "taskId": task_id,
    }
