"""How the product asks Azure to change something: always through operations, then followed to the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from services.azure.job_report import job_event, job_problems
from services.azure.jobs import JobView, asked_by
from services.azure.replication import Json, Replication
from services.journal.base import Base
from services.journal.model import OperationRow
from services.journal.operations import FINISHED, newest
from services.operations.follow import follow
from services.operations.model import Find, Found, Mutation, Transport
from services.operations.perform import LAG, abandon, adopt, look, perform
from services.operations.resolve import finish, unresolved
from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

if TYPE_CHECKING:
    from services.azure.clients import Azure

POLL = 15.0
"""World seconds between two looks at something that is awaited."""
CLOCKS = timedelta(days=1)
"""By how much this host's clock and the service's may differ at most."""
ABSENT = 600.0
"""World seconds after which an accepted resource that nobody sees counts as failed."""

Seen = TypeVar("Seen")
Call = Callable[[dict[str, Any]], Any]


class Hand(Protocol):
    """Who asks: one engagement in the hands of one worker, with its clients and a way to report."""

    @property
    def world(self) -> World: ...

    @property
    def journal(self) -> Base: ...

    @property
    def engagement_id(self) -> int: ...

    @property
    def deadline(self) -> Deadline: ...

    @property
    def azure(self) -> Azure: ...

    @property
    def emit(self) -> Callable[[Mapping[str, Any]], None]: ...


def now(hand: Hand) -> datetime:
    """The world's time, whole seconds."""
    return hand.world.clock.now().replace(microsecond=0)


def ask(
    hand: Hand,
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
    before: Callable[[], object] | None = None,
) -> OperationRow:
    """Send one mutation through an SDK call, adopt it where its answer was lost, and say so.

    `call` takes the SDK's keyword arguments (`polled`: it is a `begin_*` method). `exists` says whether the
    wish has come true in Azure; `jobs` is where a job of ours can be found. With neither, a lost answer is
    replaced by a new request. `before`: see Mutation.
    """

    by_job = find_job(hand, jobs) if jobs else None

    def find(row: OperationRow) -> Found | None:
        found = by_job(row) if by_job else None
        if found:
            return found
        return Found("resource") if exists is not None and exists() else None

    def send(transport: Transport) -> object:
        return call(transport.sdk() if polled else transport.call())

    lookable = exists is not None or jobs is not None
    on_lost: Literal["look", "replace"] = "look" if lookable else "replace"
    mutation = Mutation(verb, target, method, body, send, find, repeatable, on_lost, before=before)
    earlier = _settle_others(hand, mutation)
    if earlier is not None:
        return earlier
    _let_go(hand, mutation, exists)
    row = perform(hand.journal, hand.engagement_id, mutation, hand.world, hand.deadline)
    hand.emit({"event": "operation", "verb": verb, "target": target, "state": row.state, "job": row.job_id})
    return row


def find_job(hand: Hand, jobs: Replication) -> Find:
    """Looks for the job of a request whose answer was lost, whatever it asked for."""
    remembered: dict[str, str] = {}

    def find(row: OperationRow) -> Found | None:
        hand.deadline.check()
        since = _before(hand, row)
        job = asked_by(jobs.jobs(), jobs.job, row.client_request_id, since, remembered=remembered)
        return Found("job", job.name, job.start.isoformat() if job.start else "") if job else None

    return find


def _before(hand: Hand, row: OperationRow) -> datetime:
    """A time at which a request was surely not sent yet, whatever this host's clock: older jobs are not read."""
    clock = hand.world.clock
    age = datetime.now(UTC) - datetime.fromisoformat(row.created)
    return clock.now() - age * clock.speed - CLOCKS


def _settle_others(hand: Hand, mutation: Mutation) -> OperationRow | None:
    """Find out what became of what an earlier run asked of the same thing in other words.

    What was taken is adopted and comes back: nothing more is asked of the thing now. What is not there is
    followed no longer.
    """
    adopted = None
    lag = hand.world.clock.real_seconds(LAG)
    for row in unresolved(hand.journal, hand.engagement_id):
        if row.verb != mutation.verb or row.target != mutation.target or row.digest == mutation.digest:
            continue
        found = look(mutation.find, row, lag, hand.deadline) if mutation.on_lost == "look" else None
        if found is None:
            abandon(hand.journal, row, "asked anew with another body")
        else:
            adopted = adopt(hand.journal, row, found)
    return adopted


def _let_go(hand: Hand, mutation: Mutation, exists: Callable[[], bool] | None) -> None:
    """What was made and is gone by another hand may be asked for again; what may only lag is waited for."""
    rows = (hand.journal, hand.engagement_id, mutation.verb, mutation.target, mutation.digest)
    known = newest(*rows)
    if exists is None or known is None or known.state != FINISHED or known.outcome != "succeeded":
        return
    age = (datetime.now(UTC) - datetime.fromisoformat(known.updated)).total_seconds()
    lag = max(0.0, hand.world.clock.real_seconds(LAG) - age)
    # Its old job says nothing of today: only the thing itself counts.
    there = look(lambda _row: Found("resource") if exists() else None, known, lag, hand.deadline)
    if there is None:
        finish(hand.journal, known, "superseded")


def created(hand: Hand, verb: str, path: str, api_version: str, body: Mapping[str, Any]) -> None:
    """PUT a resource of Resource Manager that does not exist yet."""
    arm = hand.azure.arm
    row = ask(
        hand,
        verb,
        path,
        "PUT",
        body,
        lambda options: arm.send("PUT", path, api_version, body, options),
        lambda: arm.exists(path, api_version),
        polled=False,
    )
    try:
        until_provisioned(hand, path, api_version)
    except ProblemError as error:
        if error.problems[0].code == "provisioning":
            finish(hand.journal, row, "failed", error)
        raise
    finish(hand.journal, row, "succeeded")


def until_provisioned(hand: Hand, path: str, api_version: str) -> Json:
    """The resource, as soon as Azure has provisioned it; ProblemError when that failed."""
    clock = hand.world.clock
    began = clock.now()

    def seen() -> Json | None:
        resource = hand.azure.arm.get(path, api_version)
        if resource is None and (clock.now() - began).total_seconds() > ABSENT:
            what = _("Azure has accepted it, and ten minutes later it is still not there.")
            remedy = _("Look at the activity log of its resource group, then run this step again.")
            raise ProblemError(Problem("provisioning", path.rsplit("/", 1)[-1], what, remedy=remedy))
        state = str(((resource or {}).get("properties") or {}).get("provisioningState") or "Succeeded")
        if state in ("Failed", "Canceled"):
            what = _("Azure could not create it: {state}.").format(state=state)
            raise ProblemError(Problem("provisioning", path.rsplit("/", 1)[-1], what))
        return resource if state == "Succeeded" else None

    return wait_until(hand, path.rsplit("/", 1)[-1], seen)


def wait_until(
    hand: Hand,
    what: str,
    seen: Callable[[], Seen | None],
    *,
    nudge: Callable[[], None] | None = None,
    nudge_every: float = 0.0,
) -> Seen:
    """Look until something is seen. `nudge` is done when it was not, and again every so many world seconds."""
    clock = hand.world.clock
    nudged: datetime | None = None
    told = False
    while (found := seen()) is None:
        if not told:
            hand.emit({"event": "wait", "for": what})
            told = True
        if nudge and (nudged is None or (clock.now() - nudged).total_seconds() >= nudge_every):
            nudge()
            nudged = clock.now()
        else:
            hand.deadline.wait(max(0.5, clock.real_seconds(POLL)))
    return found


def follow_job(
    hand: Hand, reads: Replication, row: OperationRow, exists: Callable[[], bool] | None = None
) -> None:
    """Follow the job of an operation to its end and write how it ended; ProblemError when it failed.

    A job that the service no longer knows has ended long ago: then `exists` says how.
    """
    if row.state != "accepted":
        return
    if not row.job_id:
        finish(hand.journal, row, "succeeded")
        return
    try:
        view = watch(hand, reads, row.job_id)
    except ProblemError as error:
        if error.problems[0].code != "job-not-found" or exists is None:
            raise
        finish(hand.journal, row, "succeeded" if exists() else "superseded")
        return
    if view.state == "Succeeded":
        finish(hand.journal, row, "succeeded")
        return
    ended = Problem("job-failed", view.target, _("The job ended as {state}.").format(state=view.state))
    problem = ProblemError(*(job_problems(view) or [ended]))
    finish(hand.journal, row, "failed", problem)
    raise problem


def watch(hand: Hand, reads: Replication, job_id: str) -> JobView:
    """Follow one job, saying each change, until it has ended."""
    return follow(
        lambda: reads.job_view(job_id),
        hand.world,
        hand.deadline,
        lambda view: hand.emit(job_event(view)),
    )
