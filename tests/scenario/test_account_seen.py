"""The account for the push installation: the step looks at what the vault shows before it is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.model import Status
from services.scenario.azure_stack import registered
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE as SCENARIO
from services.scenario.walk import Walk
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.world.test_worlds_apart import DESCRIPTION

MACHINES = [
    {"name": "app-01", "address": "10.1.0.11", "os": "Linux"},
    {"name": "web-01", "address": "10.1.0.31", "os": "Windows"},
]


def test_each_account_is_looked_for_in_the_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = practice_world(DESCRIPTION, tmp_path)
    journal = Journal.open(world.state, world.id, Actor.here())
    walk = Walk(SCENARIO, world, journal, journal.engagement("test", SCENARIO.id), lambda _event: None)
    walk.save(SCENARIO.step("machines"), {"machines": MACHINES})
    monkeypatch.setattr(registered, "accounts", lambda _session: {"linux-root": "1"})
    step = SCENARIO.step("account")
    found = walk.look(step, Deadline(20))
    assert [(one.target, one.status) for one in found] == [
        ("linux-root", Status.OK),
        ("windows-admin", Status.WARNING),
    ]
    assert "Add it in cspsconfigtool" in found[1].fix
    assert walk.blockers(step, found) == []  # the plan then waits until the vault shows it
    journal.close()
