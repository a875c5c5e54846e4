"""What can stand in the way of VMs in the target, asked of the practice servers and of rules by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.model import Finding, Status
from services.scenario.azure_stack import target_limits
from services.scenario.azure_stack.target import TARGET
from services.scenario.azure_stack.target_limits import effect, touches
from services.scenario.registry import scenario
from services.scenario.walk import Walk
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.practice_world import running_world

SCENARIO = scenario("azure-stack-to-azure")
LIMITS = ("target-quota", "target-policy", "target-providers")


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("limits")) as world:
        yield world


@pytest.fixture
def walk(described: dict[str, Any], tmp_path: Path) -> Iterator[Walk]:
    world = practice_world(described, tmp_path)
    journal = Journal.open(world.state / "journal", world.id, Actor.here())
    yield Walk(SCENARIO, world, journal, journal.engagement("limits", SCENARIO.id), lambda _event: None)
    journal.close()


def limits(walk: Walk, region: str) -> list[Finding]:
    walk.journal.save_facts(walk.engagement.id, "vault", {"vault.location": region})
    return [one for one in walk.look(TARGET, Deadline(60)) if one.id in LIMITS]


def test_quota_policy_and_providers_are_looked_at_and_stop_nothing(walk: Walk) -> None:
    found = limits(walk, "westeurope")
    assert {one.status for one in found} == {Status.OK}
    assert [one.target for one in found if one.id == "target-quota"] == [
        "westeurope, cores",
        "westeurope, standardBSFamily",
        "westeurope, virtualMachines",
    ]
    assert len([one for one in found if one.id == "target-providers"]) == 3
    assert {check.blocking for check in TARGET.checks if check.id in LIMITS} == {False}


def test_a_region_that_a_policy_does_not_allow_is_warned_of(walk: Walk) -> None:
    (said,) = [one for one in limits(walk, "eastus") if one.id == "target-policy"]
    assert said.status is Status.WARNING
    assert said.what == "The policy 'Allowed locations' does not allow the region eastus."
    assert "28031" in said.cause


def test_quota_that_does_not_reach_is_warned_of(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_limits, "LEAST", 60)
    found = {one.target: one for one in limits(walk, "westeurope") if one.id == "target-quota"}
    assert found["westeurope, standardBSFamily"].status is Status.WARNING
    assert "48 cores of the B series are free; at least 60" in found["westeurope, standardBSFamily"].what


def test_a_region_without_answer_leaves_quota_unknown(walk: Walk) -> None:
    (said,) = [one for one in limits(walk, "nowhere") if one.id == "target-quota"]
    assert said.status is Status.UNKNOWN
    assert "az vm list-usage --location nowhere" in said.fix


RULE = {"if": {"field": "type", "equals": "Microsoft.Compute/virtualMachines"}, "then": {"effect": "deny"}}


@pytest.mark.parametrize(
    ("definition", "given", "wanted"),
    [
        ({"policyRule": RULE}, {}, "deny"),
        ({"policyRule": {"then": {"effect": "[parameters('effect')]"}}}, {"effect": "Deny"}, "deny"),
        (
            {
                "policyRule": {"then": {"effect": "[parameters('effect')]"}},
                "parameters": {"effect": {"defaultValue": "Audit"}},
            },
            {},
            "audit",
        ),
        ({}, {}, ""),
    ],
)
def test_the_effect_of_a_policy(definition: dict[str, Any], given: dict[str, Any], wanted: str) -> None:
    assert effect(definition, given) == wanted


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (RULE["if"], True),
        ({"field": "type", "equals": "Microsoft.KeyVault/vaults"}, False),
        ({"field": "tags['owner']", "exists": "false"}, True),
    ],
)
def test_whether_a_rule_speaks_of_what_a_failover_makes(condition: dict[str, Any], wanted: bool) -> None:
    assert touches({"policyRule": {"if": condition}}) is wanted
