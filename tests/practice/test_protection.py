"""From registration to a protected machine, and what Azure refuses on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.practice import walk
from tests.practice.clients import Arm, Reply, site_recovery
from tests.practice_world import ledger, running_world, set_faults


@pytest.fixture(scope="module")
def arm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arm]:
    """A client of a world of its own: this module registers a server in it."""
    with running_world(tmp_path_factory.mktemp("protection"), speed=600) as world:
        yield Arm(world)


@pytest.fixture(scope="module")
def fabric(arm: Arm) -> dict[str, Any]:
    """The fabric of a registered configuration server."""
    return walk.registered(arm)


@pytest.fixture(scope="module")
def container(arm: Arm, fabric: dict[str, Any]) -> str:
    """Its container's id."""
    return walk.container_of(arm, fabric)


@pytest.fixture(scope="module")
def policy(arm: Arm, container: str) -> str:
    """The id of an associated policy."""
    return walk.associated(arm, container)


@pytest.fixture(scope="module")
def machine(arm: Arm, container: str) -> dict[str, Any]:
    """A machine that answers on SSH."""
    return walk.discovered(arm, container, "app-01", "10.1.0.11", "Linux")


def error_of(reply: Reply) -> str:
    """The code of an error answer: that of its detail where there is one."""
    error = reply.body["error"]
    return str((error.get("details") or [error])[0]["code"])


def test_fabric_shows_server_and_account(arm: Arm, fabric: dict[str, Any]) -> None:
    details = fabric["properties"]["customDetails"]
    assert len(fabric["name"]) == 64
    assert details["instanceType"] == "VMware"
    assert [a["accountName"] for a in details["runAsAccounts"]] == ["root"]
    assert details["masterTargetServers"][0]["id"] == details["processServers"][0]["id"]


def test_a_key_is_refused_by_name(arm: Arm, fabric: dict[str, Any]) -> None:
    good = walk.registration_key(arm, name="key2")
    integrity = good.split("<ChannelIntegrityKey>")[1].split("<")[0]
    cases = {
        good.replace(integrity, "AAAA"): "channel integrity key",
        good.replace(arm.world["vault"], "no-vault"): "does not exist",
        good.replace(arm.world["vault"], "contoso-east"): "does not exist",
        "<a/>": "not a vault registration key",
        "nothing": "not well-formed",
    }
    for key, words in cases.items():
        answer = walk.person(arm.world, "configuration-server", name="cs-02", address="10.1.0.6", key=key)
        assert answer.status == 400
        assert words in answer.body["error"]["message"]
    assert len(arm("GET", f"{arm.vault}/replicationFabrics").body["value"]) == 1


def test_enable_to_protected(
    arm: Arm, fabric: dict[str, Any], container: str, policy: str, machine: dict[str, Any]
) -> None:
    item = f"{container}/replicationProtectedItems/item-app-01"
    body = walk.enable_body(arm, fabric, policy, machine)
    accepted = arm("PUT", item, body, x_ms_client_request_id="11111111-2222-3333-4444-555555555555")
    assert accepted.status == 202
    job_id = accepted.headers["location"].split("/operationresults/")[1].split("?")[0]
    assert f"/replicationOperationStatus/{job_id}?" in accepted.headers["azure-asyncoperation"]

    job = arm("GET", f"{arm.vault}/replicationJobs/{job_id}").body["properties"]
    given, _, correlation = job["activityId"].partition(" ActivityId: ")
    assert given == "11111111-2222-3333-4444-555555555555"
    assert correlation == accepted.headers["x-ms-correlation-request-id"]
    assert (job["state"], "endTime" in job, job["allowedActions"]) == ("InProgress", False, ["Cancel"])
    assert job["tasks"][-1]["startTime"] == "0001-01-01T00:00:00"
    listed = arm("GET", f"{arm.vault}/replicationJobs").body["value"]
    row = next(j["properties"] for j in listed if j["name"] == job_id)
    assert (row["tasks"], row["customDetails"], row["activityId"]) == ([], None, None)

    again = arm("PUT", item, body)
    assert (again.status, error_of(again)) == (409, "OperationInProgress")
    assert arm.done(accepted) == "Succeeded"
    job = arm("GET", f"{arm.vault}/replicationJobs/{job_id}").body["properties"]
    assert [t["taskId"] for t in job["tasks"]] == [
        "EnableProtectionPreflightChecksTask",
        "CreateProtectionTargetTask",
        "EnableProtectionTask",
        "StartInitialReplicationTask",
        "UpdateDraStateTask",
    ]
    assert {t["stateDescription"] for t in job["tasks"]} == {"Completed"}

    seen = []

    def watch(document: dict[str, Any]) -> bool:
        state = document["properties"]["protectionState"]
        if state not in seen:
            seen.append(state)
        return bool(state == "Protected")

    protected = walk.until(arm, item, watch)
    assert seen == [
        "InitialReplicationInProgress",
        "InitialReplicationRecoveryCompletionPending",
        "Protected",
    ]
    assert "DisableProtection" in protected["properties"]["allowedOperations"]
    scenarios = [
        j["properties"]["scenarioName"] for j in arm("GET", f"{arm.vault}/replicationJobs").body["value"]
    ]
    assert scenarios.index("FinalizeProtection") < scenarios.index("EnableDr")  # newest first
    points = arm("GET", f"{item}/recoveryPoints").body["value"]
    assert "CrashConsistent" in {p["properties"]["recoveryPointType"] for p in points}
    count = [e["count"] for e in ledger(arm.world) if e["target"] == item.lower() and e["verb"] == "PUT"]
    assert count == [1]


def test_enable_refusals(
    arm: Arm, fabric: dict[str, Any], container: str, policy: str, machine: dict[str, Any]
) -> None:
    spare = walk.discovered(arm, container, "spare", "10.1.0.99", "Linux")
    storage = f"{arm.group}/providers/Microsoft.Storage/storageAccounts/"
    network = f"{arm.group}/providers/Microsoft.Network/virtualNetworks/"
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"logStorageAccountId": storage + "contosoeastus"}, 400, "StorageAccountInDifferentLocation"),
        ({"logStorageAccountId": storage + "contosoblobs"}, 400, "StorageAccountTypeNotSupported"),
        ({"logStorageAccountId": storage + "contosopremium"}, 400, "StorageAccountTypeNotSupported"),
        ({"logStorageAccountId": storage + "nowhere"}, 400, "StorageAccountNotFound"),
        ({"runAsAccountId": "77"}, 400, "RunAsAccountNotFound"),
        ({"processServerId": "77"}, 400, "ProcessServerNotFound"),
        ({"targetAzureNetworkId": network + "contoso-eastus-net"}, 400, "AzureNetworkNotFound"),
        ({"targetAzureSubnetId": "Subnet-9"}, 400, "AzureSubnetNotFound"),
        ({"targetAzureVmName": "-bad-"}, 400, "InvalidAzureVmName"),
        ({"instanceType": "A2A"}, 400, "InvalidParameter"),
    ]
    for change, status, code in cases:
        answer = arm(
            "PUT",
            f"{container}/replicationProtectedItems/refused",
            walk.enable_body(arm, fabric, policy, spare, **change),
        )
        assert (answer.status, error_of(answer)) == (status, code)
    unknown = arm(
        "PUT",
        f"{container}/replicationProtectedItems/refused",
        walk.enable_body(arm, fabric, policy + "x", spare),
    )
    assert (unknown.status, error_of(unknown)) == (400, "PolicyNotFound")
    assert arm("GET", f"{container}/replicationProtectedItems/refused").status == 404


def test_other_refusals(
    arm: Arm, fabric: dict[str, Any], container: str, policy: str, machine: dict[str, Any]
) -> None:
    in_use = arm("DELETE", policy)
    assert (in_use.status, error_of(in_use)) == (409, "ProtectionProfileInUse")
    missing = arm("GET", f"{arm.vault}/replicationFabrics/none")
    assert (missing.status, missing.body["error"]["code"], error_of(missing)) == (
        404,
        "NotFound",
        "ArmResourceDoesNotExist",
    )
    twice = {"properties": {"friendlyName": "APP-01", "ipAddress": "10.9.9.9", "osType": "Linux"}}
    answer = arm("POST", f"{container}/discoverProtectableItem", twice)
    assert (answer.status, error_of(answer)) == (409, "PhysicalMachineAlreadyExists")
    vault = arm("GET", arm.vault.replace(arm.world["vault"], "none"))
    assert (vault.status, vault.body["error"]["code"]) == (404, "ResourceNotFound")


def test_machines_come_with_a_second_empty_page(arm: Arm, container: str, machine: dict[str, Any]) -> None:
    first = arm("GET", f"{container}/replicationProtectableItems").body
    assert "ReplicationGroup" in first["nextLink"]
    assert arm("GET", first["nextLink"]).body == {"value": []}


def test_cancelled_enable_leaves_the_machine_unprotected(
    arm: Arm, fabric: dict[str, Any], container: str, policy: str
) -> None:
    other = walk.discovered(arm, container, "db-01", "10.1.0.21", "Linux")
    item = f"{container}/replicationProtectedItems/item-db-01"
    accepted = arm("PUT", item, walk.enable_body(arm, fabric, policy, other))
    job = accepted.headers["location"].split("/operationresults/")[1].split("?")[0]
    assert arm("POST", f"{arm.vault}/replicationJobs/{job}/cancel").status == 202
    assert arm("GET", f"{arm.vault}/replicationJobs/{job}").body["properties"]["state"] == "Cancelling"
    walk.until(arm, f"{arm.vault}/replicationJobs/{job}", lambda j: j["properties"]["state"] == "Cancelled")
    assert arm("GET", item).status == 404
    assert arm("GET", other["id"]).body["properties"]["protectionStatus"] == "Unprotected"


def test_an_unreachable_machine_fails_and_can_be_tried_again(
    arm: Arm, fabric: dict[str, Any], container: str, policy: str
) -> None:
    off = walk.discovered(arm, container, "web-04", "10.1.0.34", "Windows")
    item = f"{container}/replicationProtectedItems/item-web-04"
    accepted = arm("PUT", item, walk.enable_body(arm, fabric, policy, off))
    assert arm.done(accepted) == "Failed"
    job = (
        f"{arm.vault}/replicationJobs/"
        + accepted.headers["location"].split("/operationresults/")[1].split("?")[0]
    )
    error = arm("GET", job).body["properties"]["errors"][0]
    assert (error["serviceErrorDetails"]["code"], error["providerErrorDetails"]["errorCode"]) == (
        "78007",
        95117,
    )
    failed = arm("GET", item).body["properties"]
    assert (failed["replicationHealth"], failed["allowedOperations"]) == ("Critical", ["DisableProtection"])
    assert arm("POST", f"{job}/resume", {"properties": {}}).status == 409
    assert arm("POST", f"{job}/restart").status == 202
    assert arm("GET", job).body["properties"]["state"] == "InProgress"
    walk.until(arm, job, lambda j: j["properties"]["state"] == "Failed")

    set_faults(
        arm.world,
        [{"id": "stay", "method": "POST", "path": "item-web-04/remove", "do": {"jobFails": {"code": "1"}}}],
    )
    body = {"properties": {"replicationProviderInput": {"instanceType": "InMageAzureV2"}}}
    assert arm.done(arm("POST", f"{item}/remove", body)) == "Failed"
    assert arm("GET", item).body["properties"]["protectionStateDescription"] == "Enabling protection failed"
    assert arm.done(arm("POST", f"{item}/remove", body)) == "Succeeded"
    assert arm("GET", item).status == 404
    assert arm("POST", f"{item}/remove", body).status == 204
    agent = walk.enable_body(arm, fabric, policy, off, runAsAccountId="")  # the agent came another way
    assert arm.done(arm("PUT", item, agent)) == "Succeeded"


def test_sdk_reads_everything(arm: Arm, policy: str, container: str, machine: dict[str, Any]) -> None:
    client = site_recovery(arm.world)
    group, vault = arm.world["resourceGroup"], arm.world["vault"]
    fabric = next(iter(client.replication_fabrics.list(group, vault)))
    assert fabric.properties.custom_details.process_servers[0].friendly_name == "cs-01"
    place = (group, vault, fabric.name, container.rsplit("/", 1)[1])
    names = [
        i.properties.friendly_name
        for i in client.replication_protectable_items.list_by_replication_protection_containers(*place)
    ]
    assert "app-01" in names
    for job in client.replication_jobs.list(group, vault):
        tasks = client.replication_jobs.get(group, vault, job.name).properties.tasks
        assert all(task.task_type == "TaskDetails" for task in tasks)
    assert client.replication_vault_health.get(group, vault).name == "Default"
    assert client.supported_operating_systems.get(group, vault).name == "Default"
    assert (
        client.replication_alert_settings.get(
            group, vault, "defaultAlertSetting"
        ).properties.custom_email_addresses
        == []
    )
    assert [e.properties.event_type for e in client.replication_events.list(group, vault)]
