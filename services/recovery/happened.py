"""What a run has kept, as moments of a timeline and as deviations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.azure.ids import last
from services.azure.jobs import AWAITS_CLEANUP
from services.evidence.anchor import without_anchor
from services.evidence.entries import Deviation, Moment
from services.journal.operations import operations
from services.recovery import account
from services.recovery.host_clock import doubted
from services.recovery.run import Run
from services.recovery.verbs import CLEANUP

_MARKED = {
    "confirmed": ("confirmed", "decision"),
    "platform": ("Azure's job over", "platform"),
    "running": ("runs", "boot"),
    "checked": ("checks came out well", "application"),
    "verified": ("every machine looked at", "application"),
    "cleanup-started": ("clean-up begun", "cleanup"),
    "listed": ("what is left listed anew", "cleanup"),
    "ended": ("over", "platform"),
}
"""What a run marks, in words, with its phase."""


def timeline(run: Run) -> Iterable[Moment]:
    """Every moment that the run has marked, and every job and task with the service's own times."""
    facts = run.facts
    if run.decided != run.about.declared:
        yield Moment(run.decided, f"{run.about.verb} declared", phase="decision", clock="host")
    yield Moment(run.about.declared, f"{run.about.verb} begun", phase="decision", clock="host")
    titles = {last(id_).lower(): name for id_, name in zip(run.about.targets, run.about.names, strict=False)}
    for key, at in facts.items():
        if key.startswith("at."):
            yield _marked(key.removeprefix("at."), str(at), titles)
    for one in facts.get(account.WAITED) or []:
        yield Moment(one["since"], f"waits for a person: {one['name']}", phase="paused")
        if one["until"]:
            said = without_anchor(one["comments"])
            yield Moment(one["until"], f"resumed: {one['name']}", said, phase="paused")
    for job in jobs(facts):
        phase = "cleanup" if "Cleanup" in job["scenario"] else "platform"
        ids = {
            "job_id": job["id"],
            "client_request_id": job["requestId"],
            "activity_id": job["activityId"],
            "machine": job["target"],
            "phase": phase,
        }
        if job["started"]:
            yield Moment(job["started"], f"job {job['title']} started", **ids)
        for task in job["tasks"]:
            if task["ended"]:
                yield Moment(task["ended"], task["title"], task["state"], **ids)
        if job["ended"] and job.get("description") == AWAITS_CLEANUP:
            yield Moment(job["ended"], f"job {job['title']} waits for the clean-up", **ids)
        elif job["ended"]:
            yield Moment(job["ended"], f"job {job['title']} ended", job["state"], **ids)


def _marked(moment: str, at: str, titles: Mapping[str, str]) -> Moment:
    """A moment that the run has marked, in words. `titles`: the targets by the last part of their id."""
    kind, _dot, rest = moment.partition(".")
    if kind == "sent":
        verb, _dot, name = rest.partition(".")
        phase = "cleanup" if verb == CLEANUP else "platform"
        return Moment(
            at, f"{verb} asked of Azure", machine=titles.get(name.lower(), name), phase=phase, clock="service"
        )
    event, phase = _MARKED.get(kind, (kind, "platform"))
    return Moment(at, event, machine=rest, phase=phase, clock="host")


def jobs(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The jobs that a run has followed."""
    return [value for key, value in facts.items() if key.startswith("job.")]


def deviations(run: Run) -> Iterable[Deviation]:
    """What went otherwise: errors, another's jobs, what was sent again, tasks that were skipped or failed."""
    facts = run.facts
    for name, problems in (facts.get("failed") or {}).items():
        for one in problems:
            yield Deviation("error", one["what"], name, one.get("cause", ""))
    yield from doubted(facts)
    for one in account.left_on(facts):
        yield Deviation("error", one.what, one.subject, one.cause)
    for one in facts.get("collisions") or []:
        what = f"Another's job {one['scenario']} ran on it at the same time."
        yield Deviation("collision", what, one["target"], job_id=one["job"], at=one["started"] or "")
    for row in operations(run.journal, run.engagement_id):
        if row.attempts > 1:
            yield Deviation("retry", f"{row.verb} was sent {row.attempts} times.", job_id=row.job_id)
    for job in jobs(facts):
        for task in job["tasks"]:
            if task["description"] == "Skipped":
                yield Deviation(
                    "skipped", task["title"], job["target"], job_id=job["id"], at=task["ended"] or ""
                )
            elif task["state"] == "Failed":
                yield Deviation(
                    "error", task["title"], job["target"], job_id=job["id"], at=task["ended"] or ""
                )
