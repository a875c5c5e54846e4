"""Another recovery point for a machine that has failed over: which, what is lost by it, and which is in use now."""

from __future__ import annotations

from datetime import datetime

from services.azure.ids import last
from services.problems.model import Problem, UsageError
from services.recovery import points
from services.recovery.failover import loss_text, point_text
from services.recovery.item import ProtectedItem
from services.recovery.points import RecoveryPoint
from services.recovery.requests import Wish
from services.recovery.run import Run, runs
from services.recovery.vault import Vault
from services.recovery.verbs import FAILOVER
from services.text import _, plain
from services.world.deadline import Deadline


def chosen(vault: Vault, item: ProtectedItem, wanted: str) -> tuple[Wish, str, list[str]]:
    """The wish, where the machine starts from, and what is lost. UsageError, RefusedError for the point."""
    if not wanted or wanted == points.LATEST:
        what = _("After a failover no newer data comes: name a point that is there.")
        known = _("Give --point latest-processed, latest-app-consistent or a point's id.")
        raise UsageError(Problem("point", plain(item.title), what, remedy=known))
    there = vault.points(item)
    found = points.chosen(wanted, there, item.title)
    assert found is not None
    reference = decided(vault, item) or vault.world.clock.now()
    lost = [
        loss_text(found, item, reference),
        _("What was written in Azure since the failover of {at:%Y-%m-%d %H:%M} UTC is lost too.").format(
            at=reference
        ),
    ]
    return Wish(point=found.id), point_text(wanted, found), [*in_use(vault, item, there), *lost]


def decided(vault: Vault, item: ProtectedItem) -> datetime | None:
    """When the failover that waits for its commit was decided: as this journal has it, else when Azure says it was
    done. None where neither knows.
    """
    mine = failover_of(vault, item)
    return datetime.fromisoformat(mine.decided) if mine is not None else item.last_failover


def failover_of(vault: Vault, item: ProtectedItem) -> Run | None:
    """The run of this journal that made the item's last failover; None where another did, or nobody."""
    mine = [one for one, _outcome in runs(vault, Deadline()) if one.about.verb == FAILOVER]
    for one in reversed(mine):
        ended = str(one.facts.get("at.ended") or "")
        if item.id.lower() not in one.about.targets or not ended:
            continue
        if item.last_failover is None or item.last_failover <= datetime.fromisoformat(ended):
            return one
        break
    return None


def in_use(vault: Vault, item: ProtectedItem, there: list[RecoveryPoint]) -> list[str]:
    """The point that the machine runs from now; nothing where Azure does not say."""
    now = name_in_use(vault, item)
    return [_("Now it runs from {point}.").format(point=said_of(now, there))] if now else []


def name_in_use(vault: Vault, item: ProtectedItem) -> str:
    """The name of the point that the machine runs from now, in lower case; empty where Azure does not say."""
    about = vault.item_json(item).get("properties") or {}
    return last(str(about.get("failoverRecoveryPointId") or "")).lower()


def said_of(name: str, there: list[RecoveryPoint]) -> str:
    """A point by its kind and time where it is still there, else by its name."""
    for point in there:
        if point.name.lower() == name.lower() and point.at:
            return _("{kind} of {at:%Y-%m-%d %H:%M} UTC").format(kind=plain(point.kind), at=point.at)
    return _("the point {name}").format(name=plain(name))
