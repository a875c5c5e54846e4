"""Terminals smaller than 80x24."""

from __future__ import annotations

from pathlib import Path

from tests.screens.driving import (
    button,
    driven,
    enter_step,
    field,
    fill,
    focused,
    lines,
    press,
    running,
    screen_text,
    settled,
    shell,
    step_page,
)


@driven
async def test_at_60x15_the_step_has_the_whole_width_and_cuts_no_word(tmp_path: Path) -> None:
    async with running(tmp_path, size=(60, 15)) as pilot:
        await enter_step(pilot, "policy")
        words = " ".join(screen_text(pilot).split())
        assert "after a failover, and when you are warned that replication falls behind." in words
        assert lines(pilot)[-1] == "Tab next  Enter accept  Esc leave field, then letters act"
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c")
        assert "[ Not now ]" in screen_text(pilot)
        assert focused(pilot) is button(pilot, "later")


@driven
async def test_at_60x15_the_steps_are_shown_when_asked_for(tmp_path: Path) -> None:
    async with running(tmp_path, size=(60, 15)) as pilot:
        await enter_step(pilot, "policy")
        assert "1 Replicate" not in screen_text(pilot)
        await press(pilot, "escape", "t")
        assert "1 Replicate" in screen_text(pilot)
        await press(pilot, "escape")
        assert "1 Replicate" not in screen_text(pilot)
        assert focused(pilot) is field(pilot, "name").entry
        await press(pilot, "escape", "t", "up", "enter")
        assert step_page(pilot).step_id != "policy"


@driven
async def test_at_30x6_one_sentence_says_so_and_q_quits(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await pilot.resize_terminal(30, 6)
        await settled(pilot)
        said = " ".join(screen_text(pilot).split())
        assert said == "Too small for Lifeboat: it needs 40x10 or more. q quits."
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert focused(pilot) is field(pilot, "name").entry
        assert "Replication policy" in screen_text(pilot)
        await pilot.resize_terminal(30, 6)
        await settled(pilot)
        await pilot.press("q")
        await pilot.pause()
        assert shell(pilot).return_value == 0
