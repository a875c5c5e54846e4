"""Recovery plans that run: groups one after another, their machines side by side, actions before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.practice import failover_plans as plans
from services.practice import failover_rules as rules
from services.practice import failover_runs as runs
from services.practice import ids, item_facts, items, job_store, lro, timeline
from services.practice import recovery_plans as documents
from services.practice.job_plans import Plan, Task
from services.practice.job_store import Outcome
from services.practice.recovery_plans import ONE
from services.practice.store import Document
from services.practice.web import Answer, Call, Router

ACTION_SECONDS = {
    "ScriptActionDetails": 60.0,
    "AutomationRunbookActionDetails": 90.0,
    "ManualActionDetails": 0.0,
}
KINDS = ("Latest", "LatestProcessed", "LatestApplicationConsistent", "LatestCrashConsistent")
# verb -> the operation that items must allow, the plan of their jobs
VERBS = {
    "TestFailover": ("TestFailover", plans.TEST_FAILOVER),
    "TestFailoverCleanup": ("TestFailoverCleanup", plans.TEST_CLEANUP),
    "UnplannedFailover": ("UnplannedFailover", plans.FAILOVER),
    "PlannedFailover": ("PlannedFailover", plans.PLANNED),
    "Failback": ("Failback", plans.FAILBACK),
    "CommitFailover": ("Commit", plans.COMMIT),
    "CancelFailover": ("CancelFailover", plans.CANCEL),
    "Reprotect": ("ReverseReplicate", plans.REPROTECT),
}
routes = Router()


def chosen(call: Call, plan: Document, verb: str) -> list[Document]:
    """The items that the verb works on; refused if one is missing, busy or in another state."""
    operation = VERBS[verb][0]
    found = []
    for key in documents.members(plan):
        item = call.store.get("item", key)
        if item is None:
            raise documents.bad(
                call,
                "RecoveryPlanItemNotFound",
                f"The recovery plan '{plan['name']}' cannot run: the protected item "
                f"'{key.rsplit('/', 1)[1]}' is not protected any more.",
            )
        found.append(item)
    partial = verb not in ("TestFailover", "UnplannedFailover", "PlannedFailover")
    wanted = [i for i in found if not partial or item_facts.allows(i, operation)]
    if not wanted:
        message = f"The recovery plan '{plan['name']}' has no machine in a state for it."
        raise rules.wrong(
            call,
            "RecoveryPlanStateNotValidForOperation",
            message,
            f"No machine of the plan allows the operation '{rules.SAID[operation]}'.",
            "Read the plan's allowed operations.",
            409,
        )
    for item in wanted:
        rules.require(call, item, operation)
    return wanted


def kind_of(call: Call) -> str:
    """The kind of recovery point that the request asks for."""
    for given in call.properties().get("providerSpecificDetails") or []:
        if given.get("instanceType") in (item_facts.V2, item_facts.HYPER_V):
            kind = str(given.get("recoveryPointType") or "Latest")
            if kind not in KINDS:
                raise documents.bad(
                    call, "InvalidParameter", f"The recovery point type '{kind}' is not valid."
                )
            return kind
    return "Latest"


def steps(
    plan: Document, verb: str, wanted: list[Document], about: dict[str, Any]
) -> tuple[list[Task], list[dict[str, Any]]]:
    """The tasks of a plan's job, and the groups that they stand in."""
    short = verb.replace("Failover", "Fo")
    tasks = [
        Task(
            f"RecoveryPlan{verb}PreflightChecksTask",
            f"Rp{short}PrerequisitesCheck",
            "Prerequisites check for the recovery plan",
            30,
            {"stage": 0},
        )
    ]
    shown: list[dict[str, Any]] = []
    by_id = {item["id"]: item for item in wanted}
    stage, boot = 1, 0
    for task in plans.SYNCHRONIZED_FIRST if about.get("first") else ():
        tasks.append(replace(task, extra={**(task.extra or {}), "stage": stage}))
        stage += 1
    for group in plan["groups"]:
        boot += group["groupType"] == "Boot"
        inside = [by_id[m["id"]] for m in group["replicationProtectedItems"] if m["id"] in by_id]
        start, end = (acting(group, name, verb) for name in ("startGroupActions", "endGroupActions"))
        if not inside and not start and not end:
            continue
        number, name = len(shown), f"Group {boot}" if boot else f"All groups {group['groupType'].lower()}"
        shown.append(heading(plan, group["groupType"], name))
        for action in start:
            tasks.append(action_task(action, stage, number))
            stage += 1
        tasks += [member_task(item, verb, stage, number, about) for item in inside]
        stage += bool(inside)
        for action in end:
            tasks.append(action_task(action, stage, number))
            stage += 1
    return tasks, shown


def heading(plan: Document, kind: str, name: str) -> dict[str, Any]:
    """A group as the job's tree names it."""
    shutdown = kind == "Shutdown"
    return {
        "task": "RecoveryPlanShutdownGroupTask" if shutdown else "RecoveryPlanGroupTask",
        "name": name,
        "groupId": ids.derived(plan["id"], name),
        "rpGroupType": kind,
        "instanceType": "RecoveryPlanShutdownGroupTaskDetails"
        if shutdown
        else "RecoveryPlanGroupTaskDetails",
    }


def acting(group: dict[str, Any], name: str, verb: str) -> list[dict[str, Any]]:
    """The actions of a group that this verb runs."""
    return [a for a in group[name] if verb in a["failoverTypes"]]


def action_task(action: dict[str, Any], stage: int, group: int) -> Task:
    """An action as a task; a manual one waits for a person."""
    details, name = action["customDetails"], action["actionName"]
    kind = details["instanceType"]
    primary = details.get("fabricLocation") == "Primary"
    shown: dict[str, Any] = {"instanceType": kind.replace("ActionDetails", "ActionTaskDetails"), "name": name}
    if kind == "ManualActionDetails":
        shown |= {"instructions": details.get("description") or "", "observation": ""}
    elif kind == "ScriptActionDetails":
        shown |= {"path": details["path"], "output": "", "isPrimarySideScript": primary}
    else:
        shown["instanceType"] = "AutomationRunbookTaskDetails"
        shown |= {"runbookId": details.get("runbookId") or "", "isPrimarySideScript": primary}
    extra = {"stage": stage, "group": group, "details": shown, "wait": kind == "ManualActionDetails"}
    label = kind.replace("Details", "")
    return Task(f"{label}Task-{ids.derived(name, str(stage))[:8]}", label, name, ACTION_SECONDS[kind], extra)


def member_task(item: Document, verb: str, stage: int, group: int, about: dict[str, Any]) -> Task:
    """A machine of a group as a task, with the job that will run for it."""
    name = ids.derived(about["job"], item["id"])
    plan = VERBS[verb][1]
    entity = {
        "jobId": name,
        "jobFriendlyName": plan.friendly,
        "targetObjectId": item["protectable"].rsplit("/", 1)[1],
        "targetObjectName": item["friendly"],
        "targetInstanceType": "ProtectionEntity",
        "jobScenarioName": plan.scenario,
    }
    payload = {
        **about,
        "item": item["id"],
        "child": name,
        "verb": verb,
        "shutdown": about["off"].get(item["id"]),
    }
    payload.pop("off")
    extra = {
        "stage": stage,
        "group": group,
        "details": {"instanceType": "JobTaskDetails", "jobTask": entity},
        "first": ["plan-item", payload],
    }
    seconds = sum(task.seconds for task in plan.tasks)
    return Task(f"{verb}-{name[:8]}", f"RecoveryPlan{verb}Task", item["friendly"], seconds, extra)


def begin(call: Call, verb: str, **more: Any) -> Answer:
    """Start a verb on a plan."""
    vault, plan = documents.plan_of(call)
    documents.idle(call, vault, plan)
    wanted = chosen(call, plan, verb)
    for item in wanted:
        items.idle(call, vault, item)
    name = ids.derived(plan["id"], verb, str(call.now), call.correlation)
    shutdown = more.pop("shutdown", False)
    off = {i["id"]: runs.shutdown_of(call.realm.world, i, shutdown) for i in wanted}
    about = {"job": name, "vault": vault["id"], "correlation": call.correlation, "off": off, **more}
    tasks, groups = steps(plan, verb, wanted, about)
    base = VERBS[verb][1]
    job = job_store.for_call(
        call,
        vault,
        Plan(verb, base.friendly, tuple(tasks), cancellable=True),
        documents.target(plan),
        Outcome("plan-ran", "plan-ran", {"plan": plan["id"], "verb": verb}),
        plan["id"],
        more={
            "name": name,
            "groups": groups,
            "items": [item["id"].lower() for item in wanted],
            "custom": custom(call, verb, wanted, more),
        },
    )
    call.store.put("plan", plan["id"], plan | {"job": job_store.job_key(job)})
    return lro.accepted(call, vault, job)


def custom(call: Call, verb: str, wanted: list[Document], more: dict[str, Any]) -> dict[str, Any]:
    """The custom details of a plan's job."""
    vnet = call.store.get("vnet", str(more.get("network") or "")) or {}
    suffix = "-test" if verb.startswith("Test") else ""
    shown = [runs.details(i, vnet or None, i["vmName"] + suffix, ("", call.now), i["subnet"]) for i in wanted]
    if verb in item_facts.LEAVING:
        return {"instanceType": "FailoverJobDetails", "protectedItemDetails": shown}
    if not verb.startswith("Test"):
        return {}
    return {
        "instanceType": "TestFailoverJobDetails",
        "testFailoverStatus": "Active" if verb == "TestFailover" else "Completed",
        "comments": str(more.get("comments") or ""),
        "networkName": vnet.get("name", ""),
        "networkFriendlyName": vnet.get("name", ""),
        "networkType": "VmNetworkAsInput",
        "protectedItemDetails": shown,
    }


@routes.on("POST", ONE + "/testFailover")
def test_failover(call: Call) -> Answer:
    """A drill of the whole plan."""
    vault, _ = documents.plan_of(call)
    rules.direction(call, call.properties(), "PrimaryToRecovery")
    vnet = rules.network(call, vault, call.properties())
    return begin(call, "TestFailover", network=vnet["id"], kind=kind_of(call))


@routes.on("POST", ONE + "/testFailoverCleanup")
def test_cleanup(call: Call) -> Answer:
    """The end of the plan's drill."""
    return begin(call, "TestFailoverCleanup", comments=str(call.properties().get("comments") or ""))


@routes.on("POST", ONE + "/unplannedFailover")
def unplanned_failover(call: Call) -> Answer:
    """The failover of the whole plan."""
    given = call.properties()
    rules.direction(call, given, "PrimaryToRecovery")
    shutdown = str(given.get("sourceSiteOperations") or "").lower() == "required"
    return begin(call, "UnplannedFailover", kind=kind_of(call), shutdown=shutdown)


@routes.on("POST", ONE + "/failoverCommit")
def commit(call: Call) -> Answer:
    """The commit of every machine that waits for it."""
    return begin(call, "CommitFailover")


@routes.on("POST", ONE + "/failoverCancel")
def cancel(call: Call) -> Answer:
    """Cancel the failover of every machine that is not committed."""
    return begin(call, "CancelFailover")


@routes.on("POST", ONE + "/reProtect")
def reprotect(call: Call) -> Answer:
    """Replicate the plan's machines the other way, those that have it."""
    return begin(call, "Reprotect")


def cancel_children(call: Call, job: Document) -> None:
    """Cancel the running jobs of a plan's machines with the plan's own."""
    for task in job["tasks"]:
        entity = (timeline.extra(task).get("details") or {}).get("jobTask")
        child = call.store.get("job", f"{job['vault']}/replicationJobs/{entity['jobId']}") if entity else None
        if child is not None and child["cancelled"] is None and call.now < job_store.worked(child):
            job_store.cancel(call.store, child, call.now)
