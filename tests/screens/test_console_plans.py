"""The pages of recovery plans over a practice vault: a draft stays until it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from screens.console.items_page import ItemsPage
from screens.console.plan_edit_page import PlanEditPage
from screens.console.plan_rows import plan_rows
from screens.console.plans_page import PlansPage
from screens.page import Page
from screens.step.fields import TextRow
from screens.style import as_text
from services.recovery.plans import BOOT, Action, Group, RecoveryPlan
from tests.practice_world import running_world
from tests.screens.consoles import console, settled
from tests.screens.driving import Driver, driven, page, screen_text, shell, until


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("plans"), items=12, speed=600) as world:
        yield world


@driven
async def test_a_draft_is_there_again_after_help_and_after_picking(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        await _edit(pilot)
        before = _groups(pilot)
        await pilot.press("+")
        assert len(_groups(pilot)) == len(before) + 1
        await pilot.press("?", "escape")
        await _on(pilot, PlanEditPage)
        assert len(_groups(pilot)) == len(before) + 1
        assert page(pilot).heading.state == "not written yet"
        await pilot.press("b")
        await _on(pilot, PlansPage)
        await until(pilot, lambda: "not written yet" in screen_text(pilot))
        await pilot.press("b")
        await _on(pilot, ItemsPage)
        await pilot.press("end", "space")
        await _edit(pilot)
        await pilot.press("end", "i")
        picked = shell(pilot).desk.console.marked  # type: ignore[union-attr]
        assert picked <= set(_groups(pilot)[-1].items)
        await pilot.press("backspace", "backspace")
        await settled(pilot)
        assert _groups(pilot) == before
        assert page(pilot).heading.state == "as it is in Azure"


@driven
async def test_a_name_that_a_file_may_not_have_is_refused_on_the_page_too(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        await pilot.press("end", "space", "p")
        await _on(pilot, PlansPage)
        await until(pilot, lambda: "contoso-shop" in screen_text(pilot))
        await pilot.press("n")
        await _on(pilot, PlanEditPage)
        page(pilot).query_one("#field-name", TextRow).input.value = "night plan!"
        await settled(pilot)
        await pilot.press("w")
        await settled(pilot)
        assert isinstance(page(pilot), PlanEditPage)
        assert "The name 'night plan!' will not do: give letters, digits" in screen_text(pilot)
        assert getattr(pilot.app.focused, "value", "") == "night plan!"


@pytest.mark.parametrize("width", [38, 58, 78])
def test_an_action_is_told_whole(width: int) -> None:
    said = "Sign in to db-01 and/or db-02, and check that the orders of the last hour are all there."
    action = Action("Check", "manual", ("TestFailover",), ("PrimaryToRecovery",), {"description": said})
    plan = RecoveryPlan("/p", "p", "/f", "Microsoft Azure", "ResourceManager", (Group(BOOT, (), (action,)),))
    lines = [line for _place, drawn in plan_rows(plan, {}, width) for line in drawn]
    assert [line for line in lines if cell_len(as_text([line])) > width] == []
    shown = " ".join(as_text(lines).split())
    assert f"manual Check: {said} (only in a drill)".replace(" ", "") in shown.replace(" ", "")


async def _on(pilot: Driver, kind: type[Page]) -> None:
    await until(pilot, lambda: isinstance(shell(pilot).page, kind))
    await settled(pilot)


async def _edit(pilot: Driver) -> None:
    """From the items to the first recovery plan's editor."""
    await pilot.press("p")
    await _on(pilot, PlansPage)
    await until(pilot, lambda: "contoso-shop" in screen_text(pilot))
    await pilot.press("enter")
    await _on(pilot, PlanEditPage)


def _groups(pilot: Driver) -> tuple[Group, ...]:
    here = page(pilot)
    assert isinstance(here, PlanEditPage)
    return here.plan.groups
