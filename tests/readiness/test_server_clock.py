"""The configuration server's clock, which stops the setup: fixed by the server's own time service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.model import Finding, Status
from services.scenario.azure_stack.machines import MACHINES
from services.scenario.azure_stack.readiness import READINESS
from services.scenario.azure_stack.server import SERVER
from services.scenario.azure_stack.signin_steps import SIGN_IN
from services.scenario.mending import has_fix, systems_of, workshop
from services.scenario.model import Scenario, Stage
from services.scenario.walk import Walk
from services.world.build import practice_world
from services.world.deadline import Deadline
from services.world.model import World
from tests.practice_world import running_world

SCENARIO = Scenario(
    "machines",
    "Machines",
    "InMageAzureV2",
    "test",
    (Stage("prepare", "Prepare"), Stage("source", "Source")),
    (SIGN_IN, MACHINES, READINESS, SERVER),
)

SERVED = {
    "name": "web-02",
    "address": "10.1.0.32",
    "user": "Administrator",
    "secret": "practice:windows-admin",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path / "world", speed=60.0) as described:
        (tmp_path / "state").mkdir()
        yield practice_world(described, tmp_path / "state")


def test_a_server_six_minutes_behind_is_set_right(world: World) -> None:
    journal = Journal.open(world.state / "journal", world.id, Actor.here())
    try:
        walk = Walk(SCENARIO, world, journal, journal.engagement("t", SCENARIO.id), lambda _event: None)
        assert walk.save(SERVER, SERVED) == {}
        session = walk.session(Deadline(120))
        shop = workshop(session, kinds=["cs-clock"])
        (planned,) = [one for one in shop.plan(lambda _finding: None) if one.machine.name == "web-02"]
        assert (planned.found.id, planned.found.status) == ("cs-clock", Status.FAILED)
        assert planned.preview is not None
        assert planned.preview.lines[-1] == "w32tm /resync"
        again = shop.apply(planned, weakening=False)
        assert (again.id, again.status) == ("cs-clock", Status.OK)
    finally:
        journal.close()


def test_the_server_is_offered_its_own_fix_and_no_other(world: World) -> None:
    journal = Journal.open(world.state / "journal", world.id, Actor.here())
    try:
        walk = Walk(SCENARIO, world, journal, journal.engagement("t", SCENARIO.id), lambda _event: None)
        assert walk.save(SERVER, {"name": "cs-09", "address": "10.1.0.9"}) == {}
        systems = systems_of(walk.answers, server=True)
        assert has_fix(systems, Finding("cs-clock", "cs-09", Status.FAILED, ""))
        assert "cs-09" not in systems_of(walk.answers, server=False)
        assert "cs-09" not in [one.name for one in workshop(walk.session(Deadline(9))).machines]
    finally:
        journal.close()
