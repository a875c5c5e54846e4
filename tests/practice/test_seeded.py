"""A vault with items: mixed states, servers with figures, plans, running jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.practice import drills
from tests.practice.clients import Arm
from tests.practice.drills import Vault
from tests.practice_world import command, environment, running_world, set_faults, stop


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault with twelve items."""
    with running_world(tmp_path_factory.mktemp("seeded"), speed=1200, items=12) as world:
        yield Vault(Arm(world))


def test_items_stand_in_different_states(vault: Vault) -> None:
    states = {name: vault.item(name) for name in vault.ids}
    health = Counter(item["replicationHealth"] for item in states.values())
    assert (health["Warning"], health["Critical"]) == (1, 1)
    assert states["db-02"]["allowedOperations"] == ["TestFailoverCleanup"]
    assert "Commit" in states["web-05"]["allowedOperations"]
    assert states["vmware-01"]["providerSpecificDetails"]["discoveryType"] == "vCenter"
    stalled = states["app-04"]["providerSpecificDetails"]["rpoInSeconds"]
    assert stalled >= 3 * 3600
    assert {"db-02-test", "web-05"} <= set(vault.machines())
    never = [name for name, item in states.items() if "lastSuccessfulTestFailoverTime" not in item]
    assert never


def test_health_errors_that_may_be_closed_are(vault: Vault) -> None:
    error = vault.item("app-03")["healthErrors"][0]
    assert (error["errorCode"], error["customerResolvability"]) == ("78144", "Allowed")
    wanted = {"healthErrors": [{"healthErrorId": error["errorId"]}]}
    assert vault.done(vault.post("app-03", "resolveHealthErrors", wanted))["state"] == "Succeeded"
    assert vault.item("app-03")["healthErrors"] == []
    stalled = vault.item("app-04")["healthErrors"][0]["errorId"]
    refused = vault.post("app-04", "resolveHealthErrors", {"healthErrors": [{"healthErrorId": stalled}]})
    assert drills.code(refused) == (400, "HealthErrorNotResolvable")


def test_one_process_server_is_near_its_limits(vault: Vault) -> None:
    fabric = vault.arm("GET", f"{vault.arm.vault}/replicationFabrics").body["value"][0]["properties"]
    calm, strained = fabric["customDetails"]["processServers"]
    assert (calm["health"], strained["health"], fabric["health"]) == ("Normal", "Warning", "Warning")
    free = strained["availableSpaceInBytes"] / strained["totalSpaceInBytes"]
    assert 0.25 < free < 0.30
    assert int(strained["cpuLoad"]) > 80
    assert strained["mobilityServiceUpdates"][0]["version"] > strained["agentVersion"]
    health = vault.arm("GET", f"{vault.arm.vault}/replicationVaultHealth").body["properties"]
    assert [i["summaryCode"] for i in health["fabricsHealth"]["issues"]] == ["78081"]


def test_a_plan_of_three_groups_is_there(vault: Vault) -> None:
    plans = vault.arm("GET", f"{vault.arm.vault}/replicationRecoveryPlans").body["value"]
    groups = {p["name"]: p["properties"]["groups"] for p in plans}
    assert [g["groupType"] for g in groups["contoso-shop"]] == [
        "Shutdown",
        "Failover",
        "Boot",
        "Boot",
        "Boot",
    ]
    action = groups["contoso-shop"][3]["startGroupActions"][0]
    assert action["customDetails"]["instanceType"] == "ManualActionDetails"


def test_a_failed_drill_is_restarted(vault: Vault) -> None:
    set_faults(vault.arm.world, [{"job": "TestFailover", "jobFails": {"taskId": "BeginTestFailoverTask"}}])
    accepted = vault.drill("web-01")
    assert vault.done(accepted)["allowedActions"] == ["Restart"]
    assert vault.item("web-01")["testFailoverState"] == "None"
    name = accepted.headers["location"].split("/operationresults/")[1].split("?")[0]
    job = f"{vault.arm.vault}/replicationJobs/{name}"
    assert vault.arm.done(vault.arm("POST", f"{job}/restart")) == "Succeeded"
    assert drills.state(vault.done(accepted)) == drills.STANDS
    assert vault.item("web-01")["allowedOperations"] == ["TestFailoverCleanup"]


def test_jobs_are_filtered(vault: Vault) -> None:
    def names(clause: str) -> set[str]:
        listed = vault.arm("GET", f"{vault.arm.vault}/replicationJobs?$filter={clause}").body["value"]
        return {job["properties"]["scenarioName"] for job in listed}

    assert "TestFailover" in names("affectedObjectTypes%20eq%20'ProtectionEntity'")
    assert "RegisterDra" not in names("affectedObjectTypes%20eq%20'ProtectionEntity'")
    assert names("jobStatus%20eq%20'Suspended'") == {"TestFailover"}


def test_running_jobs_of_a_large_vault(tmp_path: Path) -> None:
    import json
    import subprocess

    lines = command("serve", tmp_path, "--items", "300", "--jobs", "40", "--speed", "60", "--detach")
    done = subprocess.run(lines, env=environment(), capture_output=True, text=True, timeout=90, check=True)
    try:
        arm = Arm(json.loads(done.stdout))
        found: list[dict[str, Any]] = []
        url = f"{arm.vault}/replicationJobs"
        while url:
            page = arm("GET", url).body
            found += page["value"]
            url = page.get("nextLink", "")
        states = Counter(job["properties"]["state"] for job in found)
        assert states["InProgress"] == 40
        job = next(j for j in found if j["properties"]["state"] == "InProgress")
        tasks = arm("GET", job["id"]).body["properties"]["tasks"]
        assert "InProgress" in {task["state"] for task in tasks}
    finally:
        stop(tmp_path)
