"""Recovery points: which there are, which one a name means, and what is lost by taking it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.azure.ids import last
from services.azure.jobs import parse_time
from services.problems.model import Problem, RefusedError
from services.text import _

APP, CRASH = "ApplicationConsistent", "CrashConsistent"
LATEST = "latest"
"""No point named: all data that has arrived is processed first. The lowest RPO; it takes longer."""
PROCESSED = "latest-processed"
"""The newest point that is there already: no time for processing."""
APP_CONSISTENT = "latest-app-consistent"
DEFAULT = PROCESSED
"""What a drill and a failover take where nobody says: it needs no time for processing, and its age is known."""
KINDS = (PROCESSED, APP_CONSISTENT, LATEST)


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """One recovery point; `kind` is the service's word, `at` aware UTC."""

    id: str
    name: str
    kind: str
    at: datetime | None


def parse_point(json: Mapping[str, Any]) -> RecoveryPoint:
    """A point from recoveryPoints JSON."""
    about: Mapping[str, Any] = json.get("properties") or {}
    id_ = str(json.get("id") or "")
    return RecoveryPoint(
        id=id_,
        name=str(json.get("name") or last(id_)),
        kind=str(about.get("recoveryPointType") or ""),
        at=parse_time(about.get("recoveryPointTime")),
    )


def newest_first(points: Iterable[RecoveryPoint]) -> list[RecoveryPoint]:
    """The points with a time, the newest first."""
    dated = [point for point in points if point.at is not None]
    return sorted(dated, key=lambda point: (point.at, point.kind == APP), reverse=True)


def chosen(wanted: str, points: Sequence[RecoveryPoint], subject: str) -> RecoveryPoint | None:
    """The point that `wanted` means: one of KINDS, or a point's name or id. None means `latest`.

    RefusedError where there is none, or where a named one has gone.
    """
    if wanted == LATEST:
        return None
    ordered = newest_first(points)
    if wanted == APP_CONSISTENT:
        ordered = [point for point in ordered if point.kind == APP]
    elif wanted != PROCESSED:
        ordered = [point for point in ordered if last(wanted).lower() == point.name.lower()]
    if not ordered:
        raise RefusedError(_gone(wanted, points, subject))
    return ordered[0]


def loss(point: RecoveryPoint, reference: datetime) -> timedelta | None:
    """What is lost at most by going back to a point: the time from it to `reference` (the outage, or now)."""
    return max(timedelta(0), reference - point.at) if point.at is not None else None


def _gone(wanted: str, points: Sequence[RecoveryPoint], subject: str) -> Problem:
    if not points:
        what = _("It has no recovery point to start from.")
        remedy = _("Wait for the first recovery point; its age stands on the item's page.")
    elif wanted == APP_CONSISTENT:
        what = _("It has no application-consistent recovery point.")
        remedy = _("Choose the latest processed point, or look why no application-consistent one is made.")
    else:
        what = _("There is no recovery point {name} now.").format(name=last(wanted))
        remedy = _(
            "Points go when their retention ends. Choose one that is listed: lifeboat items points {item}"
        )
        remedy = remedy.format(item=subject)
    return Problem("no-recovery-point", subject, what, remedy=remedy)
