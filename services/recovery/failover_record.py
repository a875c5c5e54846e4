"""The record of a failover, and of what follows it, from what its run has kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from services.evidence.entries import Before, Deviation, Machine, MachineMeasure, Verification
from services.evidence.model import Cleanup, Record
from services.evidence.signing import Signer
from services.recovery import account, record, verb_run
from services.recovery.checks import Check, of_machine
from services.recovery.measured import doubts, newer, of_machine_seconds, split
from services.recovery.run import Run
from services.recovery.verbs import FAILOVER, PLANNED

Json = Mapping[str, Any]


def write(run: Run, outcome: str, signer: Signer | None = None) -> Path:
    """Write the record of a run that is over; its folder."""
    run.mark("ended")
    return record.write(run, of_run(run, outcome), signer)


def of_run(run: Run, outcome: str) -> Record:
    """The record of one verb on an item or a recovery plan."""
    facts = run.facts
    made = record.common(run, outcome)
    before: list[Json] = facts.get("before") or []
    recovery_plan = str(facts.get("recovery-plan") or "")
    if recovery_plan:
        made.identity.target, made.identity.target_kind = recovery_plan, "recovery plan"
        made.identity.target_id = run.about.targets[0]
    made.identity.plan_digest = str((facts.get("plan") or {}).get("digest") or "")
    made.identity.provider = ", ".join(facts.get("providers") or [])
    made.scope.machines = [Machine(one["machine"], one["id"]) for one in before]
    made.before.machines = [
        Before(one["machine"], one["state"], one["health"], one["rpo"], errors=list(one["errors"]))
        for one in before
    ]
    made.verification = list(_verification(facts, before))
    _measure(made, run, facts.get("measures") or {})
    made.deviations += list(_not_done(facts, before, run.about.verb))
    made.cleanup = Cleanup(state="not-needed")
    made.notes = account.notes(facts, facts.get(verb_run.MANUAL) or [])
    made.notes += facts.get(record.NOTES) or []
    return made


def _verification(facts: Json, before: list[Json]) -> Iterable[Verification]:
    for one in before:
        seen = facts.get(f"machine.{one['machine']}")
        if seen:
            yield Verification(
                name="vm",
                machine=one["machine"],
                kind="vm",
                command=seen["vm"],
                expected="running, of its size, in its network",
                actual="; ".join(seen["wrong"]) or f"{seen['power']}, {seen['size']}, {seen['network']}",
                state=seen["state"],
                at=str(facts.get(f"at.running.{one['machine']}") or ""),
                by="lifeboat",
            )
    for one in facts.get("checks") or []:
        yield Verification(
            name=one["name"],
            machine=one["machine"],
            kind=one["kind"],
            command=one["what"],
            expected=one["expected"],
            actual=one["actual"],
            state=one["state"],
            at=one["at"],
            by="lifeboat",
        )


def _measure(made: Record, run: Run, told: Json) -> None:
    """The measures of a failover that came to its end; targets are options of the run, in minutes."""
    options, declared = run.about.options, datetime.fromisoformat(run.decided)
    made.scope.rto_target = record.minutes(options.get("rto"))
    made.scope.rpo_target = record.minutes(options.get("rpo"))
    if not told:
        return
    wanted, verb = required(options, run.facts["before"]), run.about.verb
    made.measures.rto = split(run.facts, verb, declared, wanted, made.scope.rto_target)
    points = {name: str(told["points"].get(name) or "") for name in wanted}
    made.measures.machines = [
        MachineMeasure(
            machine=name,
            rto=of_machine_seconds(run.facts, verb, declared, name, has_check=has_check),
            rpo=told["rpo"].get(name),
            rpo_target=made.scope.rpo_target,
            point_time=points[name],
            reference=run.decided,
        )
        for name, has_check in wanted.items()
    ]
    made.deviations += [*doubts(run.facts, wanted), *newer(declared, points)]


def required(options: Json, before: Iterable[Json]) -> dict[str, bool]:
    """Every machine by its title, and whether it has a check; `before`: the items as the run has kept them."""
    wanted = [Check(**one) for one in options.get("checks") or []]
    return {one["machine"]: bool(of_machine(wanted, one["machine"])) for one in before}


def _not_done(facts: Json, before: list[Json], verb: str) -> Iterable[Deviation]:
    if verb != FAILOVER and not (verb == PLANNED and facts.get("measures")):
        return
    checked = {one["machine"] for one in facts.get("checks") or []}
    for one in before:
        if f"machine.{one['machine']}" not in facts:
            yield Deviation("not-executed", "The machine was not looked at in Azure.", one["machine"])
        if one["machine"] not in checked:
            yield Deviation("not-executed", "No application check was made.", one["machine"])
