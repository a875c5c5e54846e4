"""Recovery plans: groups of protected items with actions between them."""

from __future__ import annotations

from typing import Any

from services.practice import effects, ids, item_facts, job_plans, job_store, lro
from services.practice.clock import stamp
from services.practice.failover_rules import wrong
from services.practice.job_store import Outcome, Target
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Refusal, Router

PLANS = ids.VAULT + "/replicationRecoveryPlans"
ONE = PLANS + "/{plan}"
MOST_ITEMS, MOST_GROUPS = 100, 7
FIXED = ("Shutdown", "Failover")
ACTIONS = {
    "ManualActionDetails": (),
    "ScriptActionDetails": ("path", "fabricLocation"),
    "AutomationRunbookActionDetails": ("fabricLocation",),
}
LAST = {
    "lastTestFailoverTime": "TestFailover",
    "lastUnplannedFailoverTime": "UnplannedFailover",
    "lastPlannedFailoverTime": "PlannedFailover",
}
routes = Router()


def plan_id(vault: Document, name: str) -> str:
    """A plan's id."""
    return f"{ids.site_recovery(vault)}/replicationRecoveryPlans/{name}"


def members(plan: Document) -> list[str]:
    """The ids of a plan's items, in the order of their groups."""
    return [m["id"] for group in plan["groups"] for m in group["replicationProtectedItems"]]


def items_of(store: Store, plan: Document) -> list[Document]:
    """The plan's items that are still there."""
    found = (store.get("item", key) for key in members(plan))
    return [item for item in found if item is not None]


def providers(store: Store, plan: Document) -> list[str]:
    """The replication providers of the plan's items, each once."""
    return list(dict.fromkeys(item_facts.provider(item) for item in items_of(store, plan)))


def running(store: Store, plan: Document, now: float) -> Document | None:
    """The job that runs on the plan."""
    job = store.get("job", plan["job"]) if plan.get("job") else None
    return job if job is not None and now < job_store.worked(job) else None


def operations(store: Store, plan: Document, now: float) -> list[str]:
    """What may be done with the plan now: what all of its items allow, or what some of them still need."""
    if running(store, plan, now) is not None:
        return []
    allowed = [item_facts.operations(item) for item in items_of(store, plan)]
    if any("TestFailoverCleanup" in one for one in allowed):
        return ["TestFailoverCleanup"]
    pending = ("Commit", "FinalizeFailback", "ChangePit", "CancelFailover")
    needed = [n for n in pending if any(n in one for one in allowed)]
    wanted = ("PlannedFailover", "UnplannedFailover", "TestFailover", "Failback", "ReverseReplicate")
    return needed or [n for n in wanted if allowed and all(n in one for one in allowed)]


def view(store: Store, plan: Document, now: float) -> Document:
    """The plan as the service answers it."""
    properties: Document = {
        "friendlyName": plan["name"],
        "primaryFabricId": plan["fabric"],
        "primaryFabricFriendlyName": plan["friendly"],
        "recoveryFabricId": ids.AZURE_FABRIC,
        "recoveryFabricFriendlyName": ids.AZURE_FABRIC,
        "failoverDeploymentModel": "ResourceManager",
        "replicationProviders": providers(store, plan),
        "allowedOperations": operations(store, plan, now),
        "groups": plan["groups"],
        "providerSpecificDetails": [],
        **scenario(store, plan, now),
    }
    properties |= {name: stamp(plan["last"][kind]) for name, kind in LAST.items() if kind in plan["last"]}
    return {
        "id": plan["id"],
        "name": plan["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans",
        "properties": properties,
    }


def scenario(store: Store, plan: Document, now: float) -> Document:
    """What runs on the plan, or waits for its cleanup."""
    vault_id = plan["id"].split("/replicationRecoveryPlans")[0]
    job = store.get("job", plan["job"]) if plan.get("job") else None
    state, description = ("None", "None") if job is None else (job_store.state(job, now), "")
    over = job is None or now >= job_store.worked(job)
    if over and any(item.get("test") for item in items_of(store, plan)) and job is not None:
        state, description, over = "Suspended", "WaitingForStopTestFailover", False
    if over or job is None:
        none = {"scenarioName": "None", "jobId": f"{vault_id}/replicationJobs/None"}
        return {"currentScenario": {**none, "startTime": "1753-01-01T01:01:01Z"}}
    return {
        "currentScenario": {
            "scenarioName": job["scenario"],
            "jobId": f"{vault_id}/replicationJobs/{job['name']}",
            "startTime": stamp(job["start"]),
        },
        "currentScenarioStatus": state,
        "currentScenarioStatusDescription": description or state,
    }


@routes.on("GET", PLANS)
def list_plans(call: Call) -> Answer:
    """The plans of the vault."""
    found = call.store.all("plan", ids.vault_of(call)["id"])
    return Answer(body={"value": [view(call.store, plan, call.now) for plan in found]})


def plan_of(call: Call) -> tuple[Document, Document]:
    """The vault and the plan named in the path."""
    vault = ids.vault_of(call)
    plan = call.store.get("plan", plan_id(vault, call.path["plan"]))
    if plan is None:
        raise ids.absent(call, call.path["plan"])
    return vault, plan


@routes.on("GET", ONE)
def get(call: Call) -> Answer:
    """One plan."""
    return Answer(body=view(call.store, plan_of(call)[1], call.now))


@routes.on("PUT", ONE)
def put(call: Call) -> Answer:
    """Create a plan."""
    vault, given = ids.vault_of(call), call.properties()
    key = plan_id(vault, call.path["plan"])
    if call.store.get("plan", key) is not None:
        message = f"A recovery plan with the name '{call.path['plan']}' exists already."
        raise wrong(
            call, "RecoveryPlanAlreadyExists", message, "It was made before.", "Give another name.", 409
        )
    fabric = call.store.get("fabric", str(given.get("primaryFabricId") or ""))
    if fabric is None or str(given.get("recoveryFabricId", "")).lower() != ids.AZURE_FABRIC.lower():
        raise bad(call, "RecoveryPlanFabricNotValid", "The primary or the recovery fabric is not valid.")
    plan: Document = {
        "id": key,
        "name": call.path["plan"],
        "vault": vault["id"],
        "fabric": fabric["id"],
        "friendly": fabric["friendly"],
        "groups": checked(call, fabric["id"], given.get("groups") or []),
        "last": {},
        "job": "",
    }
    return run(call, vault, CREATE, plan, Outcome("plan-kept", "", {"plan": plan}))


@routes.on("PATCH", ONE)
def patch(call: Call) -> Answer:
    """Replace the groups of a plan."""
    vault, plan = plan_of(call)
    idle(call, vault, plan)
    groups = call.properties().get("groups")
    changed = plan if groups is None else plan | {"groups": checked(call, plan["fabric"], groups)}
    return run(call, vault, UPDATE, plan, Outcome("plan-kept", "", {"plan": changed}))


@routes.on("DELETE", ONE)
def delete(call: Call) -> Answer:
    """Delete a plan; 204 if there is none."""
    vault = ids.vault_of(call)
    plan = call.store.get("plan", plan_id(vault, call.path["plan"]))
    if plan is None:
        return Answer(204)
    idle(call, vault, plan)
    return run(call, vault, DELETE, plan, Outcome("plan-deleted", "", {"plan": plan["id"]}))


CREATE = job_plans.single("CreateRecoveryPlan", "Create recovery plan", "CreateRecoveryPlanTask", 30)
UPDATE = job_plans.single("UpdateRecoveryPlan", "Save a recovery plan", "UpdateRecoveryPlanTask", 30)
DELETE = job_plans.single("DeleteRecoveryPlan", "Delete recovery plan", "DeleteRecoveryPlanTask", 30)


def target(plan: Document) -> Target:
    """The plan as a job's target."""
    return Target(ids.derived(plan["id"]), plan["name"], "RecoveryPlan")


def run(call: Call, vault: Document, job_plan: job_plans.Plan, plan: Document, outcome: Outcome) -> Answer:
    """Start a job about the plan's document."""
    return lro.accepted(
        call, vault, job_store.for_call(call, vault, job_plan, target(plan), outcome, plan["id"])
    )


def idle(call: Call, vault: Document, plan: Document) -> None:
    """Refuse while a job runs on the plan."""
    for job in call.store.all("job", vault["id"]):
        if job["resource"].lower() == plan["id"].lower() and call.now < job_store.worked(job):
            raise wrong(
                call,
                "OperationInProgress",
                f"Another operation is in progress on the recovery plan '{plan['name']}'.",
                f"The job '{job['friendly']}' ({job['name']}) is running.",
                "Wait until it has ended, then try again.",
                409,
            )


def bad(call: Call, code: str, message: str) -> Refusal:
    """A plan that cannot be."""
    return wrong(call, code, message, "The recovery plan is not valid.", "Correct it and try again.")


def checked(call: Call, fabric: str, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups as they are kept: the service adds the groups for shutdown and failover before the others."""
    boot = [g for g in given if g.get("groupType") == "Boot"]
    fixed = {g.get("groupType"): g for g in given if g.get("groupType") in FIXED}
    if len(boot) + sum(1 for g in given if g.get("groupType") in FIXED) != len(given):
        raise bad(call, "RecoveryPlanGroupNotValid", "A group is none of Shutdown, Failover and Boot.")
    if not 1 <= len(boot) <= MOST_GROUPS:
        raise bad(call, "RecoveryPlanGroupsNotValid", f"A recovery plan has 1 to {MOST_GROUPS} boot groups.")
    ordered = [fixed.get(kind) or {"groupType": kind} for kind in FIXED] + boot
    seen: set[str] = set()
    groups = [
        {
            "groupType": group["groupType"],
            "replicationProtectedItems": [
                item(call, fabric, m, seen) for m in group.get("replicationProtectedItems") or []
            ],
            "startGroupActions": [action(call, a) for a in group.get("startGroupActions") or []],
            "endGroupActions": [action(call, a) for a in group.get("endGroupActions") or []],
        }
        for group in ordered
    ]
    if len(seen) > MOST_ITEMS:
        message = f"The recovery plan has {len(seen)} machines; it can have {MOST_ITEMS} at most."
        raise bad(call, "RecoveryPlanTooManyItems", message)
    return groups


def item(call: Call, fabric: str, member: dict[str, Any], seen: set[str]) -> dict[str, str]:
    """A member: a protected item of the vault, once, and of the plan's own source: "A recovery plan can contain
    machines with the same source and target" (Microsoft, Create and customize recovery plans).
    """
    found = call.store.get("item", str(member.get("id") or ""))
    if found is None:
        raise bad(call, "RecoveryPlanItemNotFound", f"The protected item '{member.get('id')}' was not found.")
    if found["id"] in seen:
        raise bad(call, "RecoveryPlanItemTwice", f"The machine '{found['friendly']}' stands in it twice.")
    if not found["id"].lower().startswith(f"{fabric.lower()}/"):
        message = (
            f"The machine '{found['friendly']}' does not replicate from the source of the recovery plan."
        )
        raise bad(call, "RecoveryPlanFabricNotValid", message)
    seen.add(found["id"])
    return {"id": found["id"], "virtualMachineId": found["protectable"].rsplit("/", 1)[1]}


def action(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """An action: a manual one, a script or a runbook."""
    details = given.get("customDetails") or {}
    needed = ACTIONS.get(str(details.get("instanceType")))
    if needed is None or not given.get("actionName") or any(not details.get(n) for n in needed):
        name = given.get("actionName") or ""
        raise bad(call, "RecoveryPlanActionNotValid", f"The action '{name}' is not valid or not complete.")
    kept = {n: given.get(n) or [] for n in ("failoverTypes", "failoverDirections")}
    return {"actionName": given["actionName"], **kept, "customDetails": details}


@effects.effect("plan-kept")
def plan_kept(store: Store, _: float, payload: dict[str, Any]) -> None:
    """The plan exists, or was changed."""
    store.put("plan", payload["plan"]["id"], payload["plan"], parent=payload["plan"]["vault"])


@effects.effect("plan-deleted")
def plan_deleted(store: Store, _: float, payload: dict[str, Any]) -> None:
    """The plan is gone; its items stay."""
    store.delete("plan", payload["plan"])
