"""What a drill, a failover or its end does to one item: the job's plan, its outcome, and what the item shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.practice import failover_plans as plans
from services.practice import item_facts, item_states, job_store, machines_in_azure, push
from services.practice.clock import stamp
from services.practice.item_details import disks
from services.practice.item_states import token
from services.practice.job_plans import Plan
from services.practice.job_store import Outcome
from services.practice.store import Document, Store


@dataclass
class Run:
    """A job to start on an item, and what the item looks like while it runs (`{job}` is filled in)."""

    plan: Plan
    outcome: Outcome
    busy: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    failure: dict[str, Any] | None = None


def details(
    item: Document, vnet: Document | None, vm: str, point: tuple[str, float], subnet: str
) -> Document:
    """An item as the details of its failover job name it."""
    return {
        "name": item["name"],
        "friendlyName": item["friendly"],
        "testVmName": vm,
        "testVmFriendlyName": vm,
        "networkConnectionStatus": "Connected" if vnet else "NotConnected",
        "networkFriendlyName": vnet["name"] if vnet else "",
        "subnet": subnet,
        "recoveryPointId": point[0],
        "recoveryPointTime": stamp(point[1]),
    }


def machine(store: Store, vault: Document, item: Document, vnet: Document, purpose: str) -> dict[str, Any]:
    """The facts of the machine that a drill or a failover makes."""
    nic, settings = item.get("nic") or {}, item.get("settings") or {}
    test = purpose == "test"
    side = "tfo" if test else "recovery"
    subnet = (nic.get("tfoSubnetName") if test else None) or item["subnet"]
    wanted = nic.get(f"{side}StaticIPAddress") or item["address"]
    place = machines_in_azure.placed(store, vnet, subnet, wanted)
    return {
        "id": machines_in_azure.machine_id(item["group"], item["vmName"] + ("-test" if test else "")),
        "location": vault["location"],
        "size": item.get("vmSize") or "Standard_D2s_v3",
        "os": item["os"],
        "network": vnet["id"],
        "subnet": place[0],
        "address": wanted,
        "item": item["id"],
        "purpose": purpose,
        "source": item["friendly"],
        "sourceAddress": item["address"],
        "disks": disks(item),
        "availabilitySet": settings.get("recoveryAvailabilitySetId") or "",
        "tags": settings.get("targetVmTags") or {},
        "group": nic.get(f"{side}NetworkSecurityGroupId") or "",
        "publicIPAddress": nic.get(f"{side}PublicIPAddressId") or "",
    }


def test_run(store: Store, vault: Document, item: Document, vnet: Document, point: tuple[str, float]) -> Run:
    """The drill of one item."""
    facts = machine(store, vault, item, vnet, "test")
    payload = {**token(item), "machine": facts}
    plan = plans.with_task(plans.TEST_FAILOVER, "VmTfoInitiateFailover", then=["machine-made", payload])
    plan = plans.with_task(plan, "VmTfoBootTestVm", then=["machine-booted", payload])
    if item.get("discovery") == "vCenter":
        plan = plans.with_task(plan, "VmTfoPrepareTestVm", plans.PREPARE_VIRTUAL)
    name = facts["id"].rsplit("/", 1)[1]
    found = store.get("vm", facts["id"]) is not None
    custom = {
        "instanceType": "TestFailoverJobDetails",
        "testFailoverStatus": "Active",
        "comments": "",
        "networkName": vnet["name"],
        "networkFriendlyName": vnet["name"],
        "networkType": "VmNetworkAsInput",
        "protectedItemDetails": [details(item, vnet, name, point, facts["subnet"])],
    }
    test = {"state": item_facts.RUNNING, "vm": facts["id"], "network": vnet["id"], "point": point[0]}
    outcome = Outcome("test-done", "test-not-done", {**token(item), "found": found, "test": test})
    return Run(plan, outcome, {"test": test}, custom, left_over(name) if found else None)


def left_over(name: str) -> dict[str, Any]:
    """A machine of an earlier drill is in the way."""
    return {
        "taskId": "BeginTestFailoverTask",
        "code": "28092",
        "message": f"The test virtual machine '{name}' cannot be created: one or more replica IP addresses "
        "are invalid, because a machine of this name exists.",
        "possibleCauses": "An earlier test failover was not cleaned up.",
        "recommendedAction": f"Delete the virtual machine '{name}', then restart the job.",
    }


def cleanup_run(item: Document, comments: str) -> Run:
    """The end of an item's drill."""
    custom = {
        "instanceType": "TestFailoverJobDetails",
        "testFailoverStatus": "Completed",
        "comments": comments,
    }
    custom |= {"networkName": item["test"]["network"].rsplit("/", 1)[1], "networkType": "VmNetworkAsInput"}
    drill = item["test"].get("drill", item["test"]["job"])
    test = item["test"] | {"state": item_facts.CLEANING, "drill": drill}
    outcome = Outcome("test-cleaned", "test-not-cleaned", token(item))
    return Run(plans.TEST_CLEANUP, outcome, {"test": test}, custom)


def failover_run(
    store: Store, vault: Document, item: Document, point: tuple[str, float], shutdown: str, plan: Plan
) -> Run:
    """The failover of one item."""
    if item["phase"] == item_facts.REVERSED:
        return home_run(item, point, plan)
    vnet = store.get("vnet", item["network"]) if item["network"] else None
    plan = shut_down(plan, shutdown)
    failover = {"point": point[0], "at": point[1]}
    facts = machine(store, vault, item, vnet, "failover") if vnet else None
    payload = {**token(item), "failover": failover}
    busy: dict[str, Any] = {"busy": {"scenario": "UnplannedFailover"}}
    if facts:
        made = {**token(item), "machine": facts}
        plan = plans.with_task(plan, "VmFailover", then=["machine-made", made])
        plan = plans.with_task(plan, "VmFoStartVmOnSecondary", then=["machine-booted", made])
        busy["target"] = facts["id"]
    shown = details(item, vnet, item["vmName"], point, facts["subnet"] if facts else "")
    custom = {"instanceType": "FailoverJobDetails", "protectedItemDetails": [shown]}
    outcome = Outcome("failed-over", "not-failed-over", payload)
    return Run(plan, outcome, busy, custom, None if vnet else NO_NETWORK)


NO_NETWORK = {
    "taskId": "UnplannedFailoverPreflightChecksTask",
    "code": "28005",
    "message": "The failover cannot begin: no target network is set for the machine.",
    "possibleCauses": "No virtual network was chosen, or the chosen one was deleted.",
    "recommendedAction": "Set the target network in Compute and Network, then try again.",
}


def home_run(item: Document, point: tuple[str, float], plan: Plan) -> Run:
    """The failback of an item that replicates from Azure."""
    payload = {**token(item), "failover": {"point": point[0], "at": point[1]}, "home": True}
    custom = {"instanceType": "FailoverJobDetails", "protectedItemDetails": []}
    busy = {"busy": {"scenario": "UnplannedFailover"}}
    return Run(plan, Outcome("failed-over", "idle-again", payload), busy, custom)


def shut_down(plan: Plan, shutdown: str) -> Plan:
    """The plan with what becomes of shutting down the source: "skipped", "done", or "failed" without an end."""
    if shutdown == "skipped":
        return plans.with_task(plan, plans.SHUTDOWN, 0.0, ends="Skipped")
    if shutdown == "failed":
        return plans.with_task(plan, plans.SHUTDOWN, ends="Failed", error=NOT_SHUT_DOWN)
    return plan


def shutdown_of(world: dict[str, Any], item: Document, wanted: bool) -> str:
    """What will become of shutting down the source: a machine of this world that does not answer cannot be."""
    if not wanted:
        return "skipped"
    known = {m["address"] for m in world.get("machines") or ()}
    place = world.get("network", {}).get(f"{item['address']}:{push.PORTS[item['os']]}")
    return "done" if item["address"] not in known or push.answers(place) else "failed"


NOT_SHUT_DOWN = {
    "code": "28003",
    "message": "The source machine could not be shut down. The failover goes on.",
    "possibleCauses": "The source machine is off, or the process server does not reach it.",
    "recommendedAction": "Make sure that the source machine is off before the machine in Azure is used.",
}


def commit_run(item: Document) -> Run:
    """The commit of one item, or of its failback."""
    if item["phase"] == item_facts.FAILED_BACK:
        outcome = Outcome("failback-finalized", "idle-again", token(item))
        return Run(plans.FINALIZE_FAILBACK, outcome, {"busy": {"scenario": "FinalizeFailback"}})
    return Run(
        plans.COMMIT,
        Outcome("committed", "idle-again", token(item)),
        {"busy": {"scenario": "CommitFailover"}},
    )


def cancel_run(item: Document) -> Run:
    """The end of a failover that is not to be."""
    outcome = Outcome("failover-cancelled", "idle-again", token(item))
    return Run(plans.CANCEL, outcome, {"busy": {"scenario": "CancelFailover"}})


def remember(store: Store, at: float, item: Document, run: Run, job: Document) -> None:
    """The item knows the job that runs on it; a failover stops its replication."""
    facts = {
        key: {"job": job["name"], "since": at, **value} if isinstance(value, dict) else value
        for key, value in run.busy.items()
    }
    if "job" in (run.busy.get("test") or {}):
        facts["test"] = run.busy["test"] | {"job": job["name"], "since": at}
    home = (run.outcome.payload or {}).get("home")
    leaving = (run.busy.get("busy") or {}).get("scenario") in item_facts.LEAVING and not home
    stopped = {"stopped": at} if leaving and not item.get("stopped") else {}
    item_states.keep(store, item | facts | stopped)


def child(
    store: Store, at: float, vault: Document, item: Document, run: Run, name: str, activity: str
) -> Document:
    """The job of an item within the job of a recovery plan."""
    job = job_store.started(
        store,
        at,
        vault,
        run.plan,
        item_states.target(item),
        run.outcome,
        item["id"],
        activity,
        run.failure,
        item["affected"],
        {"name": name, "custom": run.custom} if run.custom else {"name": name},
    )
    remember(store, at, item, run, job)
    return job
