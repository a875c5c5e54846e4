"""A recovery plan that waits for a person is resumed from its job's page; Azure keeps the answer and the anchor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.evidence.anchor import anchored
from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import DeadlineError
from services.recovery import plan_drill
from services.recovery.drill import Options
from services.recovery.target import plan_target
from services.recovery.verb_run import Manual
from services.scenario.existing_vault import open_vault
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.practice_world import running_world
from tests.screens.consoles import console, settled
from tests.screens.driving import Driver, driven, help_line, page, screen_text, shell, until


@driven
async def test_the_answer_to_a_manual_action_is_kept_by_azure_with_the_anchor(tmp_path: Path) -> None:
    with running_world(tmp_path / "world", items=12, speed=3600) as world:
        _drill_that_waits(world, tmp_path)
        async with console(world, tmp_path) as pilot:
            desk = shell(pilot).desk.console
            assert desk is not None
            await pilot.press("j")
            await until(pilot, lambda: "Waits for you: Sign in to db-01" in screen_text(pilot))
            await pilot.press("enter", "g")
            await until(pilot, lambda: "Comments" in screen_text(pilot))
            await settled(pilot)
            assert "It waits for this: Sign in to db-01" in help_line(pilot)
            await pilot.press(*"orders-are-there")
            await _push(pilot, "plan")
            await until(pilot, lambda: "change job Test failover" in screen_text(pilot))
            await _push(pilot, "do")
            await until(pilot, lambda: page(pilot).heading.state == "done")
            assert desk.vault is not None
            drills = [one for one in desk.vault.jobs() if one.title == "Test failover"]
            ours = next(one.name for one in drills if one.target == "contoso-shop")
            kept = json.dumps(desk.vault.reads.job(ours))
            assert "orders-are-there" in kept
            assert anchored(kept) is not None


async def _push(pilot: Driver, name: str) -> None:
    while getattr(getattr(shell(pilot).focused, "button", None), "name", "") != name:
        await pilot.press("tab")
        await settled(pilot)
    await pilot.press("enter")


def _drill_that_waits(described: dict[str, object], state: Path) -> None:
    """A drill of a recovery plan by a program that was stopped while the plan waited for a person."""
    world = practice_world(described, state)
    journal = Journal.open(state, world.id, Actor.here())
    try:
        vault = open_vault(world, journal, None, Deadline(60), lambda _event: None)
        target = plan_target(vault, "contoso-shop")
        shown = plan_drill.plan(vault, target, Options(network="drill-net"))
        with pytest.raises(DeadlineError):
            plan_drill.hold(
                plan_drill.begin(vault, target, shown, Deadline(2.0)), target, shown, manual=Manual()
            )
    finally:
        journal.close()
