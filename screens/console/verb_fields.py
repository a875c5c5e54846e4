"""What drills, failovers and the verbs after them ask first, and what was typed there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from services.problems.model import Problem, UsageError
from services.scenario.model import Choice, Field, Kind
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.item import ProtectedItem
    from services.recovery.run import Run
    from services.recovery.target import Target
    from services.recovery.vault import Vault

MOST_POINTS = 6
SHUTDOWN = Field(
    "shutdown",
    "Shut down source",
    "Tries to stop the source first. The failover goes on even when that fails.",
    Kind.YES_NO,
    default=True,
)
CHECKS = Field(
    "checks",
    "Checks",
    "As http:80/ tcp:22 app-01=ssh:COMMAND=EXPECTED, parted by two spaces.",
    required=False,
)
CHANGE = Field(
    "change", "Change reference", "Of your change management; it stands in the record.", required=False
)
MANUAL = Field(
    "manual",
    "Manual actions",
    "A comment that answers each one at once; empty: the job waits for you.",
    required=False,
)


RTO = Field("rto", "RTO target", "Minutes from the decision to the last check.", required=False)
RPO = Field("rpo", "RPO target", "Minutes of data that may be lost.", required=False)


def point_field(vault: Vault, target: Target, *, latest: bool = True) -> Field:
    """The choice of a recovery point: by kind, and for an item the newest ones by their time."""
    from services.recovery.points import APP_CONSISTENT, LATEST, PROCESSED

    choices = [
        Choice(PROCESSED, "Latest processed", "There already: no time is spent on processing."),
        Choice(APP_CONSISTENT, "Latest app-consistent", "Applications had written their data."),
    ]
    if latest:
        choices.append(
            Choice(LATEST, "Latest", "All data that has arrived: the least is lost, it takes longer.")
        )
    if target.plan is None:
        choices += _points(vault, target.items[0], after=not latest)
    return Field(
        "point", "Recovery point", "Where the machine starts from.", Kind.CHOICE, choices=tuple(choices)
    )


def _points(vault: Vault, item: ProtectedItem, *, after: bool) -> list[Choice]:
    """The newest points by their time; `after` a failover the one in use stands first, and is marked."""
    from services.recovery.change_point import name_in_use

    there = vault.points(item)
    now = name_in_use(vault, item) if after else ""
    used_first = sorted(enumerate(there), key=lambda one: one[1].name.lower() != now)
    choices = []
    for number, point in used_first:
        used = bool(now) and point.name.lower() == now
        if number < MOST_POINTS or used:
            at = f"{point.at:%Y-%m-%d %H:%M} UTC" if point.at else point.name
            kind = plain(point.kind)
            note = _("{kind}. The machine runs from this one now.").format(kind=kind) if used else kind
            choices.append(Choice(point.name, at, note))
    return choices


def point_given(hand: Run, target: Target) -> str:
    """The recovery point with which a run that was cut off was begun, as a sentence; empty where it has none."""
    from services.azure.ids import last
    from services.recovery import change_point, points

    wanted = str(hand.about.options.get("point") or "")
    kinds = {
        points.PROCESSED: _("the latest processed one"),
        points.APP_CONSISTENT: _("the latest app-consistent one"),
        points.LATEST: _("the latest: all data that has arrived"),
    }
    if not wanted:
        return ""
    there = hand.vault.points(target.items[0]) if target.plan is None else []
    said = kinds.get(wanted) or change_point.said_of(last(wanted), there)
    return _("Its recovery point: {point}.").format(point=said)


def checks_of(typed: str) -> tuple[Any, ...]:
    """The application checks that were typed; UsageError for one that makes no sense."""
    from services.recovery.checks import parsed

    return tuple(parsed(one.strip()) for one in typed.split("  ") if one.strip())


def minutes(field: Field, values: Mapping[str, Any]) -> float | None:
    """A target that was typed; UsageError for what is no number."""
    typed = str(values[field.key]).strip()
    try:
        return float(typed) if typed else None
    except ValueError as error:
        what = _("'{typed}' is no number of minutes; give one such as 60").format(typed=plain(typed, 40))
        raise UsageError(Problem("bad-target", _(field.caption), what)) from error
