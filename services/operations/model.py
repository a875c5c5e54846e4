"""What a mutation is, how it is sent, and what looking for it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.journal.chain import digest
from services.journal.model import OperationRow
from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.deadline import MAX_WAIT, Deadline


@dataclass(frozen=True)
class Found:
    """A mutation that was accepted, found by looking: its job, or the resource as it was wanted."""

    how: Literal["job", "resource"]
    job_id: str = ""
    service_date: str = ""


Find = Callable[[OperationRow], Found | None]
"""Looks at Azure for what an intent asked. None: it is surely not there now. Raises when it cannot tell."""


class Transport:
    """One sending of a mutation: what the SDK call must be given, and what the service answered first.

    `sdk()` is for `begin_*` methods, `call()` for the others and for `send_request`.
    """

    def __init__(self, client_request_id: str, deadline: Deadline) -> None:
        self.client_request_id = client_request_id
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.answer: Any = None
        self._deadline = deadline

    def call(self) -> dict[str, Any]:
        """Keyword arguments: our request id, no retry, waits of at most 20 s, and a look at the answer."""
        wait = self._deadline.left(MAX_WAIT)
        return {
            "headers": {
                "x-ms-client-request-id": self.client_request_id,
                "x-ms-return-client-request-id": "true",
            },
            "retry_total": 0,
            "raw_response_hook": self._answered,
            "connection_timeout": wait,
            "read_timeout": wait,
        }

    def sdk(self) -> dict[str, Any]:
        """The same for a `begin_*` method, without its polling thread."""
        return {**self.call(), "polling": False}

    def _answered(self, response: Any) -> None:
        answer = response.http_response
        self.answer, self.status = answer, int(answer.status_code)
        self.headers = {str(key).lower(): str(value) for key, value in answer.headers.items()}


@dataclass(frozen=True)
class Mutation:
    """A change that is asked of Azure.

    `verb` is a stable id such as create-policy; `target` the ARM path; `body` JSON, of which only the digest
    is stored. `send` makes the one call, with the transport's arguments. `repeatable`: asking again changes
    nothing, so it is asked each time. `on_lost`: what to do when the answer is lost, `look` for it with
    `find`, or `replace` it by a new one, since the answer itself was needed. `before` is done right before it is
    sent once more, and raises where that must not be; the caller does it before the first sending.
    """

    verb: str
    target: str
    method: str
    body: Any
    send: Callable[[Transport], object] = field(repr=False)
    find: Find = field(repr=False)
    repeatable: bool = False
    on_lost: Literal["look", "replace"] = "look"
    step: str = ""
    before: Callable[[], object] | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the body's canonical JSON."""
        return digest(self.body)


class LostAnswer(ProblemError):
    """The answer was lost and cannot be asked for again: the caller makes a new mutation."""

    def __init__(self, row: OperationRow) -> None:
        what = _("The answer to this request was lost, and it cannot be read again.")
        remedy = _("A new request takes its place.")
        super().__init__(Problem("answer-lost", row.target, what, remedy=remedy))
        self.row = row
