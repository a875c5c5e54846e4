"""What somebody else does: jobs that collide, drills, problems."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.practice import drills, walk
from tests.practice.clients import Arm
from tests.practice.drills import Vault
from tests.practice_world import running_world


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault with twelve items."""
    with running_world(tmp_path_factory.mktemp("persons"), speed=1200, items=12) as world:
        yield Vault(Arm(world))


def test_a_foreign_job_blocks_an_item_and_a_plan(vault: Vault) -> None:
    world = vault.arm.world
    job = walk.person(world, "job", item="web-01", friendly="Somebody's").body["job"]
    assert drills.code(vault.drill("web-01")) == (409, "OperationInProgress")
    about = vault.arm("GET", f"{vault.arm.vault}/replicationJobs/{job}").body["properties"]
    assert (about["friendlyName"], about["targetObjectName"]) == ("Somebody's", "web-01")
    assert walk.person(world, "job", plan="contoso-web").status == 200
    plan = f"{vault.arm.vault}/replicationRecoveryPlans/contoso-web"
    drill = {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": vault.network("drill-net"),
    }
    refused = vault.arm("POST", f"{plan}/testFailover", {"properties": drill})
    assert drills.code(refused) == (409, "OperationInProgress")
    assert walk.person(world, "job", item="nobody").status == 404


def test_a_foreign_drill_is_a_drill(vault: Vault) -> None:
    assert walk.person(vault.arm.world, "drill", item="app-01").status == 200
    assert vault.item("app-01")["currentScenario"]["scenarioName"] == "TestFailover"
    walk.until(
        vault.arm,
        vault.ids["app-01"],
        lambda i: i["properties"]["allowedOperations"] == ["TestFailoverCleanup"],
    )
    assert vault.machines()["app-01-test"] == "PowerState/running"
    assert walk.person(vault.arm.world, "drill", item="app-01").status == 409


def test_a_problem_shows_as_health_and_event(vault: Vault) -> None:
    assert walk.person(vault.arm.world, "problem", item="db-01", message="Stuck.").status == 200
    item = vault.item("db-01")
    assert (item["replicationHealth"], item["healthErrors"][0]["summaryMessage"]) == ("Critical", "Stuck.")
    events = vault.arm("GET", f"{vault.arm.vault}/replicationEvents").body["value"]
    assert events[0]["properties"]["description"] == "Stuck."


def test_a_group_made_for_a_drill_is_deleted_whole(vault: Vault) -> None:
    group = vault.arm.group.rsplit("/", 1)[0] + "/drill-rg"
    assert vault.arm("PUT", group, {"location": "westeurope"}).status == 201
    network = f"{group}/providers/Microsoft.Network/virtualNetworks/n"
    body = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}}
    assert vault.arm("PUT", network, body).status == 201
    assert vault.arm("DELETE", group).status == 200
    assert vault.arm("GET", network).status == 404
    assert vault.arm("DELETE", vault.arm.group).status == 409
