"""A clean-up is believed only when Azure's item, and every machine by its own id, say so too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.azure.replication import Replication
from services.recovery import cleanup, drill_runs
from services.recovery.vault import Vault
from services.world.deadline import Deadline
from tests.practice import drills
from tests.practice.clients import Arm


@pytest.fixture
def azure(served: tuple[dict[str, Any], Path]) -> drills.Vault:
    return drills.Vault(Arm(served[0]))


def test_an_item_that_still_waits_for_its_clean_up_is_not_done(
    vault: Vault, azure: drills.Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure.done(azure.drill("web-01"))
    item = vault.find("web-01")
    asked = Replication.item

    def pending(self: Replication, *where: str) -> dict[str, Any] | None:
        found = asked(self, *where)
        assert found is not None
        found["properties"] |= {"allowedOperations": ["TestFailoverCleanup"]}
        return found

    shown = cleanup.plan(vault, [item])
    hand = drill_runs.begin_cleanup(vault, [item], "", Deadline(60), shown)
    monkeypatch.setattr(Replication, "item", pending)
    monkeypatch.setattr(cleanup, "SETTLES", 0.0)
    ended = drill_runs.clean(hand, [item])
    assert ended.outcome == "cleanup-pending"
    assert "still waits" in ended.problems[0].cause
