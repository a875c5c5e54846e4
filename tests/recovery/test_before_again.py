"""A recovery plan and an item's settings are looked at again before what Azure put off is sent once more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.problems.model import Problem, RefusedError
from services.recovery import item_settings, plan_edit, run
from services.recovery.plans import find_plan
from services.recovery.vault import Vault
from services.world.deadline import Deadline
from tests.practice_world import ledger, set_faults
from tests.recovery.test_plans import document, written

Served = tuple[dict[str, Any], Path]


def busy(served: Served, method: str, path: str) -> None:
    later = {"status": 429, "retryAfter": 1, "code": "TooManyRequests", "message": "Later."}
    set_faults(served[0], [{"id": path, "path": path, "method": method, "do": later}])


def moves_after_one_look(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    compare: Callable[..., None] = module.refuse_if_moved
    looks: list[int] = []

    def moved(*given: Any) -> None:
        compare(*given)
        looks.append(1)
        if len(looks) > 1:
            raise RefusedError(Problem("plan-moved", "it", "It has changed."))

    monkeypatch.setattr(module, "refuse_if_moved", moved)


def test_a_recovery_plan_that_has_moved_meanwhile_is_not_written(
    vault: Vault, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(ledger(served[0]))
    busy(served, "PUT", "replicationRecoveryPlans/meanwhile$")
    moves_after_one_look(monkeypatch, plan_edit)
    with pytest.raises(RefusedError, match="has changed"):
        written(vault, document("meanwhile"))
    assert len(ledger(served[0])) == count


def test_a_recovery_plan_that_has_moved_meanwhile_is_not_deleted(
    vault: Vault, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(vault, document("kept"))
    plan = find_plan(vault, "kept")
    hand = run.begin(vault, "delete-plan", [plan.id], [plan.name], {}, Deadline(30))
    busy(served, "DELETE", "replicationRecoveryPlans/kept$")
    moves_after_one_look(monkeypatch, plan_edit)
    with pytest.raises(RefusedError, match="has changed"):
        plan_edit.delete(hand, vault, plan, plan_edit.delete_plan(plan))
    assert find_plan(vault, "kept").id == plan.id


def test_settings_that_have_moved_meanwhile_are_not_changed(
    vault: Vault, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, size = vault.find("app-04"), {"size": "Standard_B2s"}
    shown = item_settings.plan(vault, item, size)
    hand = run.begin(vault, "settings", [item.id], [item.title], size, Deadline(30))
    count = len(ledger(served[0]))
    busy(served, "PATCH", f"replicationProtectedItems/{item.name}$")
    moves_after_one_look(monkeypatch, item_settings)
    with pytest.raises(RefusedError, match="has changed"):
        item_settings.apply(hand, vault, item, size, shown)
    assert len(ledger(served[0])) == count
