"""The entries that the lists of a record hold: people, machines, moments, checks.

Times are UTC in ISO 8601, spans are seconds, None means not measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Person:
    """Who: Entra object id and account, and the host's user with the link they came by."""

    object_id: str = ""
    account: str = ""
    host_user: str = ""
    sudo_user: str = ""
    ssh_connection: str = ""
    signed_in: str = ""


@dataclass
class Approved:
    """A second person's consent: the principal and key that signed, and the one-time number it used."""

    principal: str = ""
    key: str = ""
    plan_digest: str = ""
    number: str = ""
    expires: str = ""


@dataclass
class Machine:
    """A machine in scope, or left out (`included` false) with the reason."""

    name: str
    id: str = ""
    included: bool = True
    reason: str = ""
    owner: str = ""
    criticality: str = ""


@dataclass
class Before:
    """A machine before the start: state and health in the service's words, and the point that was chosen."""

    machine: str
    state: str = ""
    health: str = ""
    rpo: float | None = None
    point_id: str = ""
    point_kind: str = ""
    point_time: str = ""
    agent_version: str = ""
    errors: list[str] = field(default_factory=list)


@dataclass
class Proof:
    """One thing that was looked at: `state` is ok, warning, failed, unknown or waived."""

    name: str
    state: str = ""
    expected: str = ""
    actual: str = ""
    source: str = ""


@dataclass
class Address:
    machine: str
    network: str = ""
    subnet: str = ""
    predicted: str = ""
    actual: str = ""


@dataclass
class Moment:
    """One point of the timeline. `phase`: decision, platform, boot, application, paused, cleanup.

    `clock` says whose time it is: service or host.
    """

    at: str
    event: str
    detail: str = ""
    machine: str = ""
    phase: str = ""
    job_id: str = ""
    client_request_id: str = ""
    activity_id: str = ""
    clock: str = "service"


@dataclass
class Rto:
    """From declaration to the last required application check, split; pauses are counted apart."""

    decision: float | None = None
    platform: float | None = None
    boot: float | None = None
    application: float | None = None
    paused: float | None = None
    total: float | None = None
    target: float | None = None

    @property
    def met(self) -> bool | None:
        return within(self.total, self.target)


@dataclass
class MachineMeasure:
    """RTO and RPO of one machine; RPO is `reference` minus the time of the recovery point."""

    machine: str
    rto: float | None = None
    rpo: float | None = None
    rpo_target: float | None = None
    point_time: str = ""
    reference: str = ""

    @property
    def met(self) -> bool | None:
        return within(self.rpo, self.rpo_target)

    @property
    def newer(self) -> bool:
        """Whether its point is newer than the decision, so that there is no RPO to measure."""
        try:
            return datetime.fromisoformat(self.point_time) > datetime.fromisoformat(self.reference)
        except (TypeError, ValueError):  # a time that is not there, or is no time
            return False


@dataclass
class Verification:
    """One check of the machine or its application: `kind` is vm, tcp, http, ssh, winrm or person."""

    name: str
    machine: str = ""
    kind: str = ""
    command: str = ""
    expected: str = ""
    actual: str = ""
    state: str = ""
    at: str = ""
    by: str = ""
    sha256: str = ""


@dataclass
class Deviation:
    """What went otherwise: `kind` is error, manual, skipped, not-executed, retry, collision, override,
    at-most (a measure that counts from when something was seen) or not-measured.
    """

    kind: str
    what: str
    machine: str = ""
    cause: str = ""
    job_id: str = ""
    at: str = ""


@dataclass
class Finding:
    severity: str
    what: str
    owner: str = ""
    due: str = ""
    retest: str = ""


@dataclass
class Attested:
    name: str
    role: str = ""
    at: str = ""
    statement: str = ""


@dataclass
class Anchor:
    """A text with the chain's head that Azure keeps: comments of a cleanup or a resume, by their job."""

    where: str
    job_id: str
    text: str
    at: str = ""


def within(measured: float | None, target: float | None) -> bool | None:
    """Whether a measure keeps its target; None when either is missing."""
    return None if measured is None or target is None else measured <= target
