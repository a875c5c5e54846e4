"""Protected items, points and verbs, from the service's own JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.problems.model import RefusedError, UsageError
from services.recovery import item_settings, points, verbs
from services.recovery.item import CLEANUP_PENDING, COMMIT_PENDING, COMMITTED, PROTECTED, parse_item
from services.recovery.item_update import update_body
from services.recovery.predicted import landing

EXAMPLES = Path(__file__).parents[2] / ".." / "shared" / "contract" / "examples"


def item(state: str = "Protected", **about: Any) -> dict[str, Any]:
    place = "/replicationFabrics/fab/replicationProtectionContainers/con/replicationProtectedItems/one"
    details = {"instanceType": "InMageAzureV2", "rpoInSeconds": 40}
    properties = {
        "friendlyName": "app-01",
        "protectionState": state,
        "providerSpecificDetails": details,
        **about,
    }
    return {"id": f"/subscriptions/s/x{place}", "name": "one", "properties": properties}


@pytest.mark.parametrize(("example", "phase"), [("Get", PROTECTED), ("TestFailover", CLEANUP_PENDING)])
def test_the_published_examples_are_read(example: str, phase: str) -> None:
    path = EXAMPLES / f"ReplicationProtectedItems_{example}.json"
    if not path.exists():
        pytest.skip("Microsoft's published examples are not here")
    body = json.loads(path.read_text())["responses"]["200"]["body"]
    found = parse_item(body)
    assert body["id"].endswith(
        f"/{found.fabric}/replicationProtectionContainers/{found.container}/replicationProtectedItems/{found.name}"
    )
    assert found.allowed == tuple(body["properties"]["allowedOperations"])
    assert found.phase == phase


@pytest.mark.parametrize(
    ("given", "phase"),
    [
        (item(allowedOperations=["TestFailover"]), PROTECTED),
        (item(allowedOperations=["TestFailoverCleanup"]), CLEANUP_PENDING),
        (item("UnplannedFailoverCommitPendingStatesBegin", allowedOperations=["Commit"]), COMMIT_PENDING),
        (item("UnplannedFailoverCommitted", activeLocation="Recovery", allowedOperations=[]), COMMITTED),
    ],
)
def test_partial_states_keep_their_names(given: dict[str, Any], phase: str) -> None:
    assert parse_item(given).phase == phase


def test_a_missing_verb_says_why_and_a_running_job_goes_first() -> None:
    pending = parse_item(item(allowedOperations=["TestFailoverCleanup"]))
    why = {offer.verb.id: offer.why_not for offer in verbs.offers(pending)}
    assert why["drill"] == "Clean up the drill first."
    assert why["cleanup"] == ""
    busy = parse_item(
        item(
            allowedOperations=[],
            currentScenario={"scenarioName": "TestFailover", "jobId": "/x/replicationJobs/j1"},
        )
    )
    assert {offer.why_not for offer in verbs.offers(busy)} == {"A job runs on it: TestFailover."}


def test_an_idle_scenario_is_no_job() -> None:
    idle = {"scenarioName": "None", "jobId": "/v/replicationJobs/None", "startTime": "1753-01-01T01:01:01Z"}
    assert parse_item(item(currentScenario=idle)).job == ""


def test_azure_stack_has_no_reprotect_and_is_told_the_way_back() -> None:
    committed = parse_item(
        item("UnplannedFailoverCommitted", activeLocation="Recovery", allowedOperations=[])
    )
    assert "failback" in verbs.why_not(verbs.verb("reprotect"), committed)


def point(name: str, kind: str, minutes: int) -> points.RecoveryPoint:
    return points.RecoveryPoint(
        f"/x/{name}", name, kind, datetime(2026, 11, 1, 12, tzinfo=UTC) - timedelta(minutes=minutes)
    )


def test_points_by_kind_by_name_and_gone() -> None:
    known = [point("a", points.CRASH, 5), point("b", points.APP, 60), point("c", points.CRASH, 10)]
    assert points.chosen(points.LATEST, known, "app-01") is None
    assert [
        points.chosen(one, known, "x") for one in (points.PROCESSED, points.APP_CONSISTENT, "/y/C")
    ] == known
    with pytest.raises(RefusedError, match="There is no recovery point"):
        points.chosen("gone", known, "app-01")
    with pytest.raises(RefusedError, match="no application-consistent"):
        points.chosen(points.APP_CONSISTENT, known[:1], "app-01")


def test_settings_that_will_not_do_are_all_named() -> None:
    with pytest.raises(UsageError) as caught:
        item_settings.parsed(["name=-bad", "colour=red", "address=10.0.0.300", "size=Standard_B2s"])
    assert [problem.subject for problem in caught.value.problems] == [
        "name=-bad",
        "colour=red",
        "address=10.0.0.300",
    ]


def test_an_update_sends_every_interface_and_changes_only_the_first() -> None:
    nics = [
        {
            "nicId": "n1",
            "selectionType": "SelectedByUser",
            "ipConfigs": [
                {
                    "name": "ip1",
                    "isPrimary": True,
                    "recoverySubnetName": "app",
                    "recoveryStaticIPAddress": "10.0.0.4",
                }
            ],
        },
        {
            "nicId": "n2",
            "selectionType": "NotSelected",
            "ipConfigs": [{"name": "ip2", "recoverySubnetName": "back"}],
        },
    ]
    details = {"recoveryAzureVMName": "app-01", "recoveryAzureVMSize": "Standard_B2s", "vmNics": nics}
    now = item_settings.current(details)
    body = update_body("InMageAzureV2", details, now, {"subnet": "web", "address": ""})["properties"]
    first, second = body["vmNics"]
    assert first["ipConfigs"] == [{"ipConfigName": "ip1", "isPrimary": True, "recoverySubnetName": "web"}]
    assert second["selectionType"] == "NotSelected"
    assert second["ipConfigs"][0]["recoverySubnetName"] == "back"
    assert body["recoveryAzureVMName"] == "app-01"


def test_a_machine_behind_the_modern_appliance_has_its_name_group_network_and_rpo() -> None:
    group = "/subscriptions/s/resourceGroups/dr"
    details = {
        "instanceType": "InMageRcm",
        "targetVmName": "app-01-az",
        "targetVmSize": "Standard_D2s_v3",
        "targetResourceGroupId": group,
        "targetNetworkId": f"{group}/providers/Microsoft.Network/virtualNetworks/prod",
        "primaryNicIpAddress": "10.1.0.11",
        "lastRpoInSeconds": 77,
        "vmNics": [{"nicId": "n", "targetSubnetName": "web", "targetIPAddress": "10.2.0.11"}],
    }
    found = parse_item(item(providerSpecificDetails=details))
    assert (found.azure_name, found.group_id, found.rpo_seconds) == ("app-01-az", group, 77)
    assert (found.network_id, found.address) == (details["targetNetworkId"], "10.1.0.11")
    settings = item_settings.current(details)
    wanted = ("app-01-az", "Standard_D2s_v3", details["targetNetworkId"], "web", "10.2.0.11")
    assert tuple(settings[key] for key in ("name", "size", "network", "subnet", "address")) == wanted
    lands = landing("app-01", details, {"apps": "10.9.1.0/24", "web": "10.9.2.0/24"}, set())
    assert (lands.subnet, lands.address) == ("web", "10.9.2.11")


def test_an_update_of_one_setting_keeps_load_balancer_security_group_zone_and_tags() -> None:
    ip = {
        "recoverySubnetName": "app",
        "isSeletedForFailover": True,
        "recoveryLBBackendAddressPoolIds": ["/lb/pool"],
        "recoveryPublicIPAddressId": "/pip",
        "tfoSubnetName": "drill",
        "tfoStaticIPAddress": "10.9.0.4",
    }
    nic = {
        "recoveryNetworkSecurityGroupId": "/nsg",
        "enableAcceleratedNetworkingOnRecovery": True,
        "targetNicName": "app-nic",
    }
    whole = {"licenseType": "WindowsServer", "selectedTfoAzureNetworkId": "/drill-net"}
    own = {
        "targetAvailabilityZone": "2",
        "targetVmTags": {"owner": "ops"},
        "targetProximityPlacementGroupId": "/p",
    }
    named = {"tfoRecoveryNicName": "drill-nic"}
    nics = [{"nicId": "n1", "ipConfigs": [{"name": "ip1", **ip}], **nic, **named}]
    details = {"vmNics": nics, **whole, **own}
    body = update_body("InMageAzureV2", details, item_settings.current(details), {"size": "Standard_B2s"})
    sent = body["properties"]
    [first] = sent["vmNics"]
    assert first["ipConfigs"][0] == {"ipConfigName": "ip1", "isPrimary": False, **ip}
    assert {key: first[key] for key in nic} == nic
    assert first["tfoNicName"] == "drill-nic"
    assert {key: sent[key] for key in whole} == whole
    assert {key: sent["providerSpecificDetails"][key] for key in own} == own
