"""Where a new vault may be, asked of the practice servers before anything is created."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.model import Finding, Status
from services.scenario.azure_stack.vault_step import VAULT
from services.scenario.registry import scenario
from services.scenario.walk import Walk
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.practice_world import running_world

SCENARIO = scenario("azure-stack-to-azure")


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("place")) as world:
        yield world


@pytest.fixture
def walk(described: dict[str, Any], tmp_path: Path) -> Iterator[Walk]:
    world = practice_world(described, tmp_path)
    journal = Journal.open(world.state / "journal", world.id, Actor.here())
    yield Walk(SCENARIO, world, journal, journal.engagement("place", SCENARIO.id), lambda _event: None)
    journal.close()


def look(walk: Walk, region: str) -> Finding:
    new = {"name": "brand-new", "location": region, "create": True, "set-classic": True}
    assert walk.save(VAULT, new) == {}
    (found,) = [one for one in walk.look(VAULT, Deadline(60)) if one.id == "vault-region"]
    return found


def test_a_region_that_azure_does_not_offer_stops_the_step(walk: Walk) -> None:
    found = look(walk, "mars")
    assert found.status is Status.FAILED
    assert "a region 'mars'" in found.what
    assert "westeurope" in found.fix
    assert walk.blockers(VAULT, [found]) == [found]


def test_a_region_that_a_policy_does_not_allow_stops_the_step(walk: Walk) -> None:
    found = look(walk, "East US")
    assert found.status is Status.FAILED
    assert found.what == "The policy 'Allowed locations' does not allow the region East US."
    assert found.fix.startswith("Give one of: westeurope, northeurope;")


@pytest.mark.parametrize("region", ["northeurope", "North Europe"])
def test_an_offered_and_allowed_region_will_do_however_it_is_written(walk: Walk, region: str) -> None:
    assert look(walk, region).status is Status.OK


def test_the_regions_of_vaults_can_be_listed(walk: Walk) -> None:
    (field,) = [one for one in VAULT.fields if one.key == "location"]
    assert field.offer is not None
    offered = {one.value: one.label for one in field.offer(walk.session(Deadline(60)))}
    assert offered["westeurope"] == "West Europe"
