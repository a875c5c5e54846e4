"""What can be done with a job: cancel, restart, resume; only when the job's allowedActions say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.azure.ids import last
from services.azure.jobs import JobView, TaskView, walk
from services.changes.plan import Change, Plan
from services.evidence.anchor import anchor_text, anchored
from services.journal.operations import operations
from services.operations.asking import ask
from services.operations.resolve import finish
from services.problems.model import Problem, ProblemError, RefusedError, UsageError
from services.recovery.run import Run
from services.recovery.vault import Vault
from services.text import _

_COMMENTS = "comments"
FAILOVERS = ("UnplannedFailover", "PlannedFailover", "Failover")


@dataclass(frozen=True)
class JobVerb:
    """`id` is ours, `action` its name in allowedActions."""

    id: str
    action: str
    title: str


VERBS = {
    "cancel": JobVerb("cancel", "Cancel", "Cancel"),
    "restart": JobVerb("restart", "Restart", "Restart"),
    "resume": JobVerb("resume", "Resume", "Resume"),
}


def job_named(vault: Vault, name: str) -> JobView:
    """A job with its tasks; UsageError where the vault does not have it."""
    view = vault.reads.job_view(name)
    if view is None:
        what = _("the vault {vault} has no such job").format(vault=vault.ref.name)
        raise UsageError(Problem("unknown-job", name, what, remedy=_("List them: lifeboat jobs")))
    return view


def refuse_unless_allowed(verb: JobVerb, job: JobView) -> None:
    """RefusedError where Azure does not allow it now; and for a drill that waits for its clean-up, as Azure takes
    an answer to its job for the wish to clean up, which is asked for, shown and looked at by that name only.
    """
    if job.awaits_cleanup:
        what = _("The job waits for the clean-up of its drill, and for nothing else.")
        remedy = _("Clean the drill up: lifeboat cleanup")
        raise RefusedError(Problem("job-action", job.title or job.name, what, remedy=remedy))
    if verb.action in job.allowed:
        return
    allowed = ", ".join(job.allowed) or _("nothing")
    what = _("The job is {state}; Azure allows {allowed}, not {action}.").format(
        state=job.word, allowed=allowed, action=verb.action
    )
    raise RefusedError(Problem("job-action", job.title or job.name, what))


def ends_replication(verb: JobVerb, job: JobView) -> bool:
    """Whether doing it leaves a machine without replication: cancelling a failover that runs (AS-10.9)."""
    return verb.id == "cancel" and job.scenario in FAILOVERS


def plan(verb: JobVerb, job: JobView, comments: str) -> Plan:
    """What will be asked of the job. RefusedError as above."""
    refuse_unless_allowed(verb, job)
    notes: tuple[str, ...] = ()
    if ends_replication(verb, job):
        notes = (
            _("Replication was stopped before the failover began."),
            _("After cancelling, the machine does not replicate again until it is set up anew."),
        )
    looked = {"state": job.state, "allowed": list(job.allowed), "comments": comments}
    return Plan(
        f"job-{verb.id}", (Change("change", "job", job.title, job.target),), looked_at=looked, notes=notes
    )


def apply(hand: Run, vault: Vault, verb: JobVerb, shown: JobView, comments: str) -> None:
    """Ask it, after the job was read once more. RefusedError when it has moved on meanwhile.

    With the comments that resume a job of ours, Azure is given the head of the journal's chain to keep.
    """
    job = job_named(vault, shown.name)
    refuse_unless_allowed(verb, job)
    if verb.id == "resume":
        comments = _with_head(hand, job, comments)
    group, scope = vault.reads.sdk.replication_jobs, vault.reads.scope
    body: dict[str, Any] | None = {"properties": {"comments": comments}} if verb.id == "resume" else None
    calls: dict[str, Callable[[dict[str, Any]], Any]] = {
        "cancel": lambda sdk: group.begin_cancel(*scope, job.name, **sdk),
        "restart": lambda sdk: group.begin_restart(*scope, job.name, **sdk),
        "resume": lambda sdk: group.begin_resume(*scope, job.name, body, **sdk),
    }

    answered = _actions(job) if verb.id == "resume" else set()

    def done() -> bool:
        now = vault.reads.job_view(job.name)
        # A job that waits again, at another action, has taken the answer to the one before.
        return now is not None and (verb.action not in now.allowed or bool(answered - _actions(now)))

    row = ask(
        hand,
        f"job-{verb.id}",
        vault.ref.child("replicationJobs", job.name, verb.id),
        "POST",
        body,
        calls[verb.id],
        done,
        before=lambda: refuse_unless_allowed(verb, job_named(vault, job.name)),
    )
    if row.outcome == "refused":
        raise ProblemError(Problem("refused", job.title, _("Azure refused it.")))
    # What was asked of the job is over; the job itself is followed by whoever started it.
    finish(hand.journal, row, "succeeded")


def waiting(view: JobView) -> list[TaskView]:
    """The manual actions at which a job stands."""
    if view.state != "Suspended":
        return []
    return [task for task in walk(view.tasks) if task.state == "Suspended" and not task.tasks]


def _actions(view: JobView) -> set[str]:
    return {task.id for task in waiting(view)}


def _with_head(run: Run, job: JobView, comments: str) -> str:
    """The comments, with the chain's head where a run of this journal has asked for the job; the same at every
    call of a run, so that a resume whose answer was lost is known again.
    """
    if anchored(comments) or not _is_ours(run, job):
        return comments
    known = run.facts.get(_COMMENTS)
    if known is None:
        known = " ".join(part for part in (comments, anchor_text(run.journal)) if part)
        run.learn(**{_COMMENTS: known})
    return str(known)


def _is_ours(run: Run, job: JobView) -> bool:
    asked_for = operations(run.journal)
    return any(last(row.job_id) == job.name and not row.verb.startswith("job-") for row in asked_for)
