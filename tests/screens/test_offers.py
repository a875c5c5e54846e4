"""Lists that Azure offers for a field, and what a step that is done has left behind."""

from __future__ import annotations

from pathlib import Path

from tests.screens.driving import (
    driven,
    enter_step,
    field,
    help_line,
    lines,
    press,
    running,
    screen_text,
    settled,
    told,
)


@driven
async def test_a_field_with_a_list_says_its_key_and_letters_open_it_after_esc(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        field(pilot, "network").entry.focus()
        await settled(pilot)
        assert help_line(pilot).endswith("F2 lists them.")
        await press(pilot, "escape")
        assert "o options" in lines(pilot)[-1]
        await press(pilot, "o")
        assert "other-net" in screen_text(pilot)


@driven
async def test_a_step_that_is_done_says_what_it_has_left_behind(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "last")
        assert "app-01 is protected." not in told(pilot)
        await press(pilot, "c")
        assert "app-01 is protected." in told(pilot)
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "last")
        assert "app-01 is protected." in told(pilot)


@driven
async def test_the_rail_says_the_state_of_every_step_by_its_title_in_the_words_of_the_engine(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "last")
        await press(pilot, "c")
        rail = [line.partition("\u2502")[0].split() for line in lines(pilot)]
        assert ["Policy", "open"] in rail
        assert [">", "The", "end", "done"] in rail
        assert ["Before", "open"] in rail
