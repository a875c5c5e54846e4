"""How the steps ask Azure to change something: always through operations, then followed to the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from services.azure.job_report import job_event, job_problems
from services.azure.jobs import JobView, asked_by
from services.azure.replication import Json, Replication
from services.journal.model import OperationRow
from services.journal.operations import FINISHED, newest
from services.operations.follow import follow
from services.operations.model import Find, Found, Mutation, Transport
from services.operations.perform import LAG, abandon, adopt, look, perform
from services.operations.resolve import finish, unresolved
from services.problems.model import Problem, ProblemError
from services.scenario.session import Session
from services.text import _

POLL = 15.0
"""World seconds between two looks at something that is awaited."""
ABSENT = 600.0
"""World seconds after which an accepted resource that nobody sees counts as failed."""

Seen = TypeVar("Seen")
Call = Callable[[dict[str, Any]], Any]


def now(session: Session) -> datetime:
    """The world's time, whole seconds."""
    return session.world.clock.now().replace(microsecond=0)


def ask(
    session: Session,
    verb: str,
    target: str,
    method: str,
    body: Mapping[str, Any] | None,
    call: Call,
    exists: Callable[[], bool] | None,
    *,
    jobs: Replication | None = None,
    repeatable: bool = False,
    polled: bool = True,
) -> OperationRow:
    """Send one mutation through an SDK call, adopt it where its answer was lost, and say so.

    `call` takes the SDK's keyword arguments (`polled`: it is a `begin_*` method). `exists` says whether the
    wish has come true in Azure; `jobs` is where a job of ours can be found. With neither, a lost answer is
    replaced by a new request.
    """

    by_job = find_job(session, jobs) if jobs else None

    def find(row: OperationRow) -> Found | None:
        found = by_job(row) if by_job else None
        if found:
            return found
        return Found("resource") if exists is not None and exists() else None

    def send(transport: Transport) -> object:
        return call(transport.sdk() if polled else transport.call())

    lookable = exists is not None or jobs is not None
    mutation = Mutation(verb, target, method, body, send, find, repeatable, "look" if lookable else "replace")
    earlier = _settle_others(session, mutation)
    if earlier is not None:
        return earlier
    _let_go(session, mutation, exists)
    row = perform(session.journal, session.engagement_id, mutation, session.world, session.deadline)
    session.emit(
        {"event": "operation", "verb": verb, "target": target, "state": row.state, "job": row.job_id}
    )
    return row


def find_job(session: Session, jobs: Replication) -> Find:
    """Looks for the job of a request whose answer was lost, whatever it asked for."""
    remembered: dict[str, str] = {}

    def find(row: OperationRow) -> Found | None:
        session.deadline.check()
        job = asked_by(jobs.jobs(), jobs.job, row.client_request_id, remembered=remembered)
        return Found("job", job.name, job.start.isoformat() if job.start else "") if job else None

    return find


def _settle_others(session: Session, mutation: Mutation) -> OperationRow | None:
    """Find out what became of what an earlier run asked of the same thing in other words.

    What was taken is adopted and comes back: nothing more is asked of the thing now. What is not there is
    followed no longer.
    """
    adopted = None
    lag = session.world.clock.real_seconds(LAG)
    for row in unresolved(session.journal, session.engagement_id):
        if row.verb != mutation.verb or row.target != mutation.target or row.digest == mutation.digest:
            continue
        found = look(mutation.find, row, lag, session.deadline) if mutation.on_lost == "look" else None
        if found is None:
            abandon(session.journal, row, "asked anew with another body")
        else:
            adopted = adopt(session.journal, row, found)
    return adopted


def _let_go(session: Session, mutation: Mutation, exists: Callable[[], bool] | None) -> None:
    """What was made and is gone by another hand may be asked for again; what may only lag is waited for."""
    rows = (session.journal, session.engagement_id, mutation.verb, mutation.target, mutation.digest)
    known = newest(*rows)
    if exists is None or known is None or known.state != FINISHED or known.outcome != "succeeded":
        return
    age = (datetime.now(UTC) - datetime.fromisoformat(known.updated)).total_seconds()
    lag = max(0.0, session.world.clock.real_seconds(LAG) - age)
    # Its old job says nothing of today: only the thing itself counts.
    there = look(lambda _row: Found("resource") if exists() else None, known, lag, session.deadline)
    if there is None:
        finish(session.journal, known, "superseded")


def created(session: Session, verb: str, path: str, api_version: str, body: Mapping[str, Any]) -> None:
    """PUT a resource of Resource Manager that does not exist yet."""
    arm = session.azure.arm
    row = ask(
        session,
        verb,
        path,
        "PUT",
        body,
        lambda options: arm.send("PUT", path, api_version, body, options),
        lambda: arm.exists(path, api_version),
        polled=False,
    )
    try:
        until_provisioned(session, path, api_version)
    except ProblemError as error:
        if error.problems[0].code == "provisioning":
            finish(session.journal, row, "failed", error)
        raise
    finish(session.journal, row, "succeeded")


def until_provisioned(session: Session, path: str, api_version: str) -> Json:
    """The resource, as soon as Azure has provisioned it; ProblemError when that failed."""
    clock = session.world.clock
    began = clock.now()

    def seen() -> Json | None:
        resource = session.azure.arm.get(path, api_version)
        if resource is None and (clock.now() - began).total_seconds() > ABSENT:
            what = _("Azure has accepted it, and ten minutes later it is still not there.")
            remedy = _("Look at the activity log of its resource group, then run this step again.")
            raise ProblemError(Problem("provisioning", path.rsplit("/", 1)[-1], what, remedy=remedy))
        state = str(((resource or {}).get("properties") or {}).get("provisioningState") or "Succeeded")
        if state in ("Failed", "Canceled"):
            what = _("Azure could not create it: {state}.").format(state=state)
            raise ProblemError(Problem("provisioning", path.rsplit("/", 1)[-1], what))
        return resource if state == "Succeeded" else None

    return wait_until(session, path.rsplit("/", 1)[-1], seen)


def wait_until(
    session: Session,
    what: str,
    seen: Callable[[], Seen | None],
    *,
    nudge: Callable[[], None] | None = None,
    nudge_every: float = 0.0,
) -> Seen:
    """Look until something is seen. `nudge` is done when it was not, and again every so many world seconds."""
    clock = session.world.clock
    nudged: datetime | None = None
    told = False
    while (found := seen()) is None:
        if not told:
            session.emit({"event": "wait", "for": what})
            told = True
        if nudge and (nudged is None or (clock.now() - nudged).total_seconds() >= nudge_every):
            nudge()
            nudged = clock.now()
        else:
            session.deadline.wait(max(0.5, clock.real_seconds(POLL)))
    return found


def follow_job(
    session: Session, reads: Replication, row: OperationRow, exists: Callable[[], bool] | None = None
) -> None:
    """Follow the job of an operation to its end and write how it ended; ProblemError when it failed.

    A job that the service no longer knows has ended long ago: then `exists` says how.
    """
    if row.state != "accepted":
        return
    if not row.job_id:
        finish(session.journal, row, "succeeded")
        return
    try:
        view = watch(session, reads, row.job_id)
    except ProblemError as error:
        if error.problems[0].code != "job-not-found" or exists is None:
            raise
        finish(session.journal, row, "succeeded" if exists() else "superseded")
        return
    if view.state == "Succeeded":
        finish(session.journal, row, "succeeded")
        return
    ended = Problem("job-failed", view.target, _("The job ended as {state}.").format(state=view.state))
    problem = ProblemError(*(job_problems(view) or [ended]))
    finish(session.journal, row, "failed", problem)
    raise problem


def watch(session: Session, reads: Replication, job_id: str) -> JobView:
    """Follow one job, saying each change, until it has ended."""
    return follow(
        lambda: reads.job_view(job_id),
        session.world,
        session.deadline,
        lambda view: session.emit(job_event(view)),
    )
