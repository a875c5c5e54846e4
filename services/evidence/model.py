"""The record of a drill or a failover, for the auditor. Its JSON is the truth; the reports follow from it.

Times are UTC in ISO 8601, spans are seconds, None means not measured. Every part has an empty default, so a
record can be filled as the run goes on. Words are ids in English and never change with the language.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from services.evidence.entries import (
    Address,
    Anchor,
    Approved,
    Attested,
    Before,
    Deviation,
    Finding,
    Machine,
    MachineMeasure,
    Moment,
    Person,
    Proof,
    Rto,
    Verification,
)

__all__ = [
    "Address",
    "Anchor",
    "Approved",
    "Attestation",
    "Attested",
    "Authority",
    "Before",
    "Cleanup",
    "Deviation",
    "Finding",
    "Identity",
    "Isolation",
    "Machine",
    "MachineMeasure",
    "Measures",
    "Moment",
    "Person",
    "Proof",
    "Record",
    "Rto",
    "Scope",
    "StateBefore",
    "Verification",
]

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
class Authority:
    requester: Person = field(default_factory=Person)
    operators: list[Person] = field(default_factory=list)
    approvals: list[Approved] = field(default_factory=list)
    change_reference: str = ""
    window: str = ""
    reason: str = ""


@dataclass
class Scope:
    """What was to be shown; targets and criteria are set before the start."""

    machines: list[Machine] = field(default_factory=list)
    rto_target: float | None = None
    rpo_target: float | None = None
    criteria: list[str] = field(default_factory=list)


@dataclass
class StateBefore:
    machines: list[Before] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    quota: list[str] = field(default_factory=list)


@dataclass
class Isolation:
    """The network and the proof that it reaches no production. `verdict`: isolated, reaches-production, ...

    `read` is when the proof was read (ISO UTC). `accepted` is the written reason of whoever took a network
    that was not isolated.
    """

    network: str = ""
    network_id: str = ""
    created: bool = False
    verdict: str = ""
    read: str = ""
    accepted: str = ""
    proofs: list[Proof] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)


@dataclass
class Measures:
    rto: Rto = field(default_factory=Rto)
    machines: list[MachineMeasure] = field(default_factory=list)

    @property
    def worst_rpo(self) -> float | None:
        """Of all machines; None where one of them is not measured: it may be the worst."""
        known = [one.rpo for one in self.machines if one.rpo is not None]
        return max(known) if known and len(known) == len(self.machines) else None


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
class Attestation:
    """`verdict` is pass, fail or qualified; empty while nobody attested."""

    verdict: str = ""
    notes: str = ""
    by: list[Attested] = field(default_factory=list)


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
