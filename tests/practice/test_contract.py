"""A recorded session holds Microsoft's own description of the API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.practice import drills, walk
from tests.practice.clients import Arm
from tests.practice_world import ROOT, running_world

READS = (
    "",
    "/replicationFabrics",
    "/replicationProtectionContainers",
    "/replicationProtectionContainerMappings",
    "/replicationPolicies",
    "/replicationProtectedItems",
    "/replicationJobs",
    "/replicationEvents",
    "/replicationAlertSettings",
    "/replicationAlertSettings/defaultAlertSetting",
    "/replicationVaultHealth",
    "/replicationVaultSettings",
    "/replicationVaultSettings/default",
    "/replicationSupportedOperatingSystems?instanceType=InMageAzureV2",
    "/replicationRecoveryServicesProviders",
    "/replicationAppliances",
    "/replicationRecoveryPlans",
    "/replicationvCenters",
    "/replicationProtectionIntents",
    "/replicationMigrationItems",
    "/replicationNetworks",
    "/replicationNetworkMappings",
    "/replicationStorageClassifications",
)


def modules() -> str:
    """Where the validator is installed; the test is skipped by name where it is not."""
    places = [
        os.environ.get("CONTRACT_MODULES", ""),
        str(ROOT / ".." / "shared" / "contract" / "node_modules"),
        str(ROOT / "build" / "contract" / "node_modules"),
    ]
    found = next((place for place in places if place and (Path(place) / "oav").is_dir()), None)
    if found is None:
        pytest.skip("the contract validator (oav) is not installed: set CONTRACT_MODULES")
    return found


def checker() -> Path:
    """The contract check."""
    check = ROOT / ".." / "shared" / "contract" / "check.js"
    if not check.exists():
        pytest.skip("../shared/contract is absent")
    return check.resolve()


def session(arm: Arm) -> None:
    """Do everything once."""
    arm(
        "PUT",
        f"{arm.group}/providers/Microsoft.RecoveryServices/vaults/fresh",
        {"location": "westeurope", "properties": {}, "sku": {"name": "RS0", "tier": "Standard"}},
    )
    arm(
        "PUT",
        f"{arm.vault}/replicationVaultSettings/default",
        {"properties": {"vmwareToAzureProviderType": "Vmware"}},
    )
    arm(
        "PUT",
        f"{arm.vault}/replicationAlertSettings/defaultAlertSetting",
        {
            "properties": {
                "sendToOwners": "Send",
                "customEmailAddresses": ["a@contoso.example"],
                "locale": "en-US",
            }
        },
    )
    fabric = walk.registered(arm)
    container = walk.container_of(arm, fabric)
    policy = walk.associated(arm, container)
    machine = walk.discovered(arm, container, "app-01", "10.1.0.11", "Linux")
    lost = walk.discovered(arm, container, "web-04", "10.1.0.34", "Windows")
    items = f"{container}/replicationProtectedItems"
    for name, which in (("one", machine), ("two", lost)):
        arm("PUT", f"{items}/{name}", walk.enable_body(arm, fabric, policy, which))
    arm("GET", f"{items}/one")
    walk.until(arm, f"{items}/one", lambda i: i["properties"]["protectionState"] == "Protected")
    for path in READS:
        assert arm("GET", arm.vault + path).status == 200, path
    reads(arm, fabric, container, policy)
    circle(arm, fabric, f"{items}/one")
    there_and_back(arm)
    changes(arm, fabric, items)


def circle(arm: Arm, fabric: dict[str, Any], item: str) -> None:
    """A drill, a plan, a failover and its end, read all along."""
    network = f"{arm.group}/providers/Microsoft.Network/virtualNetworks/drill-net"
    plan = f"{arm.vault}/replicationRecoveryPlans/shop"
    details = {"instanceType": "InMageAzureV2"}
    test: dict[str, Any] = {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": network,
    }
    over = {"failoverDirection": "PrimaryToRecovery", "sourceSiteOperations": "Required"}
    many = {"providerSpecificDetails": [{**details, "recoveryPointType": "LatestProcessed"}]}
    about = {
        "failoverTypes": ["TestFailover"],
        "failoverDirections": ["PrimaryToRecovery"],
    }
    manual = {"instanceType": "ManualActionDetails", "description": "Look."}
    script = {"instanceType": "ScriptActionDetails", "path": "a.ps1", "fabricLocation": "Recovery"}
    book = {"instanceType": "AutomationRunbookActionDetails", "fabricLocation": "Recovery"}
    actions = [{"actionName": d["instanceType"], **about, "customDetails": d} for d in (manual, script, book)]
    group = {
        "groupType": "Boot",
        "replicationProtectedItems": [{"id": item}],
        "startGroupActions": actions[:1],
        "endGroupActions": actions[1:],
    }
    new = {
        "primaryFabricId": fabric["id"],
        "recoveryFabricId": "Microsoft Azure",
        "failoverDeploymentModel": "ResourceManager",
        "groups": [group],
    }
    point = arm("GET", f"{item}/recoveryPoints").body["value"][0]["id"]
    follow(arm, "PUT", plan, new)
    follow(arm, "PATCH", plan, {"groups": [group]})
    follow(arm, "POST", f"{item}/testFailover", {**test, "providerSpecificDetails": details}, item)
    follow(arm, "POST", f"{item}/testFailoverCleanup", {"comments": "c"}, item)
    follow(arm, "POST", f"{plan}/testFailover", {**test, **many}, plan)
    follow(arm, "POST", f"{plan}/testFailoverCleanup", {"comments": "c"}, plan)
    follow(arm, "POST", f"{item}/unplannedFailover", {**over, "providerSpecificDetails": details}, item)
    changed = {"recoveryPointId": point, "providerSpecificDetails": details}
    follow(arm, "POST", f"{item}/applyRecoveryPoint", changed, item)
    follow(arm, "POST", f"{item}/failoverCommit", None, item)
    for one in ("replicationRecoveryPlans", "replicationJobs", "replicationEvents"):
        assert arm("GET", f"{arm.vault}/{one}").status == 200
    for job in arm("GET", f"{arm.vault}/replicationJobs").body["value"]:
        assert arm("GET", job["id"]).status == 200
    follow(arm, "DELETE", plan, None)


def there_and_back(arm: Arm) -> None:
    """A machine of a Hyper-V site over and home, alone and in a plan, with both ways of sending its data."""
    site = arm("GET", f"{arm.vault}/replicationFabrics/contoso-hyperv").body["id"]
    container = arm("GET", f"{site}/replicationProtectionContainers").body["value"][0]["id"]
    item = arm("GET", f"{container}/replicationProtectedItems").body["value"][0]["id"]
    plan = f"{arm.vault}/replicationRecoveryPlans/home"
    group = {"groupType": "Boot", "replicationProtectedItems": [{"id": item}]}
    azure = {"primaryFabricId": site, "recoveryFabricId": "Microsoft Azure"}
    follow(arm, "PUT", plan, {**azure, "failoverDeploymentModel": "ResourceManager", "groups": [group]})
    singles = [f"{container}/replicationPr{kind}s" for kind in ("otectableItem", "otectionContainerMapping")]
    for path in (*singles, f"{site}/replicationRecoveryServicesProviders", f"{item}/recoveryPoints"):
        for found in arm("GET", path).body["value"]:
            assert arm("GET", found["id"]).status == 200
    there = {"instanceType": "HyperVReplicaAzure"}
    back = {"instanceType": "HyperVReplicaAzureFailback", "recoveryVmCreationOption": "NoAction"}
    ways = (
        (item, {**back, "dataSyncOption": "ForSynchronization"}, there),
        (plan, [{**back, "dataSyncOption": "ForDownTime"}], [{**there, "recoveryPointType": "Latest"}]),
    )
    for target, home, over in ways:
        moved = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": over}
        follow(arm, "POST", f"{target}/plannedFailover", moved, target)
        follow(arm, "POST", f"{target}/failoverCommit", None, item)
        moved = {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": home}
        follow(arm, "POST", f"{target}/plannedFailover", moved, target)
        follow(arm, "POST", f"{target}/failoverCommit", None, item)
        again = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": there}
        follow(arm, "POST", f"{target}/reProtect", again if target is item else None, target)
        assert arm("GET", item).body["properties"]["protectionState"] == "Protected"


def follow(arm: Arm, verb: str, path: str, properties: dict[str, Any] | None, read: str = "") -> None:
    """An accepted operation to its end; jobs that wait are resumed, and everything is read on the way.

    A drill's job is left as it stands: its clean-up ends it.
    """
    accepted = arm(verb, path, None if properties is None else {"properties": properties})
    assert accepted.status == 202, accepted
    name = accepted.headers["azure-asyncoperation"].split("/replicationOperationStatus/")[1].split("?")[0]
    job = f"{arm.vault}/replicationJobs/{name}"
    ended = False
    while not ended:
        about = arm("GET", job).body["properties"]
        if read:
            assert arm("GET", read).status == 200
        stands = drills.state(about) == drills.STANDS
        if about["state"] == "Suspended" and not stands:
            assert arm("POST", f"{job}/resume", {"properties": {"comments": "c"}}).status == 202
        ended = stands or "endTime" in about
    assert stands or about["state"] == "Succeeded", about
    assert stands == path.endswith("/testFailover")
    if read:
        assert arm("GET", read).status == 200


def reads(arm: Arm, fabric: dict[str, Any], container: str, policy: str) -> None:
    """Read single things."""
    group = arm.group
    singles = [
        fabric["id"],
        container,
        policy,
        f"{fabric['id']}/replicationProtectionContainers",
        f"{fabric['id']}/replicationRecoveryServicesProviders",
        f"{container}/replicationProtectableItems",
        f"{container}/replicationProtectedItems",
        f"{container}/replicationProtectionContainerMappings",
        f"{container}/replicationProtectionContainerMappings/policy1",
        f"{container}/replicationProtectedItems/one/recoveryPoints",
        f"{container}/replicationProtectedItems/one/targetComputeSizes",
        f"{container}/replicationProtectedItems/two",
        f"{arm.vault}/extendedInformation/vaultExtendedInfo",
        f"{group}/providers/Microsoft.RecoveryServices/vaults",
        f"/subscriptions/{arm.world['subscription']}/providers/Microsoft.RecoveryServices/vaults",
    ]
    for kind in ("Jobs", "Events"):
        singles += [x["id"] for x in arm("GET", f"{arm.vault}/replication{kind}").body["value"]]
    for path in singles:
        assert arm("GET", path).status == 200, path


def changes(arm: Arm, fabric: dict[str, Any], items: str) -> None:
    """Change and remove."""
    change = {
        "properties": {
            "recoveryAzureVMName": "other",
            "providerSpecificDetails": {"instanceType": "InMageAzureV2"},
        }
    }
    assert arm.done(arm("PATCH", f"{items}/one", change)) == "Succeeded"
    failed = next(
        j
        for j in arm("GET", f"{arm.vault}/replicationJobs").body["value"]
        if j["properties"]["state"] == "Failed"
    )
    assert arm.done(arm("POST", f"{failed['id']}/restart")) == "Succeeded"
    walk.until(arm, failed["id"], lambda j: j["properties"]["state"] == "Failed")
    assert arm.done(arm("POST", f"{arm.vault}/replicationVaultHealth/default/refresh")) == "Succeeded"
    assert arm.done(arm("POST", f"{fabric['id']}/checkConsistency")) == "Succeeded"
    query = {"startTime": "2017-04-27T14:26:51Z", "endTime": "2017-05-04T14:26:51Z"}
    assert arm.done(arm("POST", f"{arm.vault}/replicationJobs/export", query)) == "Succeeded"
    body = {"properties": {"replicationProviderInput": {"instanceType": "InMageAzureV2"}}}
    assert arm.done(arm("POST", f"{items}/one/remove", body)) == "Succeeded"
    assert arm.done(arm("DELETE", f"{items}/two")) == "Succeeded"
    assert arm("GET", f"{items}/one").status == 404


def test_a_recorded_session_keeps_the_contract(tmp_path: Path) -> None:
    place, check = modules(), checker()
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    record = tmp_path / "traffic"
    with running_world(tmp_path / "state", speed=1200, hyperv=1, record=record) as world:
        session(Arm(world))
        secret = world["clientSecret"]
    done = subprocess.run(
        [node, str(check), str(record)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "CONTRACT_MODULES": place},
    )
    assert done.returncode == 0, done.stdout[-6000:]
    operations = int(done.stdout.split(" operations")[0].rsplit(" ", 1)[1])
    assert operations >= 55, done.stdout
    files = list(record.glob("*.json"))
    assert files
    assert not any(secret in file.read_text() for file in files)
    assert {"method", "uri", "requestBody", "status", "responseHeaders", "response"} <= set(
        json.loads(files[0].read_text())
    )
