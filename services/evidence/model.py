"""The record of a drill or a failover, for the auditor. Its JSON is the truth; the reports follow from it.

Times are UTC in ISO 8601, spans are seconds, None means not measured. Every part has an empty default, so a
record can be filled as the run goes on. Words are ids in English and never change with the language.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1
PRACTICE = "practice"

VERBS = {
    "drill": "Drill",
    "cleanup": "Cleanup",
    "failover": "Failover",
    "planned-failover": "Planned failover",
    "change-point": "Change of recovery point",
    "commit": "Commit",
    "cancel": "Cancellation",
    "reprotect": "Reprotect",
    "failback": "Failback",
    "disable": "End of protection",
}


@dataclass
class Identity:
    """Which run of what, where. `world` is practice or live; `run` is the name of its engagement."""

    verb: str = ""
    target: str = ""
    target_kind: str = ""
    target_id: str = ""
    plan_digest: str = ""
    run: str = ""
    world: str = ""
    cloud: str = ""
    tenant: str = ""
    subscription: str = ""
    resource_group: str = ""
    vault: str = ""
    vault_id: str = ""
    provider: str = ""
    started: str = ""
    ended: str = ""
    outcome: str = ""


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
class Authority:
    requester: Person = field(default_factory=Person)
    operators: list[Person] = field(default_factory=list)
    approvals: list[Approved] = field(default_factory=list)
    change_reference: str = ""
    window: str = ""
    reason: str = ""


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
class Scope:
    """What was to be shown; targets and criteria are set before the start."""

    machines: list[Machine] = field(default_factory=list)
    rto_target: float | None = None
    rpo_target: float | None = None
    criteria: list[str] = field(default_factory=list)


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
class StateBefore:
    machines: list[Before] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    quota: list[str] = field(default_factory=list)


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
class Isolation:
    """The network and the proof that it reaches no production. `verdict`: isolated, reaches-production, ...

    `accepted` is the written reason of whoever took a network that was not isolated.
    """

    network: str = ""
    network_id: str = ""
    created: bool = False
    verdict: str = ""
    accepted: str = ""
    proofs: list[Proof] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)


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


@dataclass
class Measures:
    rto: Rto = field(default_factory=Rto)
    machines: list[MachineMeasure] = field(default_factory=list)

    @property
    def worst_rpo(self) -> float | None:
        return max((one.rpo for one in self.machines if one.rpo is not None), default=None)


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
    """What went otherwise: `kind` is error, manual, skipped, not-executed, retry, collision or override."""

    kind: str
    what: str
    machine: str = ""
    cause: str = ""
    job_id: str = ""
    at: str = ""


@dataclass
class Cleanup:
    """`state` is done, pending, not-needed or empty; done only when the re-listing found nothing left."""

    state: str = ""
    comments: str = ""
    job_id: str = ""
    started: str = ""
    listed: str = ""
    created: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    cost: str = ""


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
class Attestation:
    """`verdict` is pass, fail or qualified; empty while nobody attested."""

    verdict: str = ""
    notes: str = ""
    by: list[Attested] = field(default_factory=list)


@dataclass
class Anchor:
    """A text with the chain's head that Azure keeps: comments of a cleanup or a resume, by their job."""

    where: str
    job_id: str
    text: str
    at: str = ""


@dataclass
class Record:
    """The whole record. `version` is the product's, `format` this layout's."""

    identity: Identity = field(default_factory=Identity)
    authority: Authority = field(default_factory=Authority)
    scope: Scope = field(default_factory=Scope)
    before: StateBefore = field(default_factory=StateBefore)
    isolation: Isolation = field(default_factory=Isolation)
    timeline: list[Moment] = field(default_factory=list)
    measures: Measures = field(default_factory=Measures)
    verification: list[Verification] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)
    cleanup: Cleanup = field(default_factory=Cleanup)
    findings: list[Finding] = field(default_factory=list)
    attestation: Attestation = field(default_factory=Attestation)
    anchors: list[Anchor] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    version: str = ""
    format: int = FORMAT

    @property
    def practice(self) -> bool:
        return self.identity.world.partition("-")[0] == PRACTICE

    @property
    def title(self) -> str:
        """What the record is about; a rehearsal says PRACTICE first."""
        verb = VERBS.get(self.identity.verb, self.identity.verb)
        named = f"{verb} of {self.identity.target}".strip()
        return f"PRACTICE: {named}" if self.practice else named

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def within(measured: float | None, target: float | None) -> bool | None:
    """Whether a measure keeps its target; None when either is missing."""
    return None if measured is None or target is None else measured <= target
