"""Recovery plans: kept as they were written, refused where they cannot be, run group by group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.practice import drills, walk
from tests.practice.clients import Arm
from tests.practice.drills import Vault
from tests.practice_world import running_world, set_faults

BOTH = {
    "failoverTypes": ["TestFailover", "UnplannedFailover"],
    "failoverDirections": ["PrimaryToRecovery"],
}
MANUAL = {
    "actionName": "Check the database",
    **BOTH,
    "customDetails": {"instanceType": "ManualActionDetails", "description": "Look at the log."},
}
SCRIPT = {
    "actionName": "Switch DNS",
    **BOTH,
    "customDetails": {"instanceType": "ScriptActionDetails", "path": "dns.ps1", "fabricLocation": "Recovery"},
}


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault with many items; each test uses items of its own."""
    with running_world(tmp_path_factory.mktemp("plans"), speed=1200, items=130) as world:
        yield Vault(Arm(world))


def group(vault: Vault, *names: str, **actions: Any) -> dict[str, Any]:
    """A boot group of items."""
    return {
        "groupType": "Boot",
        "replicationProtectedItems": [{"id": vault.ids[name]} for name in names],
        "startGroupActions": [],
        "endGroupActions": [],
        **actions,
    }


def body(vault: Vault, *groups: dict[str, Any]) -> dict[str, Any]:
    """A plan's creation."""
    fabric = vault.arm("GET", f"{vault.arm.vault}/replicationFabrics").body["value"][0]["id"]
    return {
        "properties": {
            "primaryFabricId": fabric,
            "recoveryFabricId": "Microsoft Azure",
            "failoverDeploymentModel": "ResourceManager",
            "groups": list(groups),
        }
    }


def made(vault: Vault, name: str, *groups: dict[str, Any]) -> str:
    """Create a plan; its id."""
    plan = f"{vault.arm.vault}/replicationRecoveryPlans/{name}"
    assert vault.arm.done(vault.arm("PUT", plan, body(vault, *groups))) == "Succeeded"
    return plan


def drill(vault: Vault, plan: str) -> Any:
    """Ask for a plan's test failover."""
    about = {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": vault.network("drill-net"),
        "providerSpecificDetails": [
            {"instanceType": "InMageAzureV2", "recoveryPointType": "LatestProcessed"}
        ],
    }
    return vault.arm("POST", f"{plan}/testFailover", {"properties": about})


def job_id(vault: Vault, accepted: Any) -> str:
    """The id of the job of an accepted operation."""
    name = accepted.headers["location"].split("/operationresults/")[1].split("?")[0]
    return f"{vault.arm.vault}/replicationJobs/{name}"


def test_a_plan_is_kept_changed_and_deleted(vault: Vault) -> None:
    plan = made(vault, "kept", group(vault, "web-03", startGroupActions=[MANUAL], endGroupActions=[SCRIPT]))
    properties = vault.arm("GET", plan).body["properties"]
    assert [g["groupType"] for g in properties["groups"]] == ["Shutdown", "Failover", "Boot"]
    assert properties["groups"][2]["startGroupActions"] == [MANUAL]
    assert properties["groups"][2]["endGroupActions"] == [SCRIPT]
    assert properties["allowedOperations"] == ["UnplannedFailover", "TestFailover"]
    groups = [*properties["groups"], group(vault, "web-02")]
    assert vault.arm.done(vault.arm("PATCH", plan, {"properties": {"groups": groups}})) == "Succeeded"
    assert len(vault.arm("GET", plan).body["properties"]["groups"]) == 4
    assert drills.code(vault.arm("PUT", plan, body(vault, group(vault, "web-02"))))[0] == 409
    assert vault.arm.done(vault.arm("DELETE", plan)) == "Succeeded"
    assert vault.arm("GET", plan).status == 404
    assert vault.arm("DELETE", plan).status == 204


def test_plans_that_cannot_be(vault: Vault) -> None:
    plan = f"{vault.arm.vault}/replicationRecoveryPlans/never"
    listed: list[str] = []
    url = f"{vault.arm.vault}/replicationProtectedItems"
    while url:
        page = vault.arm("GET", url).body
        listed += [one["id"] for one in page["value"]]
        url = page.get("nextLink", "")
    crowd = group(vault) | {"replicationProtectedItems": [{"id": one} for one in listed[:101]]}
    lame = {**SCRIPT, "customDetails": {"instanceType": "ScriptActionDetails", "path": "x"}}
    cases = (
        (body(vault, crowd), "RecoveryPlanTooManyItems"),
        (body(vault, *[group(vault)] * 8), "RecoveryPlanGroupsNotValid"),
        (body(vault, group(vault, "web-03"), group(vault, "web-03")), "RecoveryPlanItemTwice"),
        (body(vault, group(vault, endGroupActions=[lame])), "RecoveryPlanActionNotValid"),
        (
            body(vault, group(vault) | {"replicationProtectedItems": [{"id": "/gone"}]}),
            "RecoveryPlanItemNotFound",
        ),
    )
    for given, code in cases:
        assert drills.code(vault.arm("PUT", plan, given)) == (400, code)
    assert vault.arm("GET", plan).status == 404


def test_a_plan_of_three_groups_waits_for_a_person(vault: Vault) -> None:
    plan = made(
        vault,
        "shop",
        group(vault, "db-01"),
        group(vault, "app-01", "app-02", startGroupActions=[MANUAL], endGroupActions=[SCRIPT]),
        group(vault, "web-01"),
    )
    accepted = drill(vault, plan)
    assert accepted.status == 202
    assert drills.code(drill(vault, plan)) == (409, "OperationInProgress")
    job = job_id(vault, accepted)
    waiting = walk.until(vault.arm, job, lambda j: j["properties"]["state"] == "Suspended")["properties"]
    assert waiting["allowedActions"] == ["Cancel", "Resume"]
    first, second = waiting["tasks"][1:3]
    assert first["groupTaskCustomDetails"]["instanceType"] == "RecoveryPlanGroupTaskDetails"
    assert (first["stateDescription"], second["state"]) == ("Completed", "Suspended")
    action = second["groupTaskCustomDetails"]["childTasks"][0]
    assert action["customDetails"]["instructions"] == "Look at the log."
    assert vault.machines()["db-01-test"] == "PowerState/running"
    assert "app-01-test" not in vault.machines()
    resumed = vault.arm("POST", f"{job}/resume", {"properties": {"comments": "seen; head 1234"}})
    assert resumed.status == 202
    assert vault.arm.done(accepted) == "Succeeded"
    done = vault.arm("GET", job).body["properties"]
    assert [t["stateDescription"] for t in done["tasks"]] == ["Completed"] * 4
    children = done["tasks"][2]["groupTaskCustomDetails"]["childTasks"]
    assert children[0]["customDetails"]["observation"] == "seen; head 1234"
    linked = children[1]["customDetails"]["jobTask"]
    assert (linked["targetObjectName"], linked["jobScenarioName"]) == ("app-01", "TestFailover")
    assert drills.state(vault.arm("GET", linked["jobId"]).body["properties"]) == drills.STANDS
    assert (drills.state(done), "endTime" in done) == (drills.STANDS, False)
    assert {"app-01-test", "app-02-test", "db-01-test", "web-01-test"} <= set(vault.machines())
    shown = vault.arm("GET", plan).body["properties"]
    assert shown["allowedOperations"] == ["TestFailoverCleanup"]
    assert shown["currentScenarioStatusDescription"] == "WaitingForStopTestFailover"
    cleaned = vault.arm("POST", f"{plan}/testFailoverCleanup", {"properties": {"comments": "fine"}})
    assert vault.done(cleaned)["customDetails"]["comments"] == "fine"
    assert not {"app-01-test", "app-02-test", "db-01-test", "web-01-test"} & set(vault.machines())
    for one in (job, linked["jobId"]):
        ended = vault.arm("GET", one).body["properties"]
        assert (drills.state(ended), ended["allowedActions"]) == (("Succeeded", "Completed"), [])
        assert "endTime" in ended
    assert vault.arm("POST", f"{job}/resume", {"properties": {"comments": ""}}).status == 409
    assert "lastTestFailoverTime" in vault.arm("GET", plan).body["properties"]
    fail_over(vault, plan)


def fail_over(vault: Vault, plan: str) -> None:
    """The plan's failover: one machine fails, the others go on; then the commit."""
    failure = {"taskId": "FailoverTask", "code": "28031", "message": "Quota."}
    set_faults(vault.arm.world, [{"job": "UnplannedFailover", "item": "app-02", "jobFails": failure}])
    about = {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": "NotRequired",
        "providerSpecificDetails": [],
    }
    accepted = vault.arm("POST", f"{plan}/unplannedFailover", {"properties": about})
    job = job_id(vault, accepted)
    walk.until(vault.arm, job, lambda j: j["properties"]["state"] == "Suspended")
    vault.arm("POST", f"{job}/resume", {"properties": {"comments": "go"}})
    done = vault.done(accepted)
    assert (done["state"], done["stateDescription"]) == ("Succeeded", "PartiallySucceeded")
    assert vault.item("app-02")["protectionState"] == "UnplannedFailoverFailed"
    assert vault.item("web-01")["allowedOperations"][1] == "Commit"
    planned = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": []}
    assert vault.arm("POST", f"{plan}/plannedFailover", {"properties": planned}).status == 409
    assert vault.done(vault.arm("POST", f"{plan}/failoverCommit"))["state"] == "Succeeded"
    assert vault.item("web-01")["protectionState"] == "UnplannedFailoverCommitted"
    assert vault.item("app-02")["protectionState"] == "UnplannedFailoverFailed"


def test_a_plan_that_is_cancelled_while_it_waits(vault: Vault) -> None:
    plan = made(vault, "stopped", group(vault, "vm-00014", startGroupActions=[MANUAL]))
    accepted = drill(vault, plan)
    job = job_id(vault, accepted)
    walk.until(vault.arm, job, lambda j: j["properties"]["state"] == "Suspended")
    assert drills.code(vault.drill("vm-00014")) == (409, "OperationInProgress")
    assert vault.arm("POST", f"{job}/cancel").status == 202
    walk.until(vault.arm, job, lambda j: j["properties"]["state"] == "Cancelled")
    assert vault.item("vm-00014")["testFailoverState"] == "None"


def test_a_plan_with_a_machine_that_is_gone(vault: Vault) -> None:
    plan = made(vault, "short", group(vault, "vm-00015", "vm-00016"))
    assert vault.arm.done(vault.post("vm-00015", "remove", {})) == "Succeeded"
    assert drills.code(drill(vault, plan)) == (400, "RecoveryPlanItemNotFound")


def test_a_rule_without_a_name_means_the_machines_of_a_plan(vault: Vault) -> None:
    plan = made(vault, "leaky", group(vault, "vm-00017", "vm-00018"))
    assert drills.state(vault.done(drill(vault, plan))) == drills.STANDS
    set_faults(vault.arm.world, [{"job": "TestFailoverCleanup", "leaves": "vm"}])
    cleaned = vault.arm("POST", f"{plan}/testFailoverCleanup", {"properties": {"comments": ""}})
    assert vault.done(cleaned)["stateDescription"] == "Completed"
    assert len({"vm-00017-test", "vm-00018-test"} & set(vault.machines())) == 1
    assert vault.arm("GET", plan).body["properties"]["allowedOperations"] == [
        "UnplannedFailover",
        "TestFailover",
    ]


def test_a_plan_of_which_a_machine_was_cleaned_up_alone_stands_until_the_last(vault: Vault) -> None:
    plan = made(vault, "by-and-by", group(vault, "vm-00019", "vm-00020"))
    accepted = drill(vault, plan)
    vault.done(accepted)
    vault.done(vault.post("vm-00019", "testFailoverCleanup", {"comments": ""}))
    assert drills.state(vault.job(accepted)) == drills.STANDS
    vault.done(vault.drill("vm-00019"))
    vault.done(vault.post("vm-00020", "testFailoverCleanup", {"comments": ""}))
    assert vault.job(accepted)["state"] == "Succeeded"
    assert vault.item("vm-00019")["allowedOperations"] == ["TestFailoverCleanup"]
