"""The service's own SDK against the practice world: the calls that a console makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.practice.clients import Arm, site_recovery
from tests.practice.drills import Vault
from tests.practice_world import running_world


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault with twelve items."""
    with running_world(tmp_path_factory.mktemp("sdk"), speed=1200, items=12) as world:
        yield Vault(Arm(world))


@pytest.fixture(scope="module")
def client(vault: Vault) -> Any:
    """The SDK's client."""
    return site_recovery(vault.arm.world, polling_interval=1)


def place(vault: Vault, name: str) -> tuple[str, ...]:
    """Group, vault, fabric, container and item as the SDK wants them."""
    parts = vault.ids[name].split("/")
    return (vault.arm.world["resourceGroup"], vault.arm.world["vault"], parts[10], parts[12], parts[14])


def test_a_drill_from_a_point_to_its_cleanup(vault: Vault, client: Any) -> None:
    where = place(vault, "app-01")
    points = list(client.recovery_points.list_by_replication_protected_items(*where))
    assert points[0].properties.recovery_point_time > points[-1].properties.recovery_point_time
    kinds = {p.properties.recovery_point_type for p in points}
    assert kinds == {"CrashConsistent", "ApplicationConsistent"}
    about = {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": vault.network("drill-net"),
            "providerSpecificDetails": {"instanceType": "InMageAzureV2", "recoveryPointId": points[2].id},
        }
    }
    item = client.replication_protected_items.begin_test_failover(*where, about).result()
    assert item.properties.test_failover_state == "WaitingForCompletion"
    assert item.properties.failover_recovery_point_id == points[2].id
    comments = {"properties": {"comments": "seen"}}
    item = client.replication_protected_items.begin_test_failover_cleanup(*where, comments).result()
    assert item.properties.test_failover_state == "None"
    sizes = client.target_compute_sizes.list_by_replication_protected_items(*where)
    assert "Standard_D2s_v3" in {size.name for size in sizes}


def test_a_failover_to_its_commit(vault: Vault, client: Any) -> None:
    where, items = place(vault, "web-01"), client.replication_protected_items
    about = {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": "Required",
            "providerSpecificDetails": {"instanceType": "InMageAzureV2"},
        }
    }
    item = items.begin_unplanned_failover(*where, about).result()
    assert item.properties.active_location == "Recovery"
    assert "Commit" in item.properties.allowed_operations
    item = items.begin_failover_commit(*where).result()
    assert item.properties.protection_state == "UnplannedFailoverCommitted"
    assert list(client.recovery_points.list_by_replication_protected_items(*where)) == []


def test_a_plan_is_drilled_and_its_job_resumed(vault: Vault, client: Any) -> None:
    where = (vault.arm.world["resourceGroup"], vault.arm.world["vault"])
    plans, name = client.replication_recovery_plans, "sdk-plan"
    action = {
        "actionName": "ask",
        "failoverTypes": ["TestFailover"],
        "failoverDirections": ["PrimaryToRecovery"],
        "customDetails": {"instanceType": "ManualActionDetails", "description": "Ask."},
    }
    group = {
        "groupType": "Boot",
        "replicationProtectedItems": [{"id": vault.ids["db-01"]}],
        "startGroupActions": [action],
        "endGroupActions": [],
    }
    fabric = next(iter(client.replication_fabrics.list(*where))).id
    body = {
        "properties": {
            "primaryFabricId": fabric,
            "recoveryFabricId": "Microsoft Azure",
            "failoverDeploymentModel": "ResourceManager",
            "groups": [group],
        }
    }
    plan = plans.begin_create(*where, name, body).result()
    assert [g.group_type for g in plan.properties.groups] == ["Shutdown", "Failover", "Boot"]
    about = {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": vault.network("drill-net"),
            "providerSpecificDetails": [{"instanceType": "InMageAzureV2", "recoveryPointType": "Latest"}],
        }
    }
    poller = plans.begin_test_failover(*where, name, about, polling=False)
    del poller
    job = suspended(client, where, name)
    task = client.replication_jobs.get(*where, job).properties.tasks[1]
    child = task.group_task_custom_details.child_tasks[0]
    assert child.custom_details.instructions == "Ask."
    comments = {"properties": {"comments": "asked"}}
    assert client.replication_jobs.begin_resume(*where, job, comments).result().name == job
    drilled = standing(client, where, job)
    assert (
        drilled.properties.tasks[1].group_task_custom_details.child_tasks[0].custom_details.observation
        == "asked"
    )
    cleanup = {"properties": {"comments": "done"}}
    plans.begin_test_failover_cleanup(*where, name, cleanup).result()
    assert "db-01-test" not in vault.machines()
    assert client.replication_jobs.get(*where, job).properties.end_time is not None
    plans.begin_delete(*where, name).result()
    assert name not in {p.name for p in plans.list(*where)}


def suspended(client: Any, where: tuple[str, ...], plan: str) -> str:
    """The name of the plan's job, once it waits."""
    import time

    deadline = time.monotonic() + 60
    while True:
        for job in client.replication_jobs.list(*where):
            if job.properties.target_object_name == plan and job.properties.state == "Suspended":
                return str(job.name)
        assert time.monotonic() < deadline


def standing(client: Any, where: tuple[str, ...], job: str) -> Any:
    """The job, once it waits for the clean-up only."""
    import time

    deadline = time.monotonic() + 60
    while True:
        found = client.replication_jobs.get(*where, job)
        if found.properties.state_description == "WaitingForStopTestFailover":
            break
        assert time.monotonic() < deadline
    assert (found.properties.state, found.properties.end_time) == ("Suspended", None)
    return found
