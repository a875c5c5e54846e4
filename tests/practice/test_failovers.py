"""Failover, change of the point, commit, cancel, re-protection: what each leaves and refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.practice import drills, walk
from tests.practice.clients import Arm
from tests.practice.drills import Vault
from tests.practice_world import running_world, set_faults

NOT_NOW = (409, "ProtectedItemStateNotValidForOperation")


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault with twelve items; each test uses items of its own."""
    with running_world(tmp_path_factory.mktemp("failovers"), speed=1200, items=12) as world:
        yield Vault(Arm(world))


def points(vault: Vault, name: str) -> list[dict[str, str]]:
    """The recovery points of an item."""
    listed = vault.arm("GET", f"{vault.ids[name]}/recoveryPoints").body["value"]
    return [{"id": p["id"], **p["properties"]} for p in listed]


def test_the_whole_circle(vault: Vault) -> None:
    chosen = points(vault, "app-01")[3]["id"]
    job = vault.done(vault.failover("app-01", shutdown=True, point=chosen))
    assert drills.tasks(job) == [
        ("VmUfoPrerequisitesCheck", "Completed"),
        ("VmShutdownVmOnPrimary", "Completed"),
        ("VmFailover", "Completed"),
        ("VmFoStartVmOnSecondary", "Completed"),
    ]
    item = vault.item("app-01")
    assert (item["protectionState"], item["activeLocation"]) == (
        "UnplannedFailoverCommitPendingStatesBegin",
        "Recovery",
    )
    assert {"Commit", "ChangePit", "DisableProtection"} <= set(item["allowedOperations"])
    assert item["failoverRecoveryPointId"] == chosen
    assert vault.machines()["app-01"] == "PowerState/running"
    before = points(vault, "app-01")
    assert drills.code(vault.drill("app-01")) == NOT_NOW
    assert drills.code(vault.failover("app-01")) == NOT_NOW
    changed = {
        "recoveryPointId": before[5]["id"],
        "providerSpecificDetails": {"instanceType": "InMageAzureV2"},
    }
    assert vault.done(vault.post("app-01", "applyRecoveryPoint", changed))["scenarioName"] == "ChangePit"
    assert vault.item("app-01")["failoverRecoveryPointId"] == before[5]["id"]
    assert vault.machines()["app-01"] == "PowerState/running"
    assert points(vault, "app-01") == before
    assert vault.done(vault.post("app-01", "failoverCommit"))["state"] == "Succeeded"
    assert points(vault, "app-01") == []
    item = vault.item("app-01")
    assert item["allowedOperations"] == ["DisableProtection"]
    for verb in ("failoverCommit", "failoverCancel"):
        assert drills.code(vault.post("app-01", verb)) == NOT_NOW
    assert drills.code(vault.post("app-01", "applyRecoveryPoint", changed)) == NOT_NOW
    back = {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": {"instanceType": "InMage"}}
    refused = vault.post("app-01", "reProtect", back)
    assert drills.code(refused) == NOT_NOW
    assert "physical server" in refused.body["error"]["details"][0]["possibleCauses"]


def test_a_failover_goes_on_where_the_source_cannot_be_shut_down(vault: Vault) -> None:
    job = vault.done(vault.failover("web-04", shutdown=True))
    assert (job["state"], job["stateDescription"]) == ("Succeeded", "CompletedWithInformation")
    assert drills.tasks(job)[1] == ("VmShutdownVmOnPrimary", "Failed")
    assert vault.machines()["web-04"] == "PowerState/running"
    job = vault.done(vault.failover("app-02"))
    shutdown = job["tasks"][1]
    assert (shutdown["state"], shutdown["stateDescription"]) == ("Other", "Skipped")


def test_a_cancelled_failover_never_replicates_again(vault: Vault) -> None:
    for name, way in (("web-01", "item"), ("web-02", "job")):
        running = vault.failover(name)
        assert vault.item(name)["allowedOperations"] == ["CancelFailover"]
        if way == "item":
            vault.done(vault.post(name, "failoverCancel"))
        else:
            job = running.headers["location"].split("/operationresults/")[1].split("?")[0]
            vault.arm("POST", f"{vault.arm.vault}/replicationJobs/{job}/cancel")
        gone = walk.until(
            vault.arm, vault.ids[name], lambda i: i["properties"]["protectionState"] == "FailoverCancelled"
        )
        assert gone["properties"]["allowedOperations"] == ["DisableProtection"]
        assert gone["properties"]["replicationHealth"] == "Critical"
        assert points(vault, name) == []
        assert name not in vault.machines()


def test_a_failover_that_fails_can_be_tried_again(vault: Vault) -> None:
    failure = {"taskId": "FailoverTask", "code": "28031", "message": "Quota."}
    set_faults(vault.arm.world, [{"job": "UnplannedFailover", "item": "db-01", "jobFails": failure}])
    assert vault.done(vault.failover("db-01"))["state"] == "Failed"
    assert vault.item("db-01")["allowedOperations"] == ["UnplannedFailover", "DisableProtection"]
    assert vault.done(vault.failover("db-01"))["state"] == "Succeeded"


def test_reprotection_is_for_vmware_machines(vault: Vault) -> None:
    vault.done(vault.failover("vmware-01"))
    vault.done(vault.post("vmware-01", "failoverCommit"))
    assert vault.item("vmware-01")["allowedOperations"] == ["ReverseReplicate", "DisableProtection"]
    details = {"instanceType": "InMage", "masterTargetId": "m", "processServerId": "p", "retentionDrive": "R"}
    about = {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": details}
    assert drills.code(vault.post("vmware-01", "reProtect", about)) == (400, "InvalidParameter")
    details["profileId"] = "failback"
    assert vault.done(vault.post("vmware-01", "reProtect", about))["state"] == "Succeeded"
    assert vault.item("vmware-01")["providerSpecificDetails"]["instanceType"] == "InMage"
    assert vault.machines()["vmware-01"] == "PowerState/running"
    home = {
        **about,
        "sourceSiteOperations": "NotRequired",
        "providerSpecificDetails": {"instanceType": "InMage"},
    }
    assert vault.done(vault.post("vmware-01", "unplannedFailover", home))["state"] == "Succeeded"
    assert vault.item("vmware-01")["activeLocation"] == "Primary"
    vault.done(vault.post("vmware-01", "failoverCommit"))
    again = {
        "failoverDirection": "PrimaryToRecovery",
        "providerSpecificDetails": {"instanceType": "InMageAzureV2"},
    }
    assert vault.done(vault.post("vmware-01", "reProtect", again))["state"] == "Succeeded"
    item = vault.item("vmware-01")
    assert (item["protectionState"], item["providerSpecificDetails"]["instanceType"]) == (
        "Protected",
        "InMageAzureV2",
    )
    assert "TestFailover" in item["allowedOperations"]
    assert "vmware-01" not in vault.machines()


def test_settings_are_changed_and_kept(vault: Vault) -> None:
    change = {
        "recoveryAzureVMName": "web-three",
        "recoveryAzureVMSize": "Standard_B2s",
        "vmNics": [
            {"ipConfigs": [{"recoverySubnetName": "Subnet-2", "recoveryStaticIPAddress": "10.42.2.77"}]}
        ],
        "providerSpecificDetails": {"instanceType": "InMageAzureV2", "useManagedDisks": "True"},
    }
    item = vault.ids["web-03"]
    assert vault.arm.done(vault.arm("PATCH", item, {"properties": change})) == "Succeeded"
    kept = vault.item("web-03")["providerSpecificDetails"]
    assert (kept["recoveryAzureVMName"], kept["recoveryAzureVMSize"]) == ("web-three", "Standard_B2s")
    assert kept["vmNics"][0]["ipConfigs"][0]["recoveryStaticIPAddress"] == "10.42.2.77"
    for bad, code in (
        ({"recoveryAzureVMName": "a_b"}, "InvalidAzureVmName"),
        ({"recoveryAzureVMSize": "Standard_X"}, "InvalidAzureVmSize"),
        ({"vmNics": [{"ipConfigs": [{"recoverySubnetName": "nowhere"}]}]}, "AzureSubnetNotFound"),
        ({"vmNics": [{"ipConfigs": [{"recoveryStaticIPAddress": "10.9.9.9"}]}]}, "StaticIPAddressInvalid"),
    ):
        assert drills.code(vault.arm("PATCH", item, {"properties": bad})) == (400, code)
    vault.done(vault.failover("web-03"))
    machine = vault.arm("GET", vault.machine("web-three")).body["properties"]
    nic = vault.arm("GET", machine["networkProfile"]["networkInterfaces"][0]["id"]).body["properties"]
    assert nic["ipConfigurations"][0]["properties"]["privateIPAddress"] == "10.42.2.77"
    assert machine["hardwareProfile"]["vmSize"] == "Standard_B2s"
