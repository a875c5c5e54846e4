"""What is said where Azure does not let one thing be read: which, and why; and what goes on without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.journal.operations import operations
from services.problems.model import ProblemError
from services.recovery import item_settings, plan_drill, verb_run
from services.recovery.drill_plan import Options
from services.recovery.target import plan_target
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.world.deadline import Deadline
from tests.practice_world import set_faults

Served = tuple[dict[str, Any], Path]


@contextmanager
def unreadable(served: Served, path: str) -> Iterator[None]:
    """While the block lasts, what is read below a path is refused."""
    forbidden = {"status": 403, "code": "AuthorizationFailed", "message": "No right to read it."}
    set_faults(served[0], [{"id": "no", "method": "GET", "path": path, "times": 99, "do": forbidden}])
    try:
        yield
    finally:
        set_faults(served[0], [])


def test_an_item_that_can_not_be_read_is_named(vault: Vault, served: Served) -> None:
    item = vault.find("app-01")
    with unreadable(served, f"{item.name}(/recoveryPoints)?$"):
        for read in (vault.again, vault.points, lambda one: item_settings.details(vault, one)):
            with pytest.raises(ProblemError, match="app-01: No right to read it"):
                read(item)


def test_the_drill_of_a_plan_says_at_its_start_which_machine_can_not_be_read(
    vault: Vault, served: Served
) -> None:
    target = plan_target(vault, "contoso-web")
    shown = plan_drill.plan(vault, target, Options(network="drill-net"))
    hand = plan_drill.begin(vault, target, shown, Deadline(120))
    bad = target.items[1]
    with (
        unreadable(served, f"{bad.name}$"),
        pytest.raises(ProblemError, match=f"{bad.title}: No right to read it"),
    ):
        plan_drill.hold(hand, target, shown, manual=Manual())
    assert operations(vault.journal) == []


def test_the_drill_of_a_plan_goes_on_without_the_machine_that_can_not_be_read_any_more(
    vault: Vault, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = plan_target(vault, "contoso-web")
    shown = plan_drill.plan(vault, target, Options(network="drill-net"))
    hand = plan_drill.begin(vault, target, shown, Deadline(120))
    bad, good = target.items
    perform, later = verb_run.perform, ExitStack()

    def performed(*given: Any, **named: Any) -> Any:
        view = perform(*given, **named)
        later.enter_context(unreadable(served, f"{bad.name}$"))
        return view

    monkeypatch.setattr(verb_run, "perform", performed)
    with later:
        ended = plan_drill.hold(hand, target, shown, manual=Manual())
    assert ended.outcome == "failed"
    assert [(one.subject, one.what) for one in ended.problems] == [(bad.title, "No right to read it.")]
    assert f"machine.{good.title}" in hand.facts
