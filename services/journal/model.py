"""What the journal holds, as it is read back. All times are UTC in ISO 8601."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from services import host


def now() -> str:
    """This moment by the clock of this host, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True)
class Actor:
    """Who acts: `object_id` and `account` are Entra's and `signed_in` is the way there (empty before sign-in), the
    rest is the host's.
    """

    object_id: str = ""
    account: str = ""
    ssh_connection: str = ""
    sudo_user: str = ""
    host_user: str = ""
    signed_in: str = ""

    @property
    def name(self) -> str:
        """Who signs: the account that is signed in, else the user of the host."""
        return self.account or self.host_user

    @classmethod
    def here(cls, account: str = "", object_id: str = "", signed_in: str = "") -> Actor:
        """The person at this terminal."""
        return cls(
            object_id=object_id,
            account=account,
            ssh_connection=os.environ.get("SSH_CONNECTION", ""),
            sudo_user=os.environ.get("SUDO_USER", ""),
            host_user=host.user(),
            signed_in=signed_in,
        )


@dataclass(frozen=True)
class Holder:
    """The process that holds the journal's lock. Empty fields are not known."""

    user: str = ""
    terminal: str = ""
    pid: int = 0
    since: str = ""

    @property
    def since_shown(self) -> str:
        """The minute since which it is held, with its zone; `?` where the file does not say."""
        try:
            return f"{datetime.fromisoformat(self.since).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        except ValueError:
            return "?"


@dataclass(frozen=True)
class Engagement:
    """One set-up that is worked on, under its name; `scenario` is the procedure's id."""

    id: int
    name: str
    scenario: str
    created: str


@dataclass(frozen=True)
class AnswerRow:
    """What was typed for one field, valid or not; a secret field holds only where the secret comes from."""

    value: Any
    valid: bool
    at: str


@dataclass(frozen=True)
class FindingRow:
    """The outcome of one check on one target, with the whole finding as a JSON object in `body`."""

    step: str
    id: str
    target: str
    status: str
    body: Mapping[str, Any]
    at: str


@dataclass(frozen=True)
class WaiverRow:
    """A failed check accepted in writing; `until` is an ISO date, empty for good."""

    check: str
    target: str
    reason: str
    by: str
    until: str
    at: str


@dataclass(frozen=True)
class Event:
    """One entry of the append-only log; `hash` chains it to all before it."""

    seq: int
    at: str
    kind: str
    engagement: int | None
    actor: Mapping[str, Any]
    data: Mapping[str, Any]
    hash: str


@dataclass(frozen=True)
class OperationRow:
    """One mutation: asked for (`intent`), taken by the service (`accepted`), over (`finished`, `abandoned`).

    `job_id` is the operation id of the service, which is the name of a Site Recovery job; empty where the
    service answered at once. `service_date` is the Date of the answer that took it. `outcome` is empty
    until finished: succeeded, failed, cancelled, refused, superseded. `adopted` says that the acceptance
    was found by looking: as a `job` or as the `resource`.
    """

    id: int
    engagement: int
    step: str
    verb: str
    method: str
    target: str
    digest: str
    client_request_id: str
    state: str
    attempts: int
    job_id: str
    service_date: str
    adopted: str
    outcome: str
    error: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    updated: str = ""


class Recorded(Protocol):
    """A finding as the journal needs it: a dataclass with these fields among others."""

    @property
    def id(self) -> str: ...

    @property
    def target(self) -> str: ...

    @property
    def status(self) -> str: ...


class Excused(Protocol):
    """A waiver as the journal needs it."""

    @property
    def check(self) -> str: ...

    @property
    def target(self) -> str: ...

    @property
    def reason(self) -> str: ...

    @property
    def by(self) -> str: ...

    @property
    def until(self) -> str: ...
