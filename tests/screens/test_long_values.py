"""Values that are longer than the room beside their caption."""

from __future__ import annotations

from pathlib import Path

from tests.screens.driving import driven, enter_step, field, fill, press, running, screen_text, settled

ID = "9d1a7a54-7a41-4f0c-8d0f-3f6a0c2b1e55"


@driven
async def test_an_id_is_shown_whole(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "network", ID)
        assert ID in screen_text(pilot)
        field(pilot, "network").entry.focus()
        await settled(pilot)
        assert ID in screen_text(pilot)


@driven
async def test_what_does_not_fit_is_marked_as_cut(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "network", "/subscriptions/" + ID + "/resourceGroups/contoso")
        field(pilot, "network").entry.focus()
        await press(pilot, "home")
        shown = screen_text(pilot)
        assert "/subscriptions/9d1a7a54" in shown
        assert "/resourceGroups/contoso" not in shown
        assert next(one for one in shown.splitlines() if "/subscriptions" in one).endswith("..")
        await press(pilot, "end")
        shown = screen_text(pilot)
        assert "/resourceGroups/contoso" in shown
        assert " .." in next(one for one in shown.splitlines() if "/contoso" in one)


@driven
async def test_a_short_value_stays_beside_its_caption(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        line = next(one for one in screen_text(pilot).splitlines() if "Network" in one)
        assert line.endswith("recovery-net")
