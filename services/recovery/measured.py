"""RTO and RPO of a failover, as measured: from the decision on, by the points that Azure says it has used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.azure.ids import last
from services.azure.jobs import parse_job, parse_time, walk
from services.recovery import acting
from services.recovery.item import ProtectedItem
from services.recovery.run import Run
from services.recovery.target import Target

Json = dict[str, Any]


def measures(run: Run, target: Target, items: Sequence[ProtectedItem]) -> Json:
    """RTO in seconds from the decision to the last machine and its checks, RPO in seconds of each machine.

    The RPO is the time from the point that the machine was made of to the decision; None where it is not told.
    """
    facts = run.facts
    began = datetime.fromisoformat(run.about.declared)

    def since(prefix: str) -> float | None:
        times = [
            datetime.fromisoformat(str(at)) for key, at in facts.items() if key.startswith(f"at.{prefix}")
        ]
        return (max(times) - began).total_seconds() if times else None

    points = _point_times(run, target)
    lost = {item.title: points.get(item.title.lower()) for item in items}
    rpo = {name: max(0.0, (began - at).total_seconds()) if at else None for name, at in lost.items()}
    application, boot = since("checked."), since("running.")
    return {
        "rto": application if application is not None else boot,
        "platform": since("platform"),
        "boot": boot,
        "application": application,
        "rpo": rpo,
    }


def _point_times(run: Run, target: Target) -> dict[str, datetime]:
    """The time of the point of each machine, by its title in lower case, from the job and those it started."""
    row = acting.asked(run, run.about.verb, target.id)
    found: dict[str, datetime] = {}
    for name in _jobs(run, row.job_id) if row else ():
        about = (run.vault.reads.job(name) or {}).get("properties") or {}
        for one in (about.get("customDetails") or {}).get("protectedItemDetails") or []:
            at = parse_time(one.get("recoveryPointTime"))
            if at:
                found[str(one.get("friendlyName") or "").lower()] = at
    return found


def _jobs(run: Run, name: str) -> list[str]:
    """A job and, for a recovery plan, the jobs of its machines after it: what these say counts."""
    json = run.vault.reads.job(name) if name else None
    if json is None:
        return []
    return [name, *(last(task.child_job) for task in walk(parse_job(json).tasks) if task.child_job)]
