"""What drills and failovers leave, in the order of the world's time."""

from __future__ import annotations

from typing import Any

from services.practice import effects, item_facts, job_store, machines_in_azure, standing, timeline
from services.practice.item_states import PROTECTED, entered, keep, note, same
from services.practice.store import Document, Store


def job_of(store: Store, payload: dict[str, Any]) -> Document:
    """The job that the effect follows from."""
    return store.get("job", payload["job"]) or {}


@effects.effect("machine-made")
def machine_made(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The machine exists, and is being prepared."""
    if same(store, payload) is not None:
        machines_in_azure.made(store, at, payload["machine"])


@effects.effect("machine-made-again")
def machine_made_again(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The machine was made again, from another recovery point."""
    machines_in_azure.removed(store, payload["machine"]["id"])
    machine_made(store, at, payload)


@effects.effect("machine-booted")
def machine_booted(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The machine runs."""
    machines_in_azure.power(store, payload["machine"]["id"], "running", at)


@effects.effect("test-done")
def test_done(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The test machine runs: it waits to be cleaned up."""
    if (item := same(store, payload)) is not None and item.get("test"):
        keep(store, item | {"test": item["test"] | {"state": item_facts.PENDING}, "lastTest": at})
        note(store, at, item, "Test failover completed", "JobStatus", "OK")


@effects.effect("test-not-done")
def test_not_done(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The drill failed or was cancelled: where a machine was made, it waits to be cleaned up."""
    if (item := same(store, payload)) is None or not item.get("test"):
        return
    left = store.get("vm", item["test"]["vm"]) is not None and not payload.get("found")
    test = item["test"] | {"state": item_facts.PENDING} if left else None
    keep(store, item | {"test": test})
    note(store, at, item, "Test failover failed", "JobStatus", "Critical")


@effects.effect("restarted-test-done")
def test_again(store: Store, at: float, payload: dict[str, Any]) -> None:
    """A failed drill runs again."""
    if (item := same(store, payload)) is not None:
        keep(store, item | {"test": payload["test"] | {"job": job_of(store, payload)["name"], "since": at}})


@effects.effect("restarted-failed-over")
def failover_again(store: Store, at: float, payload: dict[str, Any]) -> None:
    """A failed failover runs again."""
    if (item := same(store, payload)) is not None:
        busy = {"scenario": "UnplannedFailover", "job": job_of(store, payload)["name"], "since": at}
        keep(store, item | {"busy": busy})


@effects.effect("test-cleaned")
def test_cleaned(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The test machine is gone, except for what the world leaves on purpose."""
    if (item := same(store, payload)) is None or not item.get("test"):
        return
    leaves = job_of(store, payload).get("leaves")
    if leaves != "vm":
        machines_in_azure.removed(store, item["test"]["vm"], disks=leaves != "disk", nic=leaves != "nic")
    keep(store, item | {"test": None})
    standing.release(store, item["vault"], at)
    note(store, at, item, "Test failover cleanup completed", "JobStatus", "OK")


@effects.effect("test-not-cleaned")
def test_not_cleaned(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The cleanup failed: it is still pending."""
    if (item := same(store, payload)) is not None and item.get("test"):
        keep(store, item | {"test": item["test"] | {"state": item_facts.PENDING}})
        note(store, at, item, "Test failover cleanup failed", "JobStatus", "Critical")


@effects.effect("failed-over")
def failed_over(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The machine runs in Azure; the commit is pending. Or back at home, after a failback."""
    if (item := same(store, payload)) is not None:
        changes = {"busy": None, "failover": payload["failover"], "lastFailover": at}
        changes["home"] = bool(payload.get("home"))
        keep(store, entered(item, item_facts.FAILED_OVER, at) | changes)
        note(store, at, item, "Failover completed", "JobStatus", "OK")


@effects.effect("not-failed-over")
def not_failed_over(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The failover failed, or was cancelled: then replication has stopped for good."""
    if (item := same(store, payload)) is None:
        return
    job = job_of(store, payload)
    if job_store.state(job, at) == "Cancelled":
        cancel(store, at, item)
        return
    early = timeline.failing(job) == 0
    phase = item["phase"] if early else item_facts.FAILOVER_FAILED
    stopped = None if early else job["start"]
    keep(store, entered(item, phase, item["since"] if early else at) | {"busy": None, "stopped": stopped})
    note(store, at, item, "Failover failed", "JobStatus", "Critical")


def cancel(store: Store, at: float, item: Document) -> None:
    """Replication has stopped; a machine that was made is deleted."""
    if item.get("target"):
        machines_in_azure.removed(store, item["target"])
    changes = {"busy": None, "points": None, "failover": None, "target": None}
    keep(store, entered(item, item_facts.CANCELLED, at) | changes)
    note(store, at, item, "Failover cancelled: replication has stopped", "VmHealth", "Critical")


@effects.effect("failover-cancelled")
def failover_cancelled(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The failover was cancelled."""
    if (item := same(store, payload)) is not None:
        cancel(store, at, item)


@effects.effect("committed")
def committed(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The failover is final: every recovery point is gone."""
    if (item := same(store, payload)) is not None:
        planned = item["phase"] == item_facts.PLANNED_OVER
        phase = item_facts.PLANNED_COMMITTED if planned else item_facts.COMMITTED
        keep(store, entered(item, phase, at) | {"busy": None, "points": None})
        note(store, at, item, "Failover committed", "JobStatus", "OK")


@effects.effect("point-changed")
def point_changed(store: Store, _: float, payload: dict[str, Any]) -> None:
    """The machine in Azure was made from another point."""
    if (item := same(store, payload)) is not None:
        keep(store, item | {"busy": None, "failover": payload["failover"]})


@effects.effect("reversed")
def reversed_(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The machine in Azure replicates to the primary site."""
    if (item := same(store, payload)) is not None:
        keep(store, entered(item, item_facts.REVERSED, at) | {"busy": None, "points": at, "stopped": None})


@effects.effect("planned-over")
def planned_over(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The machine runs in Azure with all of its data; the commit is pending."""
    if (item := same(store, payload)) is not None:
        changes = {"busy": None, "failover": payload["failover"], "lastFailover": at}
        keep(store, entered(item, item_facts.PLANNED_OVER, at) | changes)
        note(store, at, item, "Planned failover completed", "JobStatus", "OK")


@effects.effect("not-planned-over")
def not_planned_over(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The planned failover failed or was cancelled: the source goes on, and what was made in Azure is gone."""
    if (item := same(store, payload)) is not None:
        if item.get("target"):
            machines_in_azure.removed(store, item["target"])
        keep(store, item | {"busy": None, "stopped": None, "target": None})
        note(store, at, item, "Planned failover failed", "JobStatus", "Critical")


@effects.effect("restarted-planned-over")
def planned_again(store: Store, at: float, payload: dict[str, Any]) -> None:
    """A failed planned failover runs again."""
    if (item := same(store, payload)) is not None:
        busy = {"scenario": "PlannedFailover", "job": job_of(store, payload)["name"], "since": at}
        keep(store, item | {"busy": busy, "stopped": at, "target": payload["target"]})


@effects.effect("machine-stopped")
def machine_stopped(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The machine in Azure is shut down: its data goes home."""
    if (item := same(store, payload)) is not None and item.get("target"):
        machines_in_azure.power(store, item["target"], "deallocated", at)


@effects.effect("failed-back")
def failed_back(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The machine runs at home again; the commit is pending, and the machine in Azure is off."""
    if (item := same(store, payload)) is not None:
        changes = {"busy": None, "lastFailover": at}
        keep(store, entered(item, item_facts.FAILED_BACK, at) | changes)
        note(store, at, item, "Failback completed", "JobStatus", "OK")


@effects.effect("restarted-failed-back")
def back_again(store: Store, at: float, payload: dict[str, Any]) -> None:
    """A failed failback runs again."""
    if (item := same(store, payload)) is not None:
        busy = {"scenario": "Failback", "job": job_of(store, payload)["name"], "since": at}
        keep(store, item | {"busy": busy})


@effects.effect("failback-finalized")
def failback_finalized(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The way home is final: the machine in Azure and its disks are deleted."""
    if (item := same(store, payload)) is not None:
        if item.get("target"):
            machines_in_azure.removed(store, item["target"])
        fresh = dict.fromkeys(("busy", "failover", "target"))
        keep(store, entered(item, item_facts.HOME, at) | fresh | {"points": None})
        note(store, at, item, "Failback committed", "JobStatus", "OK")


@effects.effect("protected-again")
def protected_again(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The machine is at home and replicates to Azure again; what ran in Azure is gone."""
    if (item := same(store, payload)) is not None:
        if item.get("target"):
            machines_in_azure.removed(store, item["target"])
        fresh = dict.fromkeys(("busy", "stopped", "failover", "target", "home"))
        keep(store, entered(item, PROTECTED, at) | fresh | {"points": at})


@effects.effect("idle-again")
def idle_again(store: Store, _: float, payload: dict[str, Any]) -> None:
    """A job has ended without changing the item."""
    if (item := same(store, payload)) is not None:
        keep(store, item | {"busy": None})


@effects.effect("health-resolved")
def health_resolved(store: Store, _: float, payload: dict[str, Any]) -> None:
    """Health errors that a customer may close are closed."""
    if (item := same(store, payload)) is not None:
        left = [p for p in item.get("problems") or [] if p["id"] not in payload["errors"]]
        keep(store, item | {"busy": None, "problems": left})
