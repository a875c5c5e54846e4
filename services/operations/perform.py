"""The one function that sends a mutation: written first, sent once, looked for before it is sent again."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from services.azure.ids import last
from services.journal import operations as ledger
from services.journal.base import Base
from services.journal.model import OperationRow
from services.journal.operations import ABANDONED, ACCEPTED, FINISHED, INTENT
from services.operations.answer import Outcome, Verdict, job_id, judge, service_date
from services.operations.model import Find, Found, LostAnswer, Mutation, Transport
from services.problems.azure import from_exception
from services.problems.model import Problem, ProblemError, RefusedError
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

ATTEMPTS = 8
LOOKS = 4
LAG = 30.0
"""World seconds within which an accepted request shows: no shorter look says that it was not accepted."""

_asking: set[tuple[str, int, str, str, str]] = set()
_asking_gate = threading.Lock()


def perform(
    journal: Base, engagement_id: int, mutation: Mutation, world: World, deadline: Deadline
) -> OperationRow:
    """Ask Azure for a change, once; the row comes back accepted (or finished, where it was asked before).

    What is accepted or finished already is not sent again, unless it is repeatable. An intent whose answer
    is not known is looked for first. Raises RefusedError in a read-only world, before anything; ProblemError
    when Azure refuses, or when it stays unknown whether Azure took it (the next call looks again); LostAnswer
    for a mutation that must be replaced; DeadlineError and CancelledError with the intent kept.
    """
    if world.read_only:
        what = _("This console was started read-only; nothing is sent.")
        raise RefusedError(Problem("read-only", mutation.target, what))
    with _alone(journal, engagement_id, mutation):
        known = ledger.newest(journal, engagement_id, mutation.verb, mutation.target, mutation.digest)
        if known is not None and serves(known) and not mutation.repeatable:
            return known
        sending = _Sending(journal, mutation, world, deadline)
        if known is not None and known.state == INTENT:
            return sending.resume(known)
        return sending.send(_begin(journal, engagement_id, mutation), unsure=False)


def serves(row: OperationRow) -> bool:
    """Whether what was asked stands: accepted, or finished well and not superseded."""
    return row.state == ACCEPTED or (row.state == FINISHED and row.outcome == "succeeded")


def look(find: Find, row: OperationRow, seconds: float, deadline: Deadline) -> Found | None:
    """Look for an intent several times over real `seconds`; raises when the last look could not tell."""
    for number in range(LOOKS):
        if number:
            deadline.wait(seconds / (LOOKS - 1))
        deadline.check()
        try:
            found = find(row)
        except Exception as error:
            if number == LOOKS - 1:
                raise from_exception(error, last(row.target)) from error
            continue
        if found is not None:
            return found
    return None


def adopt(journal: Base, row: OperationRow, found: Found) -> OperationRow:
    """Write that a mutation whose answer was lost was accepted after all."""
    return ledger.note(
        journal,
        row,
        "operation-adopted",
        state=ACCEPTED,
        job_id=found.job_id,
        service_date=found.service_date,
        adopted=found.how,
    )


def abandon(journal: Base, row: OperationRow, reason: str) -> OperationRow:
    """Write that an intent is followed no longer, and why."""
    return ledger.note(journal, row, "operation-abandoned", {"reason": reason}, state=ABANDONED)


class _Sending:
    """One call of `perform`, from the intent on."""

    def __init__(self, journal: Base, mutation: Mutation, world: World, deadline: Deadline) -> None:
        self.journal = journal
        self.mutation = mutation
        self.deadline = deadline
        self.lag = world.clock.real_seconds(LAG)
        self._transport = Transport("", deadline)

    def resume(self, row: OperationRow) -> OperationRow:
        """Go on from an intent that an earlier run has left without an answer."""
        if self.mutation.repeatable or self.mutation.on_lost == "replace":
            abandon(self.journal, row, "answer lost in an earlier run")
            return self.send(_begin(self.journal, row.engagement, self.mutation), unsure=False)
        age = (datetime.now(UTC) - datetime.fromisoformat(row.updated)).total_seconds()
        found = look(self.mutation.find, row, max(0.0, self.lag - max(0.0, age)), self.deadline)
        if found is not None:
            return adopt(self.journal, row, found)
        return self.send(self._again(row, "not found after a restart", unsure=True), unsure=True)

    def send(self, row: OperationRow, unsure: bool) -> OperationRow:
        """Send until it is taken or refused. `unsure`: an earlier sending may have been taken."""
        last: ProblemError | None = None
        reason = ""
        for number in range(ATTEMPTS):
            if number:
                row = self._again(row, reason, unsure)
            verdict, last = self._once(row)
            reason = verdict.reason
            if verdict.outcome is Outcome.ACCEPTED:
                return self._accepted(row, last)
            if verdict.outcome is Outcome.REFUSED:
                return self._refused(row, unsure, last)
            if verdict.outcome is Outcome.UNSURE:
                unsure = True
                found = self._after_lost(row, verdict)
                if found is not None:
                    return adopt(self.journal, row, found)
            elif number < ATTEMPTS - 1:
                self.deadline.wait(_pause(verdict, number))
        raise self._given_up(row, unsure, last)

    def _once(self, row: OperationRow) -> tuple[Verdict, ProblemError | None]:
        transport = self._transport = Transport(row.client_request_id, self.deadline)
        try:
            self.mutation.send(transport)
        except ProblemError:
            raise
        except Exception as error:
            return judge(transport, error), from_exception(error, last(row.target))
        return judge(transport, None), self._unhappy(row)

    def _unhappy(self, row: OperationRow) -> ProblemError | None:
        """The error of an answer that the caller's client did not raise for."""
        from azure.core.exceptions import HttpResponseError

        if (self._transport.status or 0) < 300:
            return None
        return from_exception(HttpResponseError(response=self._transport.answer), last(row.target))

    def _accepted(self, row: OperationRow, unreadable: ProblemError | None) -> OperationRow:
        if unreadable is not None and self.mutation.on_lost == "replace":
            raise LostAnswer(abandon(self.journal, row, "answer not readable"))
        headers = self._transport.headers
        if unreadable is not None and not job_id(headers):
            # Taken for sure, but the answer broke off: its job, if there is one, is found by looking.
            found = look(self.mutation.find, row, self.lag, self.deadline)
            if found is not None:
                return adopt(self.journal, row, found)
        return ledger.note(
            self.journal,
            row,
            "operation-accepted",
            {"status": self._transport.status},
            state=ACCEPTED,
            job_id=job_id(headers),
            service_date=service_date(headers),
        )

    def _after_lost(self, row: OperationRow, verdict: Verdict) -> Found | None:
        if self.mutation.on_lost == "replace":
            raise LostAnswer(abandon(self.journal, row, f"answer lost: {verdict.reason}"))
        return look(self.mutation.find, row, max(verdict.retry_after or 0.0, self.lag), self.deadline)

    def _refused(self, row: OperationRow, unsure: bool, problem: ProblemError | None) -> OperationRow:
        # "It exists already" or "a job runs" may be the echo of an earlier sending that was taken.
        if unsure and (found := look(self.mutation.find, row, self.lag, self.deadline)) is not None:
            return adopt(self.journal, row, found)
        assert problem is not None
        self._note_refusal(row, problem)
        raise problem

    def _note_refusal(self, row: OperationRow, problem: ProblemError) -> None:
        error = problem_json(problem)
        ledger.note(self.journal, row, "operation-refused", state=FINISHED, outcome="refused", error=error)

    def _again(self, row: OperationRow, reason: str, unsure: bool) -> OperationRow:
        """Count one more sending, if what was looked at before the first one still stands."""
        try:
            if self.mutation.before:
                self.mutation.before()
        except RefusedError as moved:
            if not unsure:  # where a sending may have been taken, the next run looks what became of it
                self._note_refusal(row, moved)
            raise
        return ledger.note(
            self.journal, row, "operation-again", {"reason": reason}, attempts=row.attempts + 1
        )

    def _given_up(self, row: OperationRow, unsure: bool, last: ProblemError | None) -> ProblemError:
        if not unsure and last is not None:
            self._note_refusal(row, last)
            return last
        what = _("Azure gave no usable answer {count} times, and what was asked cannot be found there.")
        remedy = _("Run it again later: it is looked for before it is asked again.")
        shown = what.format(count=ATTEMPTS)
        cause = last.problems[0].what if last else ""
        return ProblemError(Problem("unresolved", row.target, shown, cause=cause, remedy=remedy))


def problem_json(problem: ProblemError) -> dict[str, Any]:
    """What the journal keeps of an error; the raw text is left out."""
    first = problem.problems[0]
    return {
        "code": first.code,
        "what": first.what,
        "cause": first.cause,
        "remedy": first.remedy,
        "request_id": first.request_id,
    }


def _begin(journal: Base, engagement_id: int, mutation: Mutation) -> OperationRow:
    return ledger.intend(
        journal,
        OperationRow(
            id=0,
            engagement=engagement_id,
            step=mutation.step,
            verb=mutation.verb,
            method=mutation.method,
            target=mutation.target,
            digest=mutation.digest,
            client_request_id=str(uuid.uuid4()),
            state=INTENT,
            attempts=1,
            job_id="",
            service_date="",
            adopted="",
            outcome="",
        ),
    )


def _pause(verdict: Verdict, number: int) -> float:
    """Real seconds before the next sending."""
    return verdict.retry_after if verdict.retry_after is not None else min(0.5 * 2**number, 20.0)


@contextmanager
def _alone(journal: Base, engagement_id: int, mutation: Mutation) -> Iterator[None]:
    """Keep a second thread from asking for the same at the same time."""
    key = (str(journal.path), engagement_id, mutation.verb, mutation.target, mutation.digest)
    with _asking_gate:
        if key in _asking:
            what = _("This is being asked right now.")
            raise ProblemError(Problem("in-flight", mutation.target, what))
        _asking.add(key)
    try:
        yield
    finally:
        with _asking_gate:
            _asking.discard(key)
