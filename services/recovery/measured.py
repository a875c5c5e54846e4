"""RTO and RPO as measured: from the decision on, by the times and the points that Azure says.

A run that was cut off looks at things late. So its clock does not count where Azure names a time: the platform
ends when the job ended, a machine runs since Azure says so. What Azure gives no time for counts from when it was
first seen, and the record says that the number is at most that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.azure.ids import last
from services.azure.jobs import parse_job, parse_time, walk
from services.evidence.entries import Deviation, Rto
from services.recovery import account, acting
from services.recovery.checks import Check, of_machine
from services.recovery.item import ProtectedItem
from services.recovery.run import Run
from services.recovery.target import Target

Json = dict[str, Any]
PLATFORM = "platform"
PROMPT = 300.0
"""World seconds within which a first try tells when a check began to come out well."""
_LATE = "first-seen."


def noted(run: Run, moment: str, at: str) -> None:
    """Keep when something happened, by Azure's clock; without its time, when it was first seen, marked as such."""
    if f"at.{moment}" not in run.facts:
        seen = run.world.clock.now()
        known = min(datetime.fromisoformat(at), seen) if at else seen
        late = {} if at else {f"{_LATE}{moment}": True}
        run.learn(**{f"at.{moment}": known.isoformat(timespec="seconds"), **late})


def checked(run: Run, title: str, results: Sequence[Mapping[str, Any]]) -> None:
    """Keep when the checks of a machine had come out well. One that did so at its first try, long after the machine
    ran, might have done so before anybody tried: then what was measured is at most that.
    """
    last_well = max(str(one["at"]) for one in results)
    sure = latest(
        [run.facts.get(f"at.running.{title}"), *(one["at"] for one in results if int(one["tries"]) > 1)]
    )
    late = sure is None or (datetime.fromisoformat(last_well) - sure).total_seconds() > PROMPT
    noted(run, f"checked.{title}", last_well)
    if late:
        run.learn(**{f"{_LATE}checked.{title}": True})


def split(
    facts: Mapping[str, Any],
    verb: str,
    declared: datetime,
    required: Mapping[str, bool],
    target: float | None,
) -> Rto:
    """From the declaration to the last machine's last required moment, in seconds, and its phases.

    `required`: every machine by its title, and whether it has a check; without a check it is to run only.
    What the job waited for people is no time of the platform, and is counted apart; it is part of the whole.
    The whole is None where a machine lacks its moment. A machine is not there before Azure's job has ended.
    """
    sent = latest(at for key, at in facts.items() if key.startswith(f"at.sent.{verb}."))
    made = _made(facts, verb)
    ran = _all(facts.get(f"at.running.{title}") for title in required)
    checked = _all(facts.get(f"at.checked.{title}") for title, has in required.items() if has)
    up = max(ran, made) if ran and made else ran
    well = max(up, checked) if up and checked else None
    total = well if any(required.values()) else up
    platform, waited = span(sent, made), account.paused(facts)
    paused = None if waited is None or platform is None else min(waited, platform)
    return Rto(
        decision=span(declared, sent),
        platform=platform if platform is None else platform - (paused or 0.0),
        boot=span(made, up),
        application=span(up, well),
        paused=paused,
        total=span(declared, total),
        target=target,
    )


def of_machine_seconds(
    facts: Mapping[str, Any], verb: str, declared: datetime, title: str, *, has_check: bool
) -> float | None:
    """The RTO of one machine, as `split` has it for all."""
    return split(facts, verb, declared, {title: has_check}, None).total


def lost(declared: datetime, point: datetime | None) -> float | None:
    """RPO in seconds: from the point to the decision. None where it is not known, or the point is newer."""
    return None if point is None or point > declared else (declared - point).total_seconds()


def doubts(facts: Mapping[str, Any], required: Mapping[str, bool]) -> Iterable[Deviation]:
    """What is not measured, or not exactly: machine by machine."""
    for key in facts:
        if key.startswith(_LATE):
            name, _dot, machine = key.removeprefix(_LATE).partition(".")
            why = "Nobody looked earlier" if name == "checked" else "Azure gave no time for this"
            what = f"{why}: {name}. What was measured with it is at most that."
            yield Deviation("at-most", what, machine)
    for title, has_check in required.items():
        if f"at.running.{title}" not in facts:
            what = "It was not seen running: its RTO and that of the whole are not measured."
            yield Deviation("not-measured", what, title)
        elif has_check and f"at.checked.{title}" not in facts:
            what = "Its checks did not come out well: its RTO and that of the whole are not measured."
            yield Deviation("not-measured", what, title)


def newer(declared: datetime, points: Mapping[str, str]) -> Iterable[Deviation]:
    """The machines whose point is newer than the decision: their RPO is no number. `points`: times by title."""
    for title, at in points.items():
        found = moment(at)
        if found and found > declared:
            what = f"Its point of {at} is newer than the decision: the RPO is not measured."
            yield Deviation("not-measured", what, title)


def measures(run: Run, target: Target, items: Sequence[ProtectedItem], checks: Sequence[Check]) -> Json:
    """The phases and the whole of a failover's RTO, the RPO and the time of the point of each machine."""
    began = datetime.fromisoformat(run.decided)
    required = {item.title: bool(of_machine(checks, item.title)) for item in target.items}
    rto = split(run.facts, run.about.verb, began, required, None)
    times = _point_times(run, target)
    points = {item.title: times.get(item.title.lower()) for item in items}
    return {
        "rto": rto.total,
        "platform": rto.platform,
        "paused": rto.paused,
        "boot": rto.boot,
        "application": rto.application,
        "rpo": {title: lost(began, at) for title, at in points.items()},
        "points": {title: at.isoformat() if at else "" for title, at in points.items()},
    }


def moment(text: Any) -> datetime | None:
    """A time that was kept."""
    return datetime.fromisoformat(str(text)) if text else None


def latest(texts: Iterable[Any]) -> datetime | None:
    """The last of the times that are known."""
    return max((found for text in texts if (found := moment(text)) is not None), default=None)


def span(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds; clocks that differ by less than they can tell make no negative time."""
    return None if start is None or end is None else max(0.0, (end - start).total_seconds())


def _all(texts: Iterable[Any]) -> datetime | None:
    """The last of the times; None where one is missing."""
    known = [moment(text) for text in texts]
    return None if None in known else max(filter(None, known), default=None)


def _made(facts: Mapping[str, Any], verb: str) -> datetime | None:
    jobs = [job for key, job in facts.items() if key.startswith(f"job.{verb}.")]
    return latest([facts.get(f"at.{PLATFORM}"), *(job["ended"] for job in jobs)])


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
