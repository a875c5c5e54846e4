"""Forms of the console that are longer than the screen: each field is in sight when it has the focus."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from screens.console.drill_errands import DrillErrand
from screens.console.errand import Errand
from screens.console.errand_page import ErrandPage, Phase
from screens.console.errands import SettingsErrand
from screens.page import Page
from screens.step.buttons import Push
from screens.step.fields import FieldRow, TextRow
from services.recovery.item import ProtectedItem
from tests.practice_world import running_world
from tests.screens.consoles import console, settled
from tests.screens.driving import Driver, button, driven, lines, page, shell, until


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("forms"), items=12, speed=600) as world:
        yield world


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (44, 12)])
@pytest.mark.parametrize("kind", [SettingsErrand, DrillErrand])
@driven
async def test_every_field_is_in_sight_when_it_has_the_focus(
    served: dict[str, Any], tmp_path: Path, kind: type, size: tuple[int, int]
) -> None:
    def make(item: ProtectedItem) -> Errand:
        return SettingsErrand(item) if kind is SettingsErrand else DrillErrand((item,))

    async with _form(served, tmp_path, make, size) as (pilot, here):
        asked = [row.item.key for row in here.query("#fields FieldRow").results(FieldRow)]
        met = []
        while not isinstance(shell(pilot).focused, Push):
            focused = shell(pilot).focused
            assert focused is not None
            row = next(node for node in focused.ancestors if isinstance(node, FieldRow))
            met.append(row.item.key)
            assert any(line.startswith(f"> {row.item.caption}") for line in lines(pilot)), row.item.key
            await pilot.press("tab")
            await settled(pilot)
        assert met == asked


@driven
async def test_what_was_typed_at_both_ends_of_a_form_is_kept(served: dict[str, Any], tmp_path: Path) -> None:
    async with _form(served, tmp_path, SettingsErrand, (60, 20)) as (pilot, here):
        rows = list(here.query("#fields TextRow").results(TextRow))
        for row, said in ((rows[0], "first"), (rows[-1], "10.0.0.4")):
            row.input.focus()
            await pilot.pause()
            row.input.value = said
        while getattr(getattr(shell(pilot).focused, "button", None), "name", "") != "plan":
            await pilot.press("tab")
            await settled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "web-03 -> first" in " ".join(lines(pilot)))
        assert "10.0.0.4" in " ".join(lines(pilot))


@asynccontextmanager
async def _form(
    served: dict[str, Any], state: Path, make: Any, size: tuple[int, int]
) -> AsyncIterator[tuple[Driver, ErrandPage]]:
    """The form of an errand over web-03, at a size, with the focus in its first field."""
    async with console(served, state) as pilot:
        await pilot.resize_terminal(*size)
        desk = shell(pilot).desk.console
        assert desk is not None
        assert desk.seen is not None
        item = next(one for one in desk.seen.items.values() if one.title == "web-03")
        shell(pilot).post_message(Page.Go(lambda: ErrandPage(desk, make(item))))
        await until(pilot, lambda: isinstance(shell(pilot).page, ErrandPage))
        here = page(pilot)
        assert isinstance(here, ErrandPage)
        await until(pilot, lambda: here.phase == "asking")
        await settled(pilot)
        yield pilot, here


@driven
async def test_enter_through_a_form_ends_on_its_plan_and_a_refusal_leads_back_to_what_was_typed(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with _form(served, tmp_path, lambda item: DrillErrand((item,)), (80, 24)) as (pilot, here):
        row = here.query_one("#field-rto", TextRow)
        row.input.value = "soon"
        row.input.focus()
        await settled(pilot)
        while not isinstance(shell(pilot).focused, Push):
            await pilot.press("enter")
            await settled(pilot)
        assert _focused_button(pilot) == "plan"
        await pilot.press("enter")
        await until(pilot, lambda: "no number of minutes" in " ".join(lines(pilot)))
        await settled(pilot)
        assert (here.phase, _focused_button(pilot)) == ("refused", "back")
        await pilot.press("left", "right", "right")
        assert _focused_button(pilot) == "back"
        await pilot.press("enter")
        await settled(pilot)
        assert (page(pilot), here.phase, row.input.value) == (here, "asking", "soon")
        assert not isinstance(shell(pilot).focused, Push)


@driven
async def test_an_enter_too_much_while_the_plan_is_made_loses_nothing(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with _form(served, tmp_path, SettingsErrand, (80, 24)) as (pilot, here):
        button(pilot, "plan").focus()
        await settled(pilot)
        here.course._enter(Phase.PLANNING)
        await settled(pilot)
        await pilot.press("enter", "enter")
        await settled(pilot)
        assert page(pilot) is here
        assert not here.course.left


def _focused_button(pilot: Driver) -> str:
    focused = shell(pilot).focused
    return focused.button.name if isinstance(focused, Push) else ""
