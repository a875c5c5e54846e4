"""Drills and failovers of protected items: accepted, as jobs that make and remove machines in Azure."""

from __future__ import annotations

from services.practice import failover_plans as plans
from services.practice import failover_rules as rules
from services.practice import item_facts, item_states, items, job_store, lro
from services.practice.failover_runs import (
    Run,
    cancel_run,
    cleanup_run,
    commit_run,
    details,
    failover_run,
    machine,
    remember,
    shutdown_of,
    test_run,
)
from services.practice.item_states import token
from services.practice.job_store import Outcome
from services.practice.store import Document
from services.practice.web import Answer, Call, Router

ONE = items.ONE
routes = Router()


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
    remember(call.store, call.now, item, run, job)
    if call.foreign:
        target = item_states.target(item)
        job_store.foreign(call.store, call.now, vault, call.foreign, target, item["id"], item["affected"])
    return job


@routes.on("POST", ONE + "/testFailover")
def test_failover(call: Call) -> Answer:
    """A drill: a test machine in a network of the caller's choice."""
    vault, _, item = items.item_of(call)
    given = call.properties()
    items.idle(call, vault, item)
    rules.require(call, item, "TestFailover")
    rules.direction(call, given, "PrimaryToRecovery")
    chosen = rules.provider(call, given, (item_facts.provider(item),))
    vnet = rules.network(call, vault, given)
    point = rules.point(call, item, chosen.get("recoveryPointId"))
    return lro.accepted(call, vault, begun(call, vault, item, test_run(call.store, vault, item, vnet, point)))


@routes.on("POST", ONE + "/testFailoverCleanup")
def test_cleanup(call: Call) -> Answer:
    """The end of a drill: its machine is deleted, its comments are kept."""
    vault, _, item = items.item_of(call)
    items.idle(call, vault, item)
    rules.require(call, item, "TestFailoverCleanup")
    comments = str(call.properties().get("comments") or "")
    return lro.accepted(call, vault, begun(call, vault, item, cleanup_run(item, comments)))


@routes.on("POST", ONE + "/unplannedFailover")
def unplanned_failover(call: Call) -> Answer:
    """A failover: the machine runs in Azure under its target name; replication stops first."""
    vault, _, item = items.item_of(call)
    given = call.properties()
    items.idle(call, vault, item)
    rules.require(call, item, "UnplannedFailover")
    back = item["phase"] == item_facts.REVERSED
    rules.direction(call, given, "RecoveryToPrimary" if back else "PrimaryToRecovery")
    chosen = rules.provider(call, given, ("InMage",) if back else (item_facts.provider(item),))
    point = rules.point(call, item, chosen.get("recoveryPointId"))
    wanted = str(given.get("sourceSiteOperations") or "NotRequired").lower() == "required"
    shutdown = shutdown_of(call.realm.world, item, wanted)
    run = failover_run(call.store, vault, item, point, shutdown, plans.FAILOVER)
    return lro.accepted(call, vault, begun(call, vault, item, run))


@routes.on("POST", ONE + "/applyRecoveryPoint")
def apply_point(call: Call) -> Answer:
    """The machine in Azure is made again, from another point."""
    vault, _, item = items.item_of(call)
    given = call.properties()
    items.idle(call, vault, item)
    rules.require(call, item, "ChangePit")
    rules.provider(call, given, (item_facts.provider(item),))
    point = rules.point(call, item, given.get("recoveryPointId"))
    vnet = call.store.get("vnet", item["network"]) or {}
    made = (
        {**token(item), "machine": machine(call.store, vault, item, vnet, "failover")}
        if vnet
        else token(item)
    )
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


@routes.on("POST", ONE + "/failoverCommit")
def commit(call: Call) -> Answer:
    """Finish the failover: every recovery point goes."""
    vault, _, item = items.item_of(call)
    items.idle(call, vault, item)
    rules.require(call, item, "Commit")
    return lro.accepted(call, vault, begun(call, vault, item, commit_run(item)))


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
