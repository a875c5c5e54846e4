"""What became of what a run asked, where nobody followed it to its end: looked up in Azure, and written down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from services.azure.ids import last
from services.azure.job_report import job_problems
from services.azure.jobs import AWAITS_CLEANUP, JobView
from services.journal.base import Base
from services.journal.model import OperationRow
from services.journal.operations import ACCEPTED, INTENT, operations
from services.operations.asking import find_job
from services.operations.model import Found
from services.operations.perform import LAG, abandon, adopt, look
from services.operations.resolve import finish
from services.problems.model import Problem, ProblemError
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.run import Run

ENDED_WELL = ("Succeeded", "PartiallySucceeded", "CompletedWithInformation", AWAITS_CLEANUP)


def finished(journal: Base, row: OperationRow, view: JobView) -> ProblemError | None:
    """Write how a job that is over ended; its problem, where it did not end well."""
    if view.state in ENDED_WELL or (view.over and view.description in ENDED_WELL):
        finish(journal, row, "succeeded")
        return None
    ended = Problem("job-failed", plain(view.target), _("The job ended as {state}.").format(state=view.word))
    problem = ProblemError(*(job_problems(view) or [ended]))
    finish(journal, row, "cancelled" if view.state == "Cancelled" else "failed", problem)
    return problem


def job_gone(row: OperationRow, *, known: bool) -> ProblemError:
    """Azure knows the job of a request no longer. `known`: what was asked is seen not to have come true."""
    what = _("Azure knows its job no longer, and how it ended is not known.")
    if known:
        what = _("Azure knows its job no longer, and what was asked has not come true.")
    return ProblemError(Problem("job-gone", plain(last(row.target)), what))


def looked_for(run: Run, row: OperationRow) -> Found | None:
    """The job of a request whose answer was lost; looked for until what was taken must show."""
    lag = run.world.clock.real_seconds(LAG)
    return look(find_job(run, run.vault.reads), row, max(0.0, lag - _age(row)), run.deadline)


def intents(run: Run, reason: str) -> None:
    """Adopt each request whose answer was lost and whose job is found; the others are followed no longer."""
    for row in operations(run.journal, run.engagement_id):
        if row.state == INTENT:
            found = looked_for(run, row)
            if found:
                adopt(run.journal, row, found)
            else:
                abandon(run.journal, row, reason)


def settled(run: Run) -> bool:
    """Whether all that a run asked is over in Azure; what has ended there without us is written down."""
    return all(_over(run, row) for row in operations(run.journal, run.engagement_id))


def _over(run: Run, row: OperationRow) -> bool:
    if row.state != ACCEPTED:
        return row.state != INTENT
    if not row.job_id:
        finish(run.journal, row, "succeeded")
        return True
    view = run.vault.reads.job_view(row.job_id)
    if view is None:
        if _age(row) < run.world.clock.real_seconds(LAG):
            return False
        finish(run.journal, row, "superseded", job_gone(row, known=False))
        return True
    if view.over:
        finished(run.journal, row, view)
    return view.over


def _age(row: OperationRow) -> float:
    """Real seconds since the last word on a request."""
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(row.updated)).total_seconds())
