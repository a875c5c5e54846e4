"""How a protected item gets from enabling to protected, and out again."""

from __future__ import annotations

from typing import Any

from services.practice import effects, events, job_plans, job_store, standing
from services.practice.job_store import Outcome, Target
from services.practice.store import Document, Store

REPLICATION_SECONDS = 10 * 60.0
ENABLING, FAILED, REPLICATING = "enabling", "failed", "replicating"
COMPLETING, PROTECTED, DISABLING = "completing", "protected", "disabling"


def keep(store: Store, item: Document) -> None:
    """Store an item."""
    store.put("item", item["id"], item, parent=item["container"])


def entered(item: Document, phase: str, at: float) -> Document:
    """The item in its next phase."""
    return item | {"phase": phase, "since": at}


def same(store: Store, payload: dict[str, Any]) -> Document | None:
    """The item of an effect, if it still is the one (and was not removed and made again)."""
    item = store.get("item", payload["item"])
    return item if item is not None and item["enabled"] == payload["enabled"] else None


def token(item: Document) -> dict[str, Any]:
    """What an effect must know to find its item again."""
    return {
        "item": item["id"],
        "enabled": item["enabled"],
        "address": item["address"],
        "os": item["os"],
        "account": item["account"],
    }


def target(item: Document) -> Target:
    """The item as a job's target."""
    return Target(item["protectable"].rsplit("/", 1)[1], item["friendly"], "ProtectionEntity")


def set_protected(store: Store, item: Document, protected: bool) -> None:
    """Tell the machine's protectable item."""
    machine = store.get("protectable", item["protectable"])
    if machine is not None:
        store.put("protectable", machine["id"], machine | {"protected": item["id"] if protected else None})


@effects.effect("item-enabled")
def item_enabled(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The job has ended: initial replication runs."""
    if (item := same(store, payload)) is not None:
        keep(store, entered(item, REPLICATING, at) | {"failure": None})
        effects.schedule(store, at + REPLICATION_SECONDS, "item-replicated", token(item))


@effects.effect("item-not-enabled")
def item_not_enabled(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The job failed: the item stays, broken. Or it was cancelled: the item is gone."""
    item, job = same(store, payload), store.get("job", payload["job"])
    if item is None or job is None:
        return
    if job_store.state(job, at) == "Cancelled":
        removed(store, at, item)
        return
    keep(store, entered(item, FAILED, at) | {"failure": job["failure"]})
    note(store, at, item, "EnableDr - Failed", "JobStatus", "Critical")


@effects.effect("restarted-item-enabled")
def restarted(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The failed job runs again."""
    if (item := same(store, payload)) is not None:
        keep(store, entered(item, ENABLING, at) | {"failure": None})


@effects.effect("item-replicated")
def item_replicated(store: Store, at: float, payload: dict[str, Any]) -> None:
    """Initial replication is complete: the first recovery point, and the finalize job."""
    item = same(store, payload)
    if item is None or item["phase"] != REPLICATING:
        return
    vault = store.get("vault", item["vault"])
    if vault is not None:
        done = Outcome(done="item-finalized", payload=token(item))
        job = job_store.started(
            store, at, vault, job_plans.FINALIZE, target(item), done, item["id"], affected=item["affected"]
        )
        keep(store, entered(item, COMPLETING, at) | {"job": job["name"]})


@effects.effect("item-finalized")
def item_finalized(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The item is protected."""
    item = same(store, payload)
    if item is not None and item["phase"] == COMPLETING:
        keep(store, entered(item, PROTECTED, at) | {"points": at})
        note(store, at, item, "Virtual machine health is OK", "VmHealth", "OK")


@effects.effect("item-removed")
def item_removed(store: Store, at: float, payload: dict[str, Any]) -> None:
    """Replication is disabled: the item is gone, its machine can be protected again."""
    if (item := same(store, payload)) is not None:
        removed(store, at, item)


@effects.effect("item-not-removed")
def item_not_removed(store: Store, at: float, payload: dict[str, Any]) -> None:
    """Disabling failed: the item is as it was."""
    if (item := same(store, payload)) is not None:
        phase, since = payload["before"]
        keep(store, entered(item, phase, since))
        if phase == REPLICATING:  # its end may have come meanwhile, and passed unheeded
            effects.schedule(store, max(at, since + REPLICATION_SECONDS), "item-replicated", token(item))


def removed(store: Store, at: float, item: Document) -> None:
    """Forget the item, and its drill with it."""
    set_protected(store, item, False)
    store.delete("item", item["id"])
    standing.release(store, item["vault"], at)


@effects.effect("item-updated")
def item_updated(store: Store, _: float, payload: dict[str, Any]) -> None:
    """Settings of the item have changed."""
    if (item := same(store, payload)) is not None:
        keep(store, item | payload["changes"])


def note(store: Store, at: float, item: Document, what: str, kind: str, severity: str) -> None:
    """An event about the item."""
    about = (item["friendly"], item["fabric"])
    events.note(store, item["vault"], at, what, kind, severity, *about, provider=item.get("kind") or "")
