"""The clock of a run that is on its way: the phases of the record's RTO, the one that runs counted up to now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.evidence.entries import Rto
from services.journal.journal import Journal
from services.recovery import drill, failover_record, record
from services.recovery.drill_plan import DrillPlan
from services.recovery.measured import PLATFORM, split
from services.recovery.run import DECIDED, about_of
from services.recovery.verbs import DRILL, FAILOVER

PHASES = ("decision", "platform", "boot", "application")
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Elapsed:
    """Seconds by phase, of those that are over and of the one that runs. `runs` names that one; it is empty
    once the last machine has come as far as it must. `whole` is the time from the decision on.
    """

    phases: Mapping[str, float]
    runs: str
    whole: float
    target: float | None


def elapsed(journal: Journal, engagement_id: int, now: datetime) -> Elapsed | None:
    """The clock of a run as its journal has it; None for a verb that is not measured. `now`: world time."""
    return of_facts(journal.facts(engagement_id), now)


def of_facts(facts: Facts, now: datetime) -> Elapsed | None:
    """As of `elapsed`, from the facts of a run."""
    found = _measured(facts)
    if found is None:
        return None
    declared, rto = found
    known: dict[str, float] = {}
    for phase in PHASES:
        seconds = getattr(rto, phase)
        if seconds is None or (phase == PLATFORM and not _all_ended(facts)):
            break
        known[phase] = seconds
    if rto.total is not None:
        return Elapsed(known, "", rto.total, rto.target)
    whole = max(0.0, (now - declared).total_seconds())
    if len(known) == len(PHASES):
        return Elapsed(known, "", whole, rto.target)
    runs = PHASES[len(known)]
    return Elapsed({**known, runs: max(0.0, whole - sum(known.values()))}, runs, whole, rto.target)


def _measured(facts: Facts) -> tuple[datetime, Rto] | None:
    """When a run was decided, and how far its RTO is measured."""
    about = about_of(facts)
    declared = datetime.fromisoformat(str(facts.get(DECIDED) or about.declared))
    required: Mapping[str, bool] = {}
    if about.verb == DRILL:
        if drill.PLAN in facts:
            kept = DrillPlan.of(facts[drill.PLAN])
            declared, required = datetime.fromisoformat(kept.begun), record.required(kept)
    elif about.verb == FAILOVER:
        required = failover_record.required(about.options, facts.get("before") or ())
    else:
        return None
    target = record.minutes(about.options.get("rto"))
    return declared, split(facts, about.verb, declared, required, target)


def _all_ended(facts: Facts) -> bool:
    """Whether Azure's job of every machine has ended: of several machines, one is followed after the other."""
    verb = about_of(facts).verb
    if f"at.{PLATFORM}" in facts or any(key.startswith("at.running.") for key in facts):
        return True
    sent = [key for key in facts if key.startswith(f"at.sent.{verb}.")]
    jobs = [job for key, job in facts.items() if key.startswith(f"job.{verb}.")]
    return len(jobs) >= len(sent) and all(job["ended"] for job in jobs)
