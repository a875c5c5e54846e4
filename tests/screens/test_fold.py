"""What is longer than the page says so, and is read before it is confirmed."""

from __future__ import annotations

from pathlib import Path

from tests.screens import small
from tests.screens.driving import (
    Driver,
    button,
    buttons,
    driven,
    enter_step,
    fill,
    focused,
    press,
    running,
    screen_text,
    settled,
)

LONG = tuple(f"Consequence number {number}." for number in range(1, 31))


async def planned(pilot: Driver, notes: tuple[str, ...]) -> None:
    """The plan of the policy stands on the page."""
    small.hand.notes = notes
    await enter_step(pilot, "policy")
    await fill(pilot, "name", "contoso-policy")
    await press(pilot, "escape", "c")
    await settled(pilot)


@driven
async def test_a_plan_longer_than_the_page_is_read_to_its_end_before_it_can_be_confirmed(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as pilot:
        await planned(pilot, LONG)
        assert "Consequence number 30." not in screen_text(pilot)
        assert "more lines below: PgDn" in screen_text(pilot)
        assert buttons(pilot) == ["later", "more"]
        assert focused(pilot) is button(pilot, "later")
        await press(pilot, "pagedown", "pagedown", "pagedown")
        assert "Consequence number 30." in screen_text(pilot)
        assert "lines above: PgUp" in screen_text(pilot)
        assert "below: PgDn" not in screen_text(pilot)
        assert buttons(pilot) == ["later", "do"]
        assert focused(pilot) is button(pilot, "later")
        assert small.hand.applied == []
        await press(pilot, "right", "enter")
        assert small.hand.applied == ["contoso-policy"]


@driven
async def test_reading_on_never_confirms_by_one_enter_too_many(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await planned(pilot, LONG)
        await press(pilot, "right")
        for _round in range(10):
            if buttons(pilot) != ["later", "more"]:
                break
            await press(pilot, "enter")
        assert buttons(pilot) == ["later", "do"]
        assert focused(pilot) is button(pilot, "later")
        await press(pilot, "enter")
        assert small.hand.applied == []


@driven
async def test_another_plan_is_read_anew(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await planned(pilot, LONG)
        await press(pilot, "pagedown", "pagedown", "pagedown", "enter")
        await press(pilot, "c")
        assert buttons(pilot) == ["later", "more"]


@driven
async def test_a_plan_that_is_in_sight_whole_can_be_confirmed_at_once(tmp_path: Path) -> None:
    async with running(tmp_path, size=(100, 40)) as pilot:
        await planned(pilot, LONG[:3])
        assert buttons(pilot) == ["later", "do"]
        assert "PgDn" not in screen_text(pilot)


@driven
async def test_page_keys_move_the_page_where_nothing_has_the_focus(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await planned(pilot, LONG)
        pilot.app.screen.set_focus(None)
        await press(pilot, "pagedown", "pagedown", "pagedown")
        assert "Consequence number 30." in screen_text(pilot)


@driven
async def test_help_that_goes_on_below_says_so(tmp_path: Path) -> None:
    async with running(tmp_path, size=(80, 16)) as pilot:
        await enter_step(pilot, "policy")
        await press(pilot, "f1")
        assert "more lines below: PgDn" in screen_text(pilot)
        await press(pilot, "end")
        assert "below: PgDn" not in screen_text(pilot)
        assert "lines above: PgUp" in screen_text(pilot)
