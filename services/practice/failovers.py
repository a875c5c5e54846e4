"""Drills and failovers of protected items: accepted, as jobs that make and remove machines in Azure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.practice import failover_plans as plans
from services.practice import failover_rules as rules
from services.practice import item_facts, item_states, items, job_store, lro, machines_in_azure, push
from services.practice.clock import stamp
from services.practice.item_details import disks
from services.practice.item_states import token
from services.practice.job_plans import Plan
from services.practice.job_store import Outcome
from services.practice.store import Document
from services.practice.web import Answer, Call, Router

ONE = items.ONE
V2 = ("InMageAzureV2",)
routes = Router()


@dataclass
class Run:
    """A job to start on an item, and what the item looks like while it runs (`{job}` is filled in)."""

    plan: Plan
    outcome: Outcome
    busy: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    failure: dict[str, Any] | None = None


def begun(call: Call, vault: Document, item: Document, run: Run) -> Document:
    """Start the job of a run; the item remembers it."""
    job = job_store.for_call(
        call,
        vault,
        run.plan,
        item_states.target(item),
        run.outcome,
        item["id"],
        run.failure,
        item["affected"],
        {"custom": run.custom} if run.custom else None,
    )
    remember(call, item, run, job)
    if call.foreign:
        target = item_states.target(item)
        job_store.foreign(call.store, call.now, vault, call.foreign, target, item["id"], item["affected"])
    return job


def remember(call: Call, item: Document, run: Run, job: Document) -> None:
    """The item knows the job that runs on it."""
    facts = {
        key: {**value, "job": job["name"], "since": call.now} if isinstance(value, dict) else value
        for key, value in run.busy.items()
    }
    item_states.keep(call.store, item | facts)


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


def machine(call: Call, vault: Document, item: Document, vnet: Document, purpose: str) -> dict[str, Any]:
    """The facts of the machine that a drill or a failover makes."""
    nic, settings = item.get("nic") or {}, item.get("settings") or {}
    test = purpose == "test"
    side = "tfo" if test else "recovery"
    subnet = (nic.get("tfoSubnetName") if test else None) or item["subnet"]
    wanted = nic.get(f"{side}StaticIPAddress") or item["address"]
    place = machines_in_azure.placed(call.store, vnet, subnet, wanted)
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
        "disks": disks(item),
        "availabilitySet": settings.get("recoveryAvailabilitySetId") or "",
        "tags": settings.get("targetVmTags") or {},
        "group": nic.get(f"{side}NetworkSecurityGroupId") or "",
        "publicIPAddress": nic.get(f"{side}PublicIPAddressId") or "",
    }


def test_run(call: Call, vault: Document, item: Document, vnet: Document, point: tuple[str, float]) -> Run:
    """The drill of one item."""
    facts = machine(call, vault, item, vnet, "test")
    payload = {**token(item), "machine": facts}
    plan = plans.with_task(plans.TEST_FAILOVER, "VmTfoInitiateFailover", then=["machine-made", payload])
    plan = plans.with_task(plan, "VmTfoBootTestVm", then=["machine-booted", payload])
    if item.get("discovery") == "vCenter":
        plan = plans.with_task(plan, "VmTfoPrepareTestVm", plans.PREPARE_VIRTUAL)
    name = facts["id"].rsplit("/", 1)[1]
    found = call.store.get("vm", facts["id"]) is not None
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
    outcome = Outcome("test-done", "test-not-done", {**token(item), "found": found})
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


@routes.on("POST", ONE + "/testFailover")
def test_failover(call: Call) -> Answer:
    """A drill: a test machine in a network of the caller's choice."""
    vault, _, item = items.item_of(call)
    given = call.properties()
    items.idle(call, vault, item)
    rules.require(call, item, "TestFailover")
    rules.direction(call, given, "PrimaryToRecovery")
    chosen = rules.provider(call, given, V2)
    vnet = rules.network(call, vault, given)
    point = rules.point(call, item, chosen.get("recoveryPointId"), call.now)
    return lro.accepted(call, vault, begun(call, vault, item, test_run(call, vault, item, vnet, point)))


def cleanup_run(item: Document, comments: str) -> Run:
    """The end of an item's drill."""
    custom = {
        "instanceType": "TestFailoverJobDetails",
        "testFailoverStatus": "Completed",
        "comments": comments,
    }
    custom |= {"networkName": item["test"]["network"].rsplit("/", 1)[1], "networkType": "VmNetworkAsInput"}
    test = item["test"] | {"state": item_facts.CLEANING}
    outcome = Outcome("test-cleaned", "test-not-cleaned", token(item))
    return Run(plans.TEST_CLEANUP, outcome, {"test": test}, custom)


@routes.on("POST", ONE + "/testFailoverCleanup")
def test_cleanup(call: Call) -> Answer:
    """The end of a drill: its machine is deleted, its comments are kept."""
    vault, _, item = items.item_of(call)
    items.idle(call, vault, item)
    rules.require(call, item, "TestFailoverCleanup")
    comments = str(call.properties().get("comments") or "")
    return lro.accepted(call, vault, begun(call, vault, item, cleanup_run(item, comments)))


def failover_run(
    call: Call, vault: Document, item: Document, point: tuple[str, float], shutdown: bool, plan: Plan
) -> Run:
    """The failover of one item."""
    if item["phase"] == item_facts.REVERSED:
        return home_run(item, point, plan)
    vnet = call.store.get("vnet", item["network"]) if item["network"] else None
    plan = shut_down(call, item, plan, shutdown)
    failover = {"point": point[0], "at": point[1]}
    facts = machine(call, vault, item, vnet, "failover") if vnet else None
    payload = {**token(item), "failover": failover}
    busy: dict[str, Any] = {
        "busy": {"scenario": "UnplannedFailover", "job": "", "since": 0},
        "stopped": call.now,
    }
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
    outcome = Outcome(
        "failed-over", "idle-again", {**token(item), "failover": {"point": point[0], "at": point[1]}}
    )
    busy = {"busy": {"scenario": "UnplannedFailover"}, "home": True}
    return Run(plan, outcome, busy, {"instanceType": "FailoverJobDetails", "protectedItemDetails": []})


def shut_down(call: Call, item: Document, plan: Plan, wanted: bool) -> Plan:
    """The plan with what becomes of shutting down the source: skipped, done, or failed without an end."""
    if not wanted:
        return plans.with_task(plan, plans.SHUTDOWN, 0.0, ends="Skipped")
    world = call.realm.world
    known = {m["address"] for m in world.get("machines") or ()}
    place = world.get("network", {}).get(f"{item['address']}:{push.PORTS[item['os']]}")
    if item["address"] not in known or push.answers(place):
        return plan
    return plans.with_task(plan, plans.SHUTDOWN, ends="Failed", error=NOT_SHUT_DOWN)


NOT_SHUT_DOWN = {
    "code": "28003",
    "message": "The source machine could not be shut down. The failover goes on.",
    "possibleCauses": "The source machine is off, or the process server does not reach it.",
    "recommendedAction": "Make sure that the source machine is off before the machine in Azure is used.",
}


@routes.on("POST", ONE + "/unplannedFailover")
def unplanned_failover(call: Call) -> Answer:
    """A failover: the machine runs in Azure under its target name; replication stops first."""
    vault, _, item = items.item_of(call)
    given = call.properties()
    items.idle(call, vault, item)
    rules.require(call, item, "UnplannedFailover")
    back = item["phase"] == item_facts.REVERSED
    rules.direction(call, given, "RecoveryToPrimary" if back else "PrimaryToRecovery")
    chosen = rules.provider(call, given, ("InMage",) if back else V2)
    point = rules.point(call, item, chosen.get("recoveryPointId"), call.now)
    shutdown = str(given.get("sourceSiteOperations") or "NotRequired").lower() == "required"
    run = failover_run(call, vault, item, point, shutdown, plans.FAILOVER)
    return lro.accepted(call, vault, begun(call, vault, item, run))


@routes.on("POST", ONE + "/plannedFailover")
def planned_failover(call: Call) -> Answer:
    """Refused: machines of a configuration server have no planned failover."""
    _, _, item = items.item_of(call)
    raise rules.refused(call, item, "PlannedFailover")


@routes.on("POST", ONE + "/applyRecoveryPoint")
def apply_point(call: Call) -> Answer:
    """The machine in Azure is made again, from another point."""
    vault, _, item = items.item_of(call)
    given = call.properties()
    items.idle(call, vault, item)
    rules.require(call, item, "ChangePit")
    rules.provider(call, given, V2)
    point = rules.point(call, item, given.get("recoveryPointId"), call.now)
    vnet = call.store.get("vnet", item["network"]) or {}
    made = {**token(item), "machine": machine(call, vault, item, vnet, "failover")} if vnet else token(item)
    plan = plans.CHANGE_POINT
    if vnet:
        plan = plans.with_task(plan, "VmChangePit", then=["machine-made-again", made])
        plan = plans.with_task(plan, "VmFoStartVmOnSecondary", then=["machine-booted", made])
    payload = {**token(item), "failover": {"point": point[0], "at": point[1]}}
    shown = details(item, vnet or None, item["vmName"], point, item["subnet"])
    run = Run(
        plan,
        Outcome("point-changed", "idle-again", payload),
        {"busy": {"scenario": "ChangePit"}},
        {"instanceType": "FailoverJobDetails", "protectedItemDetails": [shown]},
    )
    return lro.accepted(call, vault, begun(call, vault, item, run))


def commit_run(item: Document) -> Run:
    """The commit of one item."""
    return Run(
        plans.COMMIT,
        Outcome("committed", "idle-again", token(item)),
        {"busy": {"scenario": "CommitFailover"}},
    )


@routes.on("POST", ONE + "/failoverCommit")
def commit(call: Call) -> Answer:
    """Finish the failover: every recovery point goes."""
    vault, _, item = items.item_of(call)
    items.idle(call, vault, item)
    rules.require(call, item, "Commit")
    return lro.accepted(call, vault, begun(call, vault, item, commit_run(item)))


def cancel_run(item: Document) -> Run:
    """The end of a failover that is not to be."""
    outcome = Outcome("failover-cancelled", "idle-again", token(item))
    return Run(plans.CANCEL, outcome, {"busy": {"scenario": "CancelFailover"}})


@routes.on("POST", ONE + "/failoverCancel")
def cancel(call: Call) -> Answer:
    """Cancel the failover, in progress or not committed yet: replication has stopped and stays so."""
    vault, _, item = items.item_of(call)
    rules.require(call, item, "CancelFailover")
    if busy := item.get("busy"):
        job = call.store.get("job", f"{vault['id']}/replicationJobs/{busy['job']}")
        if job is not None and call.now < job_store.ends(job):
            job_store.cancel(call.store, job | {"outcome": ["", "", {}]}, call.now)
    else:
        items.idle(call, vault, item)
    return lro.accepted(call, vault, begun(call, vault, item, cancel_run(item)))


@routes.on("POST", ONE + "/reProtect")
def reprotect(call: Call) -> Answer:
    """Replicate back to a VMware site; a machine of an Azure Stack has nothing to go back to."""
    vault, _, item = items.item_of(call)
    given = call.properties()
    items.idle(call, vault, item)
    rules.require(call, item, "ReverseReplicate")
    rules.direction(call, given, "RecoveryToPrimary")
    chosen = rules.provider(call, given, ("InMage",))
    missing = [
        n for n in ("masterTargetId", "processServerId", "retentionDrive", "profileId") if not chosen.get(n)
    ]
    if missing:
        raise rules.wrong(
            call,
            "InvalidParameter",
            f"The property {missing[0]} is missing.",
            "Re-protection to a VMware site needs its servers, a retention drive and a failback policy.",
            "Give the missing property.",
        )
    run = Run(
        plans.REPROTECT, Outcome("reversed", "idle-again", token(item)), {"busy": {"scenario": "Reprotect"}}
    )
    return lro.accepted(call, vault, begun(call, vault, item, run))


@routes.on("POST", ONE + "/resolveHealthErrors")
def resolve(call: Call) -> Answer:
    """Close health errors that a customer may close."""
    vault, _, item = items.item_of(call)
    items.idle(call, vault, item)
    wanted = [str(e.get("healthErrorId")) for e in call.properties().get("healthErrors") or []]
    known = {p["id"]: p for p in item.get("problems") or []}
    if bad := [one for one in wanted if not known.get(one, {}).get("resolvable")]:
        raise rules.wrong(
            call,
            "HealthErrorNotResolvable",
            f"The health error '{bad[0]}' cannot be resolved by a customer.",
            "The error does not exist, or goes away only with its cause.",
            "Remove the cause.",
        )
    outcome = Outcome("health-resolved", "idle-again", {**token(item), "errors": wanted})
    run = Run(plans.RESOLVE, outcome, {"busy": {"scenario": "ResolveHealthErrors"}})
    return lro.accepted(call, vault, begun(call, vault, item, run))
