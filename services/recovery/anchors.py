"""What Azure keeps of the journal's chain: comments of a clean-up's job, observations of manual actions.

They are read back from the jobs themselves, once; what was sent is no proof that Azure has kept it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from services.evidence.anchor import anchored
from services.evidence.entries import Anchor, Deviation
from services.problems.model import CancelledError, DeadlineError, ProblemError, SignInError
from services.recovery.happened import jobs
from services.recovery.run import Run
from services.recovery.verb_run import MANUAL

Json = Mapping[str, Any]
_KEPT, _UNREAD = "anchors", "anchors-unread"


def anchors(run: Run) -> list[Anchor]:
    """The anchors that Azure gives back for the jobs of a run; the same at every call once all were read.

    SignInError where Azure cannot be reached now; a job that it does not let us read is kept as unread.
    """
    kept = run.facts.get(_KEPT)
    if kept is not None:
        return [Anchor(**one) for one in kept]
    found: list[Anchor] = []
    unread: list[str] = []
    for job in _candidates(run):
        try:
            found += _of_job(run, str(job["id"]))
        except (CancelledError, DeadlineError, SignInError):
            raise
        except ProblemError:
            unread.append(str(job["id"]))
    found.sort(key=lambda one: one.at)
    run.learn(**{_UNREAD: unread}, **({} if unread else {_KEPT: [asdict(one) for one in found]}))
    return found


def missing(run: Run, found: Iterable[Anchor]) -> Iterator[Deviation]:
    """The jobs that were given an anchor and do not show it."""
    shown = {one.job_id for one in found}
    given = bool(anchored(str(run.facts.get("comments") or "")))
    answered = any(one.get("answer") for one in run.facts.get(MANUAL) or [])
    unread = run.facts.get(_UNREAD) or []
    for job in _candidates(run):
        if job["id"] in unread:
            what = "Azure did not let this job be read: whether it holds an anchor is not known."
            yield Deviation("not-measured", what, str(job["target"]), job_id=str(job["id"]))
        elif (given if _cleans(job) else answered) and job["id"] not in shown:
            what = "Azure does not show the comments that were sent with this job: it holds no anchor."
            yield Deviation("not-executed", what, str(job["target"]), job_id=str(job["id"]))


def _candidates(run: Run) -> list[Json]:
    """The jobs to which comments are sent: clean-ups, and those that wait for a person."""
    return [
        job
        for job in jobs(run.facts)
        if _cleans(job) or any(task["instructions"] for task in _leaves(job["tasks"]))
    ]


def _cleans(job: Json) -> bool:
    return "Cleanup" in str(job["scenario"])


def _of_job(run: Run, name: str) -> Iterator[Anchor]:
    about: Json = (run.vault.reads.job(name) or {}).get("properties") or {}
    comments = str((about.get("customDetails") or {}).get("comments") or "")
    if anchored(comments):
        yield Anchor("comments of the clean-up's job", name, comments, str(about.get("startTime") or ""))
    for task in _walk(about.get("tasks") or []):
        text = str((task.get("customDetails") or {}).get("observation") or "")
        if anchored(text):
            where = f"observation of the manual action {task.get('friendlyName')}"
            yield Anchor(where, name, text, str(task.get("endTime") or ""))


def _walk(tasks: Iterable[Json]) -> Iterator[Json]:
    for task in tasks:
        yield task
        yield from _walk((task.get("groupTaskCustomDetails") or {}).get("childTasks") or [])


def _leaves(tasks: Iterable[Json]) -> Iterator[Json]:
    for task in tasks:
        yield task
        yield from _leaves(task["children"])
