"""Test failover and its cleanup: what is made, what is refused, what is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practice import drills, walk
from tests.practice.clients import Arm
from tests.practice.drills import Vault
from tests.practice_world import running_world, set_faults, start

DONE = "Completed"


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault with twelve items; each test uses items of its own."""
    with running_world(tmp_path_factory.mktemp("drills"), speed=1200, items=12) as world:
        yield Vault(Arm(world))


def test_a_drill_makes_a_machine_and_its_cleanup_takes_it_away(vault: Vault) -> None:
    item = vault.item("app-01")
    assert (item["protectionState"], item["testFailoverState"]) == ("Protected", "None")
    assert "TestFailover" in item["allowedOperations"]
    accepted = vault.drill("app-01")
    assert accepted.status == 202
    running = vault.item("app-01")
    assert running["allowedOperations"] == []
    assert running["currentScenario"]["scenarioName"] == "TestFailover"
    job = vault.done(accepted)
    assert drills.tasks(job) == [
        ("VmTfoPrerequisitesCheck", DONE),
        ("VmTfoInitiateFailover", DONE),
        ("VmTfoPrepareTestVm", DONE),
        ("VmTfoBootTestVm", DONE),
    ]
    assert job["customDetails"]["protectedItemDetails"][0]["testVmName"] == "app-01-test"
    assert (drills.state(job), job["allowedActions"]) == (drills.STANDS, ["Cancel", "Resume"])
    assert "endTime" not in job
    item = vault.item("app-01")
    assert item["protectionStateDescription"] == "Cleanup test failover pending"
    assert (item["testFailoverState"], item["allowedOperations"]) == (
        "WaitingForCompletion",
        ["TestFailoverCleanup"],
    )
    machine = vault.arm("GET", vault.machine("app-01-test")).body["properties"]
    nic = vault.arm("GET", machine["networkProfile"]["networkInterfaces"][0]["id"]).body["properties"]
    assert nic["ipConfigurations"][0]["properties"]["subnet"]["id"].lower() == (
        f"{vault.network('drill-net')}/subnets/Subnet-1".lower()
    )
    assert nic["ipConfigurations"][0]["properties"]["privateIPAddress"] == "10.42.1.11"
    assert vault.power(vault.machine("app-01-test")) == "PowerState/running"

    assert drills.code(vault.drill("app-01")) == (409, "ProtectedItemStateNotValidForOperation")
    cleaned = vault.done(vault.post("app-01", "testFailoverCleanup", {"comments": "orders page answered"}))
    assert (cleaned["state"], cleaned["customDetails"]["comments"]) == ("Succeeded", "orders page answered")
    over = vault.job(accepted)
    assert (drills.state(over), over["allowedActions"]) == (("Succeeded", DONE), [])
    assert over["endTime"] <= cleaned["endTime"]
    assert "app-01-test" not in vault.machines()
    assert vault.arm("GET", machine["storageProfile"]["osDisk"]["managedDisk"]["id"]).status == 404
    item = vault.item("app-01")
    assert (item["testFailoverState"], item["protectionStateDescription"]) == ("None", "Protected")
    assert item["lastSuccessfulTestFailoverTime"] > item["currentScenario"]["startTime"]


def test_what_a_drill_is_refused_for(vault: Vault) -> None:
    far = vault.drill("web-01", "contoso-eastus-net")
    assert drills.code(far) == (400, "AzureNetworkInDifferentLocation")
    assert drills.code(vault.drill("web-01", "no-such-net")) == (400, "AzureNetworkNotFound")
    assert drills.code(vault.drill("web-01", networkId="")) == (400, "TestFailoverNetworkMissing")
    gone = f"{vault.ids['web-01']}/recoveryPoints/00000000-0000-0000-0000-000000000000"
    assert drills.code(vault.drill("web-01", point=gone)) == (400, "RecoveryPointNotFound")
    wrong = vault.drill("web-01", providerSpecificDetails={"instanceType": "InMageRcm"})
    assert drills.code(wrong) == (400, "InvalidParameter")
    refused = vault.post("web-01", "testFailoverCleanup", {"comments": ""})
    assert drills.code(refused) == (409, "ProtectedItemStateNotValidForOperation")
    assert vault.post("web-01", "plannedFailover", {}).status == 409
    assert vault.item("web-01")["testFailoverState"] == "None"


def test_a_cleanup_that_reports_success_and_leaves_the_machine(vault: Vault) -> None:
    vault.done(vault.drill("app-02"))
    set_faults(vault.arm.world, [{"job": "TestFailoverCleanup", "item": "app-02", "leaves": "vm"}])
    job = vault.done(vault.post("app-02", "testFailoverCleanup", {"comments": "c"}))
    assert (job["state"], job["stateDescription"]) == ("Succeeded", "Completed")
    assert vault.item("app-02")["testFailoverState"] == "None"
    assert vault.machines()["app-02-test"] == "PowerState/running"
    again = vault.done(vault.drill("app-02"))
    assert (again["state"], drills.tasks(again)[1][1]) == ("Failed", "Failed")
    assert "replica IP addresses are invalid" in again["errors"][0]["serviceErrorDetails"]["message"]
    assert vault.arm.done(vault.arm("DELETE", vault.machine("app-02-test"))) == "Succeeded"
    assert "app-02-test" not in vault.machines()
    assert vault.item("app-02")["allowedOperations"] == [
        "UnplannedFailover",
        "DisableProtection",
        "TestFailover",
    ]


def test_a_drill_that_fails_at_its_boot_is_still_to_be_cleaned_up(vault: Vault) -> None:
    failure = {"taskId": "VmTfoBootTestVm", "code": "28031", "message": "Quota."}
    set_faults(vault.arm.world, [{"job": "TestFailover", "item": "db-01", "jobFails": failure}])
    job = vault.done(vault.drill("db-01"))
    assert (job["state"], job["errors"][0]["taskId"]) == ("Failed", "BootTestProtectedEntitiesTask")
    assert vault.item("db-01")["allowedOperations"] == ["TestFailoverCleanup"]
    assert vault.machines()["db-01-test"] == "PowerState/starting"
    vault.done(vault.post("db-01", "testFailoverCleanup", {"comments": ""}))
    assert "db-01-test" not in vault.machines()


def test_partial_and_foreign_jobs(vault: Vault) -> None:
    failure = {"taskId": "VmTfoPrepareTestVm", "message": "Half done."}
    set_faults(vault.arm.world, [{"job": "TestFailover", "item": "web-02", "partially": failure}])
    job = vault.done(vault.drill("web-02"))
    assert (job["state"], job["stateDescription"]) == ("Succeeded", "PartiallySucceeded")
    assert job["errors"][0]["serviceErrorDetails"]["message"] == "Half done."
    for when, status in (("before", 409), ("after", 202)):
        rule = {"id": when, "path": "testFailover$", "do": {"foreign": {"when": when, "seconds": 60}}}
        set_faults(vault.arm.world, [rule])
        assert vault.drill("web-03").status == status
        jobs = vault.arm("GET", f"{vault.arm.vault}/replicationJobs").body["value"]
        about = [j["properties"] for j in jobs if j["properties"]["targetObjectName"] == "web-03"]
        assert "UpdateVmProperties" in {j["scenarioName"] for j in about}
        if when == "before":
            waited = next(j for j in jobs if j["properties"]["targetObjectName"] == "web-03")
            walk.until(vault.arm, waited["id"], lambda j: "endTime" in j["properties"])


def test_the_answer_to_a_job_that_stands_is_its_clean_up(vault: Vault) -> None:
    drilled = vault.drill("app-03")
    name = (
        vault.arm.vault + "/replicationJobs/" + drilled.headers["location"].split("results/")[1].split("?")[0]
    )
    vault.done(drilled)
    assert vault.arm("POST", f"{name}/resume", {"properties": {"comments": "seen"}}).status == 202
    ended = walk.until(vault.arm, name, lambda j: "endTime" in j["properties"])["properties"]
    assert ended["state"] == "Succeeded"
    assert vault.item("app-03")["testFailoverState"] == "None"


def test_a_cancelled_drill_leaves_nothing_or_a_cleanup(vault: Vault) -> None:
    set_faults(vault.arm.world, [{"job": "TestFailover", "item": "vmware-01", "slow": 10}])
    accepted = vault.drill("vmware-01")
    name = accepted.headers["location"].split("/operationresults/")[1].split("?")[0]
    job = f"{vault.arm.vault}/replicationJobs/{name}"
    assert vault.arm("POST", f"{job}/cancel").status == 202
    walk.until(vault.arm, job, lambda j: j["properties"]["state"] == "Cancelled")
    assert vault.item("vmware-01")["testFailoverState"] == "None"
    assert "vmware-01-test" not in vault.machines()


def test_a_cleanup_removes_what_stands_around_a_machine_deleted_by_hand(vault: Vault) -> None:
    drilled = vault.machine("db-02-test")
    nic = vault.arm("GET", drilled).body["properties"]["networkProfile"]["networkInterfaces"][0]["id"]
    assert vault.arm.done(vault.arm("DELETE", drilled)) == "Succeeded"
    assert vault.arm("GET", nic).status == 200
    drill = vault.item("db-02")["currentScenario"]["jobId"]
    assert vault.arm("GET", drill).body["properties"]["scenarioName"] == "TestFailover"
    vault.done(vault.post("db-02", "testFailoverCleanup", {"comments": ""}))
    assert vault.arm("GET", nic).status == 404
    disks = vault.arm("GET", f"{vault.arm.group}/providers/Microsoft.Compute/disks").body["value"]
    assert not [one["name"] for one in disks if one["name"].startswith("db-02-test")]


def test_a_drill_outlives_the_servers(tmp_path: Path) -> None:
    with running_world(tmp_path, speed=60, items=3) as world:
        vault = Vault(Arm(world))
        accepted = vault.drill("app-01")
        os.kill(world["pid"], signal.SIGKILL)
        again = start(tmp_path, speed=3600)
        vault.arm.world.update(again)
        assert drills.state(vault.done(accepted)) == drills.STANDS
        assert vault.item("app-01")["allowedOperations"] == ["TestFailoverCleanup"]
        assert vault.machines()["app-01-test"] == "PowerState/running"
