"""Jobs as events and as problems."""

from __future__ import annotations

from typing import Any

from services.azure.jobs import JobErrorView, JobView, TaskView
from services.problems.known import known
from services.problems.model import Problem
from services.text import plain


def job_event(view: JobView) -> dict[str, Any]:
    """A job as an event: ids, codes, values; times as ISO UTC or null."""
    return {
        "event": "job",
        "id": view.name,
        "scenario": view.scenario,
        "title": view.title,
        "state": view.state,
        "description": view.description,
        "target": view.target,
        "started": view.start and view.start.isoformat(),
        "ended": view.end and view.end.isoformat(),
        "retryAfter": view.retry_after,
        "allowed": list(view.allowed),
        "tasks": [_task(task) for task in view.tasks],
    }


def _task(task: TaskView) -> dict[str, Any]:
    return {
        "name": task.name,
        "title": task.title,
        "state": task.state,
        "description": task.description,
        "started": task.start and task.start.isoformat(),
        "ended": task.end and task.end.isoformat(),
        "instructions": task.instructions,
        "children": [_task(child) for child in task.tasks],
    }


def job_problems(view: JobView) -> list[Problem]:
    """The errors of a job as answers; known codes bring our cause, fix and source."""
    return [_problem(view, error) for error in view.errors]


def _problem(view: JobView, error: JobErrorView) -> Problem:
    code = error.provider_code or error.code
    about = known(code, error.code)
    return Problem(
        code=code or "job-error",
        subject=plain(view.target),
        what=plain(error.provider_message or error.message),
        cause=about.cause if about else plain(error.provider_causes or error.causes),
        remedy=about.fix if about else plain(error.provider_action or error.action),
        check=about.check if about else "",
        source=about.source if about else "",
        request_id=plain(error.activity_id),
        raw=error.message,
    )
