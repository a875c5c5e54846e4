"""How the console says ages, objectives and states, in few cells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from screens.style import Cell, column
from services.recovery.item import (
    CLEANUP_PENDING,
    COMMIT_PENDING,
    COMMITTED,
    FIRST_POINT,
    PROTECTED,
    REPLICATING,
    ProtectedItem,
)
from services.text import _, plain, rough_span

PHASE_STYLES = {
    PROTECTED: "good",
    CLEANUP_PENDING: "warn",
    COMMIT_PENDING: "warn",
    COMMITTED: "accent",
    FIRST_POINT: "accent",
    REPLICATING: "accent",
}
HEALTH_STYLES = {"Normal": "good", "Warning": "warn", "Critical": "bad"}
JOB_STYLES = {"Succeeded": "good", "Failed": "bad", "InProgress": "accent", "Suspended": "warn"}
OVERDUE_DAYS = 180
"""A drill older than half a year is shown as overdue."""


def health(word: str) -> str:
    """The service's health as a word of ours."""
    return {"Normal": _("healthy"), "Warning": _("warning"), "Critical": _("critical")}.get(
        word, plain(word, 9)
    )


def age(at: datetime | None, now: datetime) -> str:
    """How long ago, changing at most once a minute; empty where it never was."""
    if at is None:
        return ""
    minutes = max(0, int((now - at).total_seconds() // 60))
    return _("now") if minutes == 0 else rough_span(minutes * 60)


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago in a sentence; empty where it never was."""
    if at is None:
        return ""
    minutes = int((now - at).total_seconds() // 60)
    return _("{age} ago").format(age=rough_span(minutes * 60)) if minutes > 0 else _("just now")


def moment(iso: str) -> str:
    """A moment in ISO UTC, to the minute."""
    return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M} UTC" if iso else "-"


def lost(at: datetime | None, now: datetime) -> str:
    """What a machine that starts from a point of this time would lose."""
    if at is None:
        return "-"
    seconds = max(0.0, (now - at).total_seconds())
    return _("{age} lost").format(
        age=rough_span(seconds - seconds % 60) if seconds >= 60 else _("under 1 min")
    )


def scenario(name: str) -> str:
    """The job that runs, as the service calls it, in words of ours."""
    known = {
        "TestFailover": _("drill runs"),
        "TestFailoverCleanup": _("clean-up runs"),
        "Failover": _("failover runs"),
        "UnplannedFailover": _("failover runs"),
        "PlannedFailover": _("planned failover runs"),
        "ChangePit": _("change of point runs"),
        "CommitFailover": _("commit runs"),
        "CancelFailover": _("cancelling runs"),
        "Reprotect": _("reprotect runs"),
        "Failback": _("failback runs"),
    }
    return known.get(name) or _("{name} runs").format(name=plain(name, 40))


def standing(item: ProtectedItem) -> str:
    """What runs on an item, else its state."""
    return scenario(item.scenario) if item.busy else item.word


def several(count: int, one: str, many: str) -> str:
    """A count with its noun: `one` is whole, `many` has {count} in it."""
    return one if count == 1 else many.format(count=count)


def rpo_style(item: ProtectedItem, thresholds: Mapping[str, int]) -> str:
    """How the RPO looks against its policy's threshold."""
    limit = thresholds.get(item.policy_id.lower(), 0)
    return "bad" if item.rpo_seconds is not None and limit and item.rpo_seconds > limit else ""


def rpo(item: ProtectedItem, thresholds: Mapping[str, int], width: int) -> Cell:
    """The RPO in its column; above the policy's threshold it is followed by `!`."""
    if item.rpo_seconds is None:
        return column("-", width, "dim")
    style = rpo_style(item, thresholds)
    return column(rough_span(item.rpo_seconds) + (" !" if style else ""), width, style)


def drill_age(item: ProtectedItem, now: datetime, width: int) -> Cell:
    """The age of the last drill in its column."""
    if item.last_drill is None:
        return column(_("never"), width, "warn")
    old = (now - item.last_drill).days > OVERDUE_DAYS
    return column(age(item.last_drill, now), width, "warn" if old else "")


def clock(seconds: float) -> str:
    """A length of time that is counted: 0:05, 12:30, 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
