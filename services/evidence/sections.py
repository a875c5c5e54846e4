"""A record as sections of facts, tables and lists: what the page and the Markdown text both show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.evidence.model import Measures, Person, Record


@dataclass(frozen=True)
class Block:
    """`kind` is facts (rows of name and value), grid (rows under heads), texts (one cell a row) or picture.

    Without rows it says `empty`; `heading` stands above where it is given.
    """

    kind: str
    rows: tuple[tuple[str, ...], ...] = ()
    heads: tuple[str, ...] = ()
    empty: str = ""
    heading: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    blocks: tuple[Block, ...] = field(default=())


def span(seconds: float | None) -> str:
    """A span as 1 h 02 min 03 s; a dash where it was not measured."""
    if seconds is None:
        return "-"
    sign, whole = ("-" if seconds < 0 else ""), abs(round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{sign}{hours} h {minutes:02} min {left:02} s"
    return f"{sign}{minutes} min {left:02} s" if minutes else f"{sign}{left} s"


def kept(met: bool | None) -> str:
    """Whether a target was kept, in a word or two."""
    return {True: "kept", False: "missed", None: "not known"}[met]


def summary(record: Record) -> tuple[tuple[str, str], ...]:
    """The figures that everybody asks for first."""
    rto = record.measures.rto
    return (
        ("Outcome", record.identity.outcome or "-"),
        ("RTO", span(rto.total)),
        ("RTO target", f"{span(rto.target)}: {kept(rto.met)}" if rto.target is not None else "-"),
        ("Worst RPO", _worst_rpo(record.measures)),
        ("Cleanup", record.cleanup.state or "-"),
        ("Attested", record.attestation.verdict or "not yet"),
    )


def _worst_rpo(measures: Measures) -> str:
    newer = ", ".join(one.machine for one in measures.machines if one.rpo is None and one.newer)
    if measures.worst_rpo is None and newer:
        return f"not measured, as the recovery point is newer than the decision: {newer}"
    return span(measures.worst_rpo)


def sections(record: Record) -> list[Section]:
    """The whole record, in the order of the report. Only a drill has a network to be proven, and a clean-up."""
    drilled = record.identity.verb in ("drill", "cleanup")
    every = [
        Section("Identity", (_identity(record),)),
        Section("Authority", _authority(record)),
        Section("Scope", _scope(record)),
        Section("State before", _before(record)),
        Section("Isolation", _isolation(record) if drilled else ()),
        Section("Measures", _measures(record.measures)),
        Section("Timeline (UTC)", _timeline(record)),
        Section("Verification", (_verification(record),)),
        Section("Deviations, with what was not executed", (_deviations(record),)),
        Section("Cleanup", _cleanup(record) if drilled else ()),
        Section("Findings", (_findings(record),)),
        Section("Notes", (_texts(record.notes, "None."),)),
        Section("Attestation", _attestation(record)),
        Section("Anchors", (_anchors(record),)),
    ]
    return [section for section in every if section.blocks]


def _facts(*rows: tuple[str, str]) -> Block:
    return Block("facts", tuple(row for row in rows if row[1]))


def _grid(heads: str, rows: Iterable[tuple[str, ...]], empty: str, heading: str = "") -> Block:
    return Block("grid", tuple(rows), tuple(heads.split("|")), empty, heading)


def _texts(entries: Iterable[str], empty: str, heading: str = "") -> Block:
    return Block("texts", tuple((entry,) for entry in entries), (), empty, heading)


def _identity(record: Record) -> Block:
    one = record.identity
    return _facts(
        ("Verb", one.verb),
        ("Target", one.target),
        ("Kind of target", one.target_kind),
        ("Target id", one.target_id),
        ("Run", one.run),
        ("World", one.world),
        ("Cloud", one.cloud),
        ("Tenant", one.tenant),
        ("Subscription", one.subscription),
        ("Resource group", one.resource_group),
        ("Vault", one.vault),
        ("Vault id", one.vault_id),
        ("Replication provider", one.provider),
        ("Digest of the change plan", one.plan_digest),
        ("Started", one.started),
        ("Ended", one.ended),
        ("Outcome", one.outcome),
        ("Product version", record.version),
    )


def _authority(record: Record) -> tuple[Block, ...]:
    given = record.authority
    people = [("requester", given.requester), *(("operator", one) for one in given.operators)]
    approvals = ((a.principal, a.key, a.plan_digest, a.number, a.expires) for a in given.approvals)
    return (
        _grid(
            "Role|Account|Object id|Host user|Through sudo from|SSH|Signed in",
            (_person(role, who) for role, who in people),
            "",
        ),
        _facts(
            ("Change reference", given.change_reference), ("Window", given.window), ("Reason", given.reason)
        ),
        _grid(
            "Principal|Key|Digest of the plan|One-time number|Expires",
            approvals,
            "No second person approved this.",
            "Second person",
        ),
    )


def _person(role: str, who: Person) -> tuple[str, ...]:
    link = (who.host_user, who.sudo_user, who.ssh_connection)
    return (role, who.account, who.object_id, *link, who.signed_in)


def _scope(record: Record) -> tuple[Block, ...]:
    scope = record.scope
    machines = (
        (m.name, "in" if m.included else "out", m.reason, m.owner, m.criticality, m.id)
        for m in scope.machines
    )
    return (
        _facts(("RTO target", span(scope.rto_target)), ("RPO target", span(scope.rpo_target))),
        _grid("Machine|Scope|Reason|Owner|Criticality|Id", machines, "No machine is named."),
        _texts(scope.criteria, "None were set.", "Success criteria, set before the start"),
    )


def _before(record: Record) -> tuple[Block, ...]:
    machines = (
        (
            m.machine,
            m.state,
            m.health,
            span(m.rpo),
            m.point_kind,
            m.point_time,
            m.point_id,
            m.agent_version,
            "; ".join(m.errors),
        )
        for m in record.before.machines
    )
    heads = "Machine|State|Health|RPO|Recovery point|Point time|Point id|Agent|Errors"
    return (
        _grid(heads, machines, "The state before was not recorded."),
        _texts(record.before.drift, "Nothing is recorded.", "Changed since the last drill"),
        _texts(record.before.quota, "Nothing is recorded.", "Quota"),
    )


def _isolation(record: Record) -> tuple[Block, ...]:
    one = record.isolation
    proofs = ((p.name, p.state, p.expected, p.actual, p.source) for p in one.proofs)
    addresses = ((a.machine, a.network, a.subnet, a.predicted, a.actual) for a in one.addresses)
    return (
        _facts(
            ("Verdict", one.verdict or "not recorded"),
            ("Read", one.read or "not recorded"),
            ("Network", one.network),
            ("Network id", one.network_id),
            ("Made for this run", "yes" if one.created else "no"),
            ("Accepted although not isolated", one.accepted),
        ),
        _grid("Looked at|State|Expected|Found|Source", proofs, "No proof was recorded."),
        _grid(
            "Machine|Network|Subnet|Predicted address|Actual address",
            addresses,
            "No addresses were recorded.",
        ),
    )


def _measures(measures: Measures) -> tuple[Block, ...]:
    rto = measures.rto
    machines = (
        (m.machine, span(m.rto), span(m.rpo), span(m.rpo_target), kept(m.met), m.point_time, m.reference)
        for m in measures.machines
    )
    return (
        Block("picture", heading="rto"),
        _facts(
            ("RTO: decision", span(rto.decision)),
            ("RTO: platform", span(rto.platform)),
            ("RTO: boot", span(rto.boot)),
            ("RTO: application", span(rto.application)),
            ("RTO: whole", span(rto.total)),
            ("Paused, counted apart", span(rto.paused)),
            ("RTO target", span(rto.target)),
            ("RTO against its target", kept(rto.met)),
        ),
        _grid(
            "Machine|RTO|RPO|RPO target|RPO against its target|Point time|Reference",
            machines,
            "Nothing was measured per machine.",
        ),
    )


def _timeline(record: Record) -> tuple[Block, ...]:
    moments = (
        (m.at, m.event, m.machine, m.phase, m.detail, m.job_id, m.client_request_id, m.activity_id, m.clock)
        for m in record.timeline
    )
    heads = "Time|Event|Machine|Phase|Detail|Azure job|Client request id|Activity id|Clock of"
    return Block("picture", heading="timeline"), _grid(heads, moments, "No moment was recorded.")


def _verification(record: Record) -> Block:
    rows = (
        (v.name, v.machine, v.state, v.kind, v.command, v.expected, v.actual, v.at, v.by, v.sha256)
        for v in record.verification
    )
    heads = "Check|Machine|State|Kind|Command|Expected|Found|Time|By|SHA-256"
    return _grid(heads, rows, "Nothing was verified.")


def _deviations(record: Record) -> Block:
    rows = ((d.kind, d.what, d.machine, d.cause, d.job_id, d.at) for d in record.deviations)
    return _grid("Kind|What|Machine|Cause|Azure job|Time", rows, "None.")


def _cleanup(record: Record) -> tuple[Block, ...]:
    one = record.cleanup
    return (
        _facts(
            ("State", one.state or "not recorded"),
            ("Comments sent to Azure", one.comments),
            ("Azure job", one.job_id),
            ("Started", one.started),
            ("Listed again", one.listed),
            ("Cost", one.cost),
        ),
        _texts(one.created, "Nothing is recorded.", "Made by this run"),
        _texts(
            one.leftovers,
            "Nothing." if one.listed else "It was not listed.",
            "Left over at the last listing",
        ),
    )


def _findings(record: Record) -> Block:
    rows = ((f.severity, f.what, f.owner, f.due, f.retest) for f in record.findings)
    return _grid("Severity|What|Owner|Due|Tested again", rows, "None.")


def _attestation(record: Record) -> tuple[Block, ...]:
    one = record.attestation
    people = ((a.name, a.role, a.at, a.statement) for a in one.by)
    return (
        _facts(("Verdict", one.verdict or "not yet"), ("Notes", one.notes)),
        _grid("Name|Role|Time|Statement", people, "Nobody attested yet."),
    )


def _anchors(record: Record) -> Block:
    rows = ((a.where, a.job_id, a.at, a.text) for a in record.anchors)
    empty = "The head of the log was not written to Azure."
    return _grid("Comments of|Azure job|Time|Text that Azure keeps", rows, empty)
