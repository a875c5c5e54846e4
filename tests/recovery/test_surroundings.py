"""A machine that has a drill machine's name is taken for one only where there is a drill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.recovery import cleanup, run, surroundings
from services.recovery.surroundings import around
from services.recovery.vault import Vault
from services.recovery.verbs import CLEANUP
from services.world.deadline import Deadline
from tests.practice import drills
from tests.practice.clients import Arm


def test_only_the_machines_of_drills_that_stand_are_drills(
    vault: Vault, served: tuple[dict[str, Any], Path]
) -> None:
    azure, item = drills.Vault(Arm(served[0])), vault.find("web-01")
    name = surroundings.test_machine_id(vault, item).lower()
    assert name not in around(vault).tests
    azure.done(azure.drill("web-01"))
    assert name in around(vault).tests
    azure.done(azure.post("web-01", "testFailoverCleanup", {"comments": "over"}))
    assert name not in around(vault).tests


def test_the_machine_that_a_clean_up_has_left_is_still_a_drill_s(vault: Vault) -> None:
    item = vault.find("app-03")
    hand = run.begin(vault, CLEANUP, [item.id], [item.title], {}, Deadline(5))
    hand.end(cleanup.PENDING)
    assert surroundings.test_machine_id(vault, item).lower() in around(vault).tests
    hand = run.begin(vault, CLEANUP, [item.id], [item.title], {}, Deadline(5))
    hand.end(cleanup.DONE)
    assert surroundings.test_machine_id(vault, item).lower() not in around(vault).tests
