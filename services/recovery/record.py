"""The record of a run for the auditor, filled from what the run has kept. Azure is asked once for what it keeps
of the journal's chain (see anchors).

Written twice for the same facts it is the same record, so that a run that was cut off leaves one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from services.azure.ids import last
from services.evidence import folder
from services.evidence.entries import (
    Address,
    Approved,
    Before,
    Deviation,
    Machine,
    MachineMeasure,
    Moment,
    Person,
    Verification,
)
from services.evidence.model import Cleanup, Identity, Isolation, Record
from services.evidence.signing import Signer
from services.recovery import account, attestation, checks
from services.recovery.anchors import anchors, missing
from services.recovery.drill_making import proof_of
from services.recovery.drill_plan import DrillPlan
from services.recovery.happened import deviations, timeline
from services.recovery.measured import doubts, lost, moment, newer, of_machine_seconds, split
from services.recovery.run import Run
from services.recovery.verb_run import MANUAL
from services.recovery.verbs import CLEANUP, DRILL

PENDING, DONE = "pending", "done"
FOLDER = "evidence"
NOTES = "notes"
_OF_A_PERSON = Person.__dataclass_fields__
"""The fact under which a run keeps what was noted after it: texts, in their order."""


def write(run: Run, record: Record, signer: Signer | None = None) -> Path:
    """Write the folder of a record below the world's state folder; one that stands already is given back."""
    return folder.write(run.journal, run.engagement_id, record, run.world.state / FOLDER, signer)


def common(run: Run, outcome: str) -> Record:
    """What every run has to tell: identity, authority, timeline, deviations."""
    facts, about = run.facts, run.about
    ref = run.vault.ref
    record = Record(
        identity=Identity(
            verb=about.verb,
            target=", ".join(about.names),
            target_kind="protected items" if len(about.targets) > 1 else "protected item",
            target_id=", ".join(about.targets),
            run=run.engagement.name,
            cloud=run.vault.azure.cloud.name,
            tenant=run.vault.account.tenant,
            subscription=ref.subscription,
            resource_group=ref.group,
            vault=ref.name,
            vault_id=ref.id,
            started=run.decided,
            ended=str(facts.get("at.ended") or ""),
            outcome=outcome,
        )
    )
    if facts.get("recovery-plan"):
        record.identity.target, record.identity.target_kind = str(facts["recovery-plan"]), "recovery plan"
        record.identity.target_id = about.targets[0]
    record.authority.change_reference = str(about.options.get("change") or "")
    record.authority.operators = _operators(run)
    record.authority.requester = record.authority.operators[0]
    record.authority.approvals = _approvals(run)
    record.timeline = sorted(timeline(run), key=lambda one: one.at)
    record.anchors = anchors(run)
    record.deviations = [*deviations(run), *missing(run, record.anchors)]
    record.attestation, record.findings = attestation.of(facts)
    return record


def of_drill(run: Run, outcome: str, cleaned_by: Sequence[Run] = ()) -> Record:
    """The record of a drill. `cleaned_by`: the runs that cleaned it up, where those were others."""
    kept = DrillPlan.of(run.facts["drill"])
    record = common(run, outcome)
    record.identity.started = kept.begun
    record.identity.plan_digest = kept.plan.digest
    record.identity.provider = ", ".join(dict.fromkeys(part.provider for part in kept.parts))
    record.authority.reason = kept.accepted
    record.timeline.insert(0, Moment(kept.begun, "drill declared", phase="decision", clock="host"))
    record.scope.machines = [Machine(part.title, part.id) for part in kept.parts]
    record.scope.rto_target = minutes(kept.options.rto)
    record.scope.rpo_target = minutes(kept.options.rpo)
    record.scope.criteria = [
        f"{part.title}: {check.name}"
        for part in kept.parts
        for check in checks.of_machine(kept.options.checks, part.title)
    ]
    record.before.machines = [
        Before(
            part.title,
            part.state,
            part.health,
            part.rpo,
            part.point_id,
            part.point_kind,
            part.point_time,
            part.agent,
            part.errors,
        )
        for part in kept.parts
    ]
    record.before.quota = list(kept.quota)
    record.isolation = _isolation(run, kept)
    record.verification = list(_verification(run, kept))
    declared, wanted = datetime.fromisoformat(kept.begun), required(kept)
    record.measures.rto = split(run.facts, DRILL, declared, wanted, minutes(kept.options.rto))
    record.deviations += doubts(run.facts, wanted)
    record.deviations += newer(declared, {part.title: part.point_time for part in kept.parts})
    record.measures.machines = [_measure(run, kept, number) for number in range(len(kept.parts))]
    record.notes = [kept.options.notes] if kept.options.notes else []
    record.notes += [*account.notes(run.facts, run.facts.get(MANUAL) or []), *(run.facts.get(NOTES) or [])]
    record.deviations += _not_done(run, kept, cleaned_by)
    _cleaned(record, cleaned_by or [run], kept.cost)
    for clean in cleaned_by:
        record.timeline = sorted([*record.timeline, *timeline(clean)], key=lambda one: one.at)
        kept_by_azure = anchors(clean)
        record.anchors += kept_by_azure
        record.deviations += [*deviations(clean), *missing(clean, kept_by_azure)]
        record.authority.approvals += _approvals(clean)
    return record


def of_cleanup(run: Run, outcome: str) -> Record:
    """The record of a clean-up of a drill that this journal knows nothing of."""
    record = common(run, outcome)
    record.scope.machines = [
        Machine(name, id_) for name, id_ in zip(run.about.names, run.about.targets, strict=True)
    ]
    record.notes = [str(run.about.options.get("notes") or "")]
    record.deviations.append(
        Deviation(
            "not-executed", "The drill itself is not in this journal: its times and checks are not known."
        )
    )
    _cleaned(record, [run], ())
    return record


def _operators(run: Run) -> list[Person]:
    """Whoever wrote events of the run, as the journal has them, the one who began it first. Who only speaks of it
    afterwards has no hand in it.
    """
    import json

    sql = """SELECT actor FROM event WHERE engagement = ? AND kind != 'evidence'
        AND json_extract(data, '$.step') IS NOT ? GROUP BY actor ORDER BY min(seq)"""
    rows = run.journal.read(sql, (run.engagement_id, attestation.STEP))
    return [
        Person(**{key: str(value) for key, value in json.loads(actor).items() if key in _OF_A_PERSON})
        for (actor,) in rows
    ]


def _approvals(run: Run) -> list[Approved]:
    """The second person's consent to what a run did, where it took one."""
    given = run.facts.get("approved")
    return [Approved(**given)] if given else []


def _not_done(run: Run, kept: DrillPlan, cleaned_by: Sequence[Run]) -> list[Deviation]:
    """What was left out: an accepted network, machines without an application check, a missing cleanup."""
    found = []
    if kept.accepted:
        what = f"The network {kept.network.name} is not proven isolated ({kept.network.verdict})."
        found.append(Deviation("override", what, cause=kept.accepted))
    for part in kept.parts:
        wanted = checks.of_machine(kept.options.checks, part.title)
        if not wanted:
            found.append(Deviation("not-executed", "No application check was defined.", part.title))
        found += [
            Deviation("not-executed", f"{check.name} was not reached.", part.title)
            for check in wanted
            if f"check.{part.title}.{check.name}" not in run.facts
        ]
    if not cleaned_by and not kept.options.cleanup:
        found.append(Deviation("not-executed", "The drill was not cleaned up in this run."))
    return found


def _isolation(run: Run, kept: DrillPlan) -> Isolation:
    proof, read = proof_of(run, kept)
    return Isolation(
        network=kept.network.name,
        network_id=kept.network.id,
        created=kept.create is not None,
        verdict=proof.verdict,
        read=read,
        accepted=kept.accepted,
        proofs=list(proof.proofs),
        addresses=[
            Address(
                part.title,
                last(str(seen.get("network_id") or kept.network.id)),
                str(seen.get("subnet") or part.subnet),
                part.address,
                str(seen.get("address") or ""),
            )
            for part in kept.parts
            for seen in [run.facts.get(f"machine.{part.title}") or {}]
        ],
    )


def _verification(run: Run, kept: DrillPlan) -> Iterable[Verification]:
    for part in kept.parts:
        prefix = f"check.{part.title}."
        for key, one in run.facts.items():
            if key.startswith(prefix):
                yield Verification(
                    name=key.removeprefix(prefix),
                    machine=part.title,
                    kind=one["kind"],
                    command=one["what"],
                    expected=one["expected"],
                    actual=one["actual"],
                    state=one["state"],
                    at=one["at"],
                    by="lifeboat",
                )


def required(kept: DrillPlan) -> dict[str, bool]:
    """Every machine by its title, and whether it has a check."""
    return {part.title: bool(checks.of_machine(kept.options.checks, part.title)) for part in kept.parts}


def _measure(run: Run, kept: DrillPlan, number: int) -> MachineMeasure:
    part = kept.parts[number]
    declared, point = datetime.fromisoformat(kept.begun), moment(part.point_time)
    has_check = required(kept)[part.title]
    return MachineMeasure(
        machine=part.title,
        rto=of_machine_seconds(run.facts, DRILL, declared, part.title, has_check=has_check),
        rpo=lost(declared, point) if point else part.rpo,
        rpo_target=minutes(kept.options.rpo),
        point_time=part.point_time,
        reference=kept.begun,
    )


def _cleaned(record: Record, runs: Sequence[Run], cost: Sequence[str]) -> None:
    """The cleanup's part of a record, from the runs that cleaned up."""
    every = [facts for facts in (run.facts for run in runs) if facts.get("left") is not None]
    if not every:
        record.cleanup = Cleanup(state=PENDING, cost="; ".join(cost))
        return
    things = [id_ for facts in every for ids in facts["left"]["things"].values() for id_ in ids]
    record.deviations += [
        Deviation("not-executed", f"{last(id_)} was added by hand and is still there.")
        for facts in every
        for id_ in facts["left"].get("added") or []
    ]
    failed = any(facts["left"]["failed"] for facts in every)
    jobs = [job for facts in every for key, job in facts.items() if key.startswith(f"job.{CLEANUP}.")]
    made = [id_ for facts in every for key, ids in facts.items() if key.startswith("belongs.") for id_ in ids]
    record.cleanup = Cleanup(
        state=PENDING if things or failed else DONE,
        comments="\n".join(str(facts["comments"]) for facts in every if facts.get("comments")),
        job_id=", ".join(job["id"] for job in jobs),
        started=min(str(facts.get("at.cleanup-started") or "") for facts in every),
        listed=max(str(facts.get("at.listed") or "") for facts in every),
        created=list(dict.fromkeys(made)),
        leftovers=things,
        cost="; ".join(cost),
    )


def minutes(value: float | None) -> float | None:
    """A target in minutes, in seconds."""
    return None if value is None else float(value) * 60
