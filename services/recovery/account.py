"""What Azure's jobs say at the end of a run: the manual actions with the comments that answered them and how long
they waited, and the sources that could not be shut down. Read from the jobs, so that it counts whoever answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from services.azure.ids import last
from services.azure.jobs import JobView, TaskView, walk
from services.evidence.anchor import without_anchor
from services.evidence.sections import span
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError
from services.recovery.run import Run
from services.text import _, plain

Json = dict[str, Any]
WAITED = "waited"
"""The fact: manual actions as task, name, instructions, comments, since, until (ISO UTC; empty while it waits)."""
LEFT_ON = "not-shut-down"
"""The fact: sources that could not be shut down, as machine, job, at (ISO UTC) and why."""
_SHUTDOWN = "shutdownvmonprimary"
"""A part of the name of the task, whatever its provider and verb."""


def keep(run: Run, name: str) -> None:
    """Keep what a job, and the jobs that it has started, say now. Where Azure cannot be read nothing is kept."""
    try:
        views = list(_views(run, name))
    except (CancelledError, DeadlineError):
        raise
    except ProblemError:
        return
    leaves = [(view, task) for view in views for task in walk(view.tasks) if not task.tasks]
    actions = [_waited(task) for view, task in leaves if task.manual and task.start]
    kept = run.facts.get(LEFT_ON) or []
    left = [_left_on(view, task) for view, task in leaves if _not_shut_down(task)]
    told = {one["task"] for one in actions}
    before = [one for one in run.facts.get(WAITED) or [] if one["task"] not in told]
    run.learn(**{WAITED: [*before, *actions], LEFT_ON: [*kept, *(one for one in left if one not in kept)]})


def notes(facts: Mapping[str, Any], met: Iterable[Mapping[str, Any]]) -> list[str]:
    """Each manual action in a sentence. `met`: those that the run saw itself, where Azure no longer tells of them."""
    told = facts.get(WAITED) or []
    known = {one["task"] for one in told}
    said = [_note(one) for one in told]
    return said + [
        f"{one['name']}: {one['answer'] or 'answered by somebody else'} ({one['at']})"
        for one in met
        if one["task"] not in known
    ]


def paused(facts: Mapping[str, Any]) -> float | None:
    """Seconds that the job waited for people, each moment once; None where no action is known."""
    spans = sorted(
        (datetime.fromisoformat(one["since"]), datetime.fromisoformat(one["until"]))
        for one in facts.get(WAITED) or []
        if one["until"]
    )
    total, over = 0.0, None
    for since, until in spans:
        begins = since if over is None else max(since, over)
        total += max(0.0, (until - begins).total_seconds())
        over = until if over is None else max(until, over)
    return total if spans else None


def left_on(facts: Mapping[str, Any]) -> tuple[Problem, ...]:
    """The sources that could not be shut down, as what a person must look at although the failover is done."""
    what = _("The source could not be shut down: the machine may be live on both sides.")
    remedy = _("Make sure that the source is off before anybody works with the machine in Azure.")
    return tuple(
        Problem("source-left-on", plain(one["machine"]), what, cause=plain(one["why"]), remedy=remedy)
        for one in facts.get(LEFT_ON) or []
    )


def _views(run: Run, name: str) -> Iterator[JobView]:
    view = run.vault.reads.job_view(name)
    if view is None:
        return
    yield view
    for child in dict.fromkeys(last(task.child_job) for task in walk(view.tasks) if task.child_job):
        below = run.vault.reads.job_view(child)
        if below is not None:
            yield below


def _not_shut_down(task: TaskView) -> bool:
    return task.state == "Failed" and _SHUTDOWN in task.name.lower()


def _waited(task: TaskView) -> Json:
    return {
        "task": task.id,
        "name": task.title,
        "instructions": task.instructions,
        "comments": task.comments,
        "since": task.start and task.start.isoformat(timespec="seconds"),
        "until": task.end.isoformat(timespec="seconds") if task.end else "",
    }


def _left_on(view: JobView, task: TaskView) -> Json:
    why = task.errors[0].causes or task.errors[0].message if task.errors else ""
    return {
        "machine": view.target,
        "job": view.name,
        "at": task.end.isoformat(timespec="seconds") if task.end else "",
        "why": why,
    }


def _note(one: Mapping[str, Any]) -> str:
    said = without_anchor(one["comments"]) or "resumed without a comment"
    if not one["until"]:
        return f"{one['name']}: not answered; it waits since {one['since']}"
    since, until = datetime.fromisoformat(one["since"]), datetime.fromisoformat(one["until"])
    return f"{one['name']}: {said} (waited {span((until - since).total_seconds())}, until {one['until']})"
