"""What somebody else does in the vault, so that a console can be tested against it. Needs the world's key."""

from __future__ import annotations

from services.practice import events, failover_runs, ids, item_facts, item_states, job_store, network, points
from services.practice.facts import group_id
from services.practice.job_store import Target
from services.practice.ledger import require_key
from services.practice.seed_networks import DRILL
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

routes = Router()


def item_named(call: Call) -> tuple[Document, Document]:
    """The vault and the protected item of the friendly name in the body."""
    wanted = str(call.body().get("item") or "").lower()
    item = next((i for i in call.store.all("item") if i["friendly"].lower() == wanted), None)
    vault = call.store.get("vault", item["vault"]) if item else None
    if item is None or vault is None:
        raise Refusal(404, "NotFound", f"There is no protected item '{wanted}'.")
    return vault, item


@routes.on("POST", "/practice/person/job")
def foreign_job(call: Call) -> Answer:
    """Somebody's job on an item or a plan: {"item" or "plan", "scenario", "friendly", "seconds"}."""
    require_key(call)
    about = call.body()
    if "plan" in about:
        plan = next((p for p in call.store.all("plan") if p["name"].lower() == about["plan"].lower()), None)
        vault = call.store.get("vault", plan["vault"]) if plan else None
        if plan is None or vault is None:
            raise Refusal(404, "NotFound", f"There is no recovery plan '{about['plan']}'.")
        target = Target(ids.derived(plan["id"]), plan["name"], "RecoveryPlan")
        job = job_store.foreign(call.store, call.now, vault, about, target, plan["id"], None)
    else:
        vault, item = item_named(call)
        target = item_states.target(item)
        job = job_store.foreign(call.store, call.now, vault, about, target, item["id"], item["affected"])
    return Answer(body={"job": job["name"]})


@routes.on("POST", "/practice/person/drill")
def foreign_drill(call: Call) -> Answer:
    """Somebody begins a drill of an item: {"item", "network"} (a name; drill-net if none is given)."""
    require_key(call)
    vault, item = item_named(call)
    name = str(call.body().get("network") or DRILL)
    vnet = call.store.get("vnet", f"{group_id(call.realm.facts)}{network.PROVIDER}/{name}")
    if vnet is None or "TestFailover" not in item_facts.operations(item):
        raise Refusal(409, "Conflict", f"A drill of '{item['friendly']}' in '{name}' cannot begin.")
    point = points.newest(call.store, call.now, item, "LatestProcessed")
    run = failover_runs.test_run(call.store, vault, item, vnet, point)
    job = ids.derived(item["id"], "somebody", str(call.now))
    failover_runs.child(call.store, call.now, vault, item, run, job, f"{job} ActivityId: {job}")
    return Answer(body={"job": job})


@routes.on("POST", "/practice/person/problem")
def problem(call: Call) -> Answer:
    """An item's replication has a problem: {"item", "code", "level", "message", "stalled": true}."""
    require_key(call)
    _, item = item_named(call)
    about = call.body()
    message = str(about.get("message") or "No crash-consistent recovery point is available.")
    found = {
        "id": ids.derived(item["id"], str(about.get("code")), str(call.now)),
        "at": call.now,
        "code": str(about.get("code") or "78169"),
        "level": str(about.get("level") or "Error"),
        "message": message,
        "possibleCauses": str(about.get("possibleCauses") or "Connectivity, bandwidth, time or antivirus."),
        "recommendedAction": str(about.get("recommendedAction") or "Check the machine and its connection."),
        "resolvable": bool(about.get("resolvable")),
    }
    stalled = {"stalled": call.now} if about.get("stalled") else {}
    item_states.keep(call.store, item | {"problems": [*(item.get("problems") or []), found]} | stalled)
    severity = "Critical" if found["level"] == "Error" else "Warning"
    events.note(
        call.store,
        item["vault"],
        call.now,
        message,
        "VmHealth",
        severity,
        item["friendly"],
        item["fabric"],
    )
    return Answer(body={"problem": found["id"]})
