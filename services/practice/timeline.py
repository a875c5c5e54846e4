"""When the tasks of a job begin and end, computed from its facts.

A task is `[id, name, friendly name, seconds]`, with an optional fifth element, an object:
  stage    tasks of one stage run side by side, a stage begins when the one before has ended (default: each alone)
  group    the index of the group (in the job's `groups`) that the task is shown in
  wait     it ends when a person resumes the job
  ends     "Skipped" or "Failed": how it ends although the job goes on
  details  its custom details
  first, then   [effect, payload]: what happens when it begins, and when it has ended well
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from services.practice.store import Document


@dataclass(frozen=True)
class Span:
    """A task's place in time: world seconds, `end` infinite while it waits for a person."""

    stage: int
    begin: float
    end: float


def extra(task: list[Any]) -> dict[str, Any]:
    """The task's fifth element."""
    return dict(task[4]) if len(task) > 4 and task[4] else {}


def spans(job: Document) -> list[Span]:
    """Where each task stands in time, if nothing stops the job."""
    found: list[Span] = []
    begin = following = float(job["start"])
    stage = -1
    resumed = job.get("resumed") or {}
    for index, task in enumerate(job["tasks"]):
        more = extra(task)
        own = more.get("stage", stage + 1)
        if own != stage:
            stage, begin = own, following
        end = begin + float(task[3])
        if more.get("wait"):
            end = float(resumed[str(index)][0]) if str(index) in resumed else math.inf
        following = max(following, end)
        found.append(Span(own, begin, end))
    return found


def failing(job: Document) -> int:
    """The index of the task that fails; the number of tasks if none does."""
    failure, tasks = job["failure"], job["tasks"]
    return len(tasks) if failure is None else index_of(tasks, failure)


def index_of(tasks: list[list[Any]], failure: dict[str, Any]) -> int:
    """The index of the task that a failure names by id or name; the last one if it names none."""
    wanted = str(failure.get("taskId", "")).lower()
    return next((i for i, t in enumerate(tasks) if wanted in (t[0].lower(), t[1].lower())), len(tasks) - 1)


def failed_beside(job: Document) -> bool:
    """Is there a task that fails although the job goes on?"""
    return any(extra(task).get("ends") == "Failed" for task in job["tasks"])


def last_stage(job: Document, found: list[Span]) -> float:
    """The last stage that runs: that of the failing task."""
    index = failing(job)
    return found[index].stage if index < len(found) else math.inf


def end(job: Document) -> float:
    """When the last task that runs has ended; infinite while the job waits for a person."""
    found = spans(job)
    last = last_stage(job, found)
    return max((span.end for span in found if span.stage <= last), default=float(job["start"]))


def waiting(job: Document, now: float) -> int | None:
    """The index of the task at which the job waits for a person now."""
    found = spans(job)
    last = last_stage(job, found)
    for index, span in enumerate(found):
        if math.isinf(span.end) and span.begin <= now and span.stage <= last:
            return index
    return None
