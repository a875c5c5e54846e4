"""Machines of a Hyper-V site: planned failover to Azure and back, reprotection, and what is refused on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.practice import drills, walk
from tests.practice.clients import Arm, Reply
from tests.practice.drills import Vault
from tests.practice_world import running_world, set_faults

NOT_NOW = (409, "ProtectedItemStateNotValidForOperation")
BAD = (400, "InvalidParameter")
HYPER_V = {"instanceType": "HyperVReplicaAzure"}


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault with one item of a configuration server and four of a Hyper-V site."""
    with running_world(tmp_path_factory.mktemp("hyperv"), speed=1200, items=1, hyperv=4) as world:
        yield Vault(Arm(world))


def over(vault: Vault, name: str, **more: Any) -> Reply:
    """Ask for a planned failover to Azure."""
    about = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": HYPER_V}
    return vault.post(name, "plannedFailover", {**about, **more})


def back(vault: Vault, name: str, option: str = "ForSynchronization", **more: str) -> Reply:
    """Ask for a planned failover back home."""
    details = {"instanceType": "HyperVReplicaAzureFailback", "dataSyncOption": option}
    details |= {"recoveryVmCreationOption": "NoAction", **more}
    about = {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": details}
    return vault.post(name, "plannedFailover", about)


def again(vault: Vault, name: str, direction: str = "PrimaryToRecovery", **more: str) -> Reply:
    """Ask for reprotection."""
    about = {"failoverDirection": direction, "providerSpecificDetails": {**HYPER_V, **more}}
    return vault.post(name, "reProtect", about)


def stands(vault: Vault, name: str) -> tuple[str, str, list[str]]:
    """State, active side and operations of an item."""
    item = vault.item(name)
    return item["protectionState"], item["activeLocation"], item["allowedOperations"]


def protectable(vault: Vault, name: str) -> dict[str, Any]:
    """What Hyper-V says of a machine."""
    return dict(vault.arm("GET", vault.item(name)["protectableItemId"]).body["properties"]["customDetails"])


def test_the_site_stands_beside_the_configuration_server(vault: Vault) -> None:
    fabrics = vault.arm("GET", f"{vault.arm.vault}/replicationFabrics").body["value"]
    kinds = {one["properties"]["customDetails"]["instanceType"] for one in fabrics}
    assert kinds == {"VMware", "HyperVSite"}
    assert set(vault.ids) == {"app-01", "hv-01", "hv-02", "hv-03", "hv-04"}
    details = vault.item("hv-02")["providerSpecificDetails"]
    assert (details["instanceType"], details["oSDetails"]["osType"]) == ("HyperVReplicaAzure", "Linux")
    listed = vault.arm("GET", f"{vault.ids['hv-01']}/recoveryPoints").body["value"]
    assert {one["properties"]["recoveryPointType"] for one in listed} == {
        "CrashConsistent",
        "ApplicationConsistent",
    }


def test_there_and_back_and_protected_again(vault: Vault) -> None:
    assert stands(vault, "hv-01") == (
        "Protected",
        "Primary",
        ["PlannedFailover", "UnplannedFailover", "DisableProtection", "TestFailover"],
    )
    assert drills.code(back(vault, "hv-01")) == (400, "InvalidFailoverDirection")
    assert drills.code(over(vault, "hv-01", providerSpecificDetails={"instanceType": "InMageAzureV2"})) == BAD
    job = vault.done(over(vault, "hv-01"))
    assert (job["scenarioName"], job["state"]) == ("PlannedFailover", "Succeeded")
    assert stands(vault, "hv-01") == (
        "PlannedFailoverCommitRequired",
        "Recovery",
        ["CompleteMigration", "Commit", "DisableProtection", "ChangePit"],
    )
    assert vault.machines()["hv-01"] == "PowerState/running"
    for refused in (over(vault, "hv-01"), back(vault, "hv-01"), again(vault, "hv-01")):
        assert drills.code(refused) == NOT_NOW
    assert vault.done(vault.post("hv-01", "failoverCommit"))["scenarioName"] == "CommitFailover"
    assert stands(vault, "hv-01") == (
        "PlannedFailoverStatesBegin",
        "Recovery",
        ["CompleteMigration", "DisableProtection", "Failback"],
    )
    assert drills.code(over(vault, "hv-01")) == (400, "InvalidFailoverDirection")
    for option in ("Fast", "forsynchronization"):
        assert drills.code(back(vault, "hv-01", option)) == BAD
    other = {"recoveryVmCreationOption": "CreateVmIfNotFound"}
    assert drills.code(back(vault, "hv-01", **other)) == BAD
    assert vault.done(back(vault, "hv-01"))["scenarioName"] == "Failback"
    assert vault.machines()["hv-01"] == "PowerState/deallocated"
    assert stands(vault, "hv-01")[1:] == ("Primary", ["FinalizeFailback", "DisableProtection"])
    assert drills.code(again(vault, "hv-01")) == NOT_NOW
    assert vault.done(vault.post("hv-01", "failoverCommit"))["scenarioName"] == "FinalizeFailback"
    assert stands(vault, "hv-01") == (
        "RestoreFinalized",
        "Primary",
        ["ReverseReplicate", "DisableProtection"],
    )
    assert "hv-01" not in vault.machines()
    assert drills.code(again(vault, "hv-01", "RecoveryToPrimary")) == (400, "InvalidFailoverDirection")
    assert drills.code(again(vault, "hv-01", vHDId="another")) == BAD
    own = protectable(vault, "hv-01")
    named = {"hvHostVmId": own["sourceItemId"], "vHDId": own["diskDetails"][0]["vhdId"]}
    assert vault.done(again(vault, "hv-01", **named))["scenarioName"] == "ReprotectReplicationGroup"
    assert stands(vault, "hv-01")[0] == "Protected"
    assert "PlannedFailover" in stands(vault, "hv-01")[2]


def test_data_synchronized_first_waits_for_a_person(vault: Vault) -> None:
    vault.done(over(vault, "hv-02"))
    vault.done(vault.post("hv-02", "failoverCommit"))
    accepted = back(vault, "hv-02", "ForDownTime")
    name = accepted.headers["location"].split("/operationresults/")[1].split("?")[0]
    job = f"{vault.arm.vault}/replicationJobs/{name}"
    waits = walk.until(vault.arm, job, lambda one: one["properties"]["state"] == "Suspended")
    assert waits["properties"]["allowedActions"] == ["Cancel", "Resume"]
    assert vault.machines()["hv-02"] == "PowerState/running"
    assert drills.code(vault.post("hv-02", "failoverCommit")) == (409, "OperationInProgress")
    assert vault.arm("POST", f"{job}/resume", {"properties": {"comments": "now"}}).status == 202
    assert vault.done(accepted)["state"] == "Succeeded"
    assert stands(vault, "hv-02")[1] == "Primary"


def test_a_planned_failover_that_fails_leaves_all_as_it_was(vault: Vault) -> None:
    failure = {"taskId": "ShutdownVmOnPrimary", "code": "28003", "message": "It is not shut down."}
    set_faults(vault.arm.world, [{"job": "PlannedFailover", "item": "hv-03", "jobFails": failure}])
    accepted = over(vault, "hv-03")
    assert vault.item("hv-03")["allowedOperations"] == []
    assert vault.done(accepted)["state"] == "Failed"
    assert stands(vault, "hv-03")[:2] == ("Protected", "Primary")
    assert "hv-03" not in vault.machines()
    details = vault.item("hv-03")["providerSpecificDetails"]
    assert details["rpoInSeconds"] > 0
    assert vault.done(over(vault, "hv-03"))["state"] == "Succeeded"


def test_drill_and_unplanned_failover_come_home_the_same_way(vault: Vault) -> None:
    drilled = vault.drill("hv-04", providerSpecificDetails=HYPER_V)
    assert drills.state(vault.done(drilled)) == drills.STANDS
    assert drills.code(over(vault, "hv-04")) == NOT_NOW
    vault.done(vault.post("hv-04", "testFailoverCleanup", {"comments": "c"}))
    assert vault.job(drilled)["state"] == "Succeeded"
    about = {"failoverDirection": "PrimaryToRecovery", "sourceSiteOperations": "NotRequired"}
    assert drills.code(vault.failover("hv-04")) == BAD
    unplanned = vault.post("hv-04", "unplannedFailover", {**about, "providerSpecificDetails": HYPER_V})
    assert vault.done(unplanned)["state"] == "Succeeded"
    assert drills.code(vault.post("hv-04", "failoverCancel")) == NOT_NOW
    vault.done(vault.post("hv-04", "failoverCommit"))
    assert "Failback" in stands(vault, "hv-04")[2]
    assert vault.done(back(vault, "hv-04"))["state"] == "Succeeded"


def test_a_configuration_server_has_no_planned_failover(vault: Vault) -> None:
    refused = over(vault, "app-01")
    assert drills.code(refused) == NOT_NOW
    assert "no planned failover" in refused.body["error"]["details"][0]["possibleCauses"]


def test_a_recovery_plan_has_the_machines_of_its_own_source_only(vault: Vault) -> None:
    site = vault.arm("GET", f"{vault.arm.vault}/replicationFabrics/contoso-hyperv").body["id"]
    plan = f"{vault.arm.vault}/replicationRecoveryPlans/sites"

    def given(*names: str) -> dict[str, Any]:
        members = [{"id": vault.ids[name]} for name in names]
        groups = [{"groupType": "Boot", "replicationProtectedItems": members}]
        azure = {"recoveryFabricId": "Microsoft Azure", "failoverDeploymentModel": "ResourceManager"}
        return {"properties": {"primaryFabricId": site, **azure, "groups": groups}}

    other_source = (400, "RecoveryPlanFabricNotValid")
    assert drills.code(vault.arm("PUT", plan, given("hv-02", "app-01"))) == other_source
    assert vault.arm.done(vault.arm("PUT", plan, given("hv-02"))) == "Succeeded"
    assert drills.code(vault.arm("PATCH", plan, given("app-01"))) == other_source
