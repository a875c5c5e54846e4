"""Recovery points: they follow from the policy and the clock."""

from __future__ import annotations

from datetime import datetime

from services.practice import ids, item_facts, items
from services.practice.clock import stamp
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Router

POINTS = items.ONE + "/recoveryPoints"
MOST = 48
routes = Router()


def times(store: Store, now: float, item: Document) -> list[tuple[float, str]]:
    """The times and kinds of an item's points, newest first, at most 48 of each kind."""
    first = item.get("points")
    policy = store.get("policy", item["policy"])
    if first is None or policy is None:
        return []
    settings, found = kept_for(policy["details"]), [(float(first), "CrashConsistent")]
    # A failover stops the replication: no point is newer, and none is pruned from then on.
    newest = float(item.get("stopped") or item.get("stalled") or now)
    oldest = max(first, newest - settings["recoveryPointHistory"] * 60)
    kinds = (
        ("crashConsistentFrequencyInMinutes", "CrashConsistent"),
        ("appConsistentFrequencyInMinutes", "ApplicationConsistent"),
    )
    for name, kind in kinds:
        every = settings[name] * 60.0
        if every:
            last = int((newest - first) // every)
            marks = (first + n * every for n in range(last, max(0, last - MOST), -1))
            found += [(at, kind) for at in marks]
    return sorted({point for point in found if point[0] >= oldest}, reverse=True)


def kept_for(settings: Document) -> Document:
    """A policy's settings in minutes. Hyper-V keeps a crash-consistent point of every hour."""
    if settings.get("instanceType") != item_facts.HYPER_V:
        return settings
    return {
        "recoveryPointHistory": settings["recoveryPointHistoryDurationInHours"] * 60,
        "crashConsistentFrequencyInMinutes": 60,
        "appConsistentFrequencyInMinutes": settings["applicationConsistentSnapshotFrequencyInHours"] * 60,
    }


def view(item: Document, at: float, kind: str) -> Document:
    """A point as the service answers it."""
    own = {"providerSpecificDetails": {"instanceType": "InMageAzureV2", "isMultiVmSyncPoint": "False"}}
    name = ids.derived(item["id"], stamp(at), kind)
    return {
        "id": f"{item['id']}/recoveryPoints/{name}",
        "name": name,
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/"
        "replicationProtectedItems/recoveryPoints",
        "properties": {
            "recoveryPointTime": stamp(at),
            "recoveryPointType": kind,
            **(own if item_facts.provider(item) == item_facts.V2 else {}),
        },
    }


def moment(document: Document) -> float:
    """The time of a point that was answered."""
    return datetime.fromisoformat(document["properties"]["recoveryPointTime"]).timestamp()


def newest(store: Store, now: float, item: Document, kind: str) -> tuple[str, float]:
    """The id and time of the newest point of a recovery plan's kind; of "Latest", of what is processed now.

    Without a point of that kind the newest data is taken, as the service does.
    """
    wanted = {
        "LatestApplicationConsistent": ("ApplicationConsistent",),
        "LatestCrashConsistent": ("CrashConsistent",),
        "LatestProcessed": ("ApplicationConsistent", "CrashConsistent"),
    }.get(kind, ())
    for at, named in times(store, now, item):
        if named in wanted:
            return str(view(item, at, named)["id"]), at
    return "", now - 45.0


@routes.on("GET", POINTS)
def list_points(call: Call) -> Answer:
    """The points of an item, newest first."""
    item = items.item_of(call)[2]
    return Answer(body={"value": [view(item, *point) for point in times(call.store, call.now, item)]})


@routes.on("GET", POINTS + "/{point}")
def get(call: Call) -> Answer:
    """One point."""
    item = items.item_of(call)[2]
    for point in times(call.store, call.now, item):
        if (document := view(item, *point))["name"] == call.path["point"].lower():
            return Answer(body=document)
    raise ids.absent(call, call.path["point"])
