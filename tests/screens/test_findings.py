"""The page of findings: worst first, evidence, waivers."""

from __future__ import annotations

from pathlib import Path

from services.readiness.model import Evidence, Finding, Status
from tests.screens.driving import (
    button,
    driven,
    enter_step,
    fill,
    focused,
    lines,
    page,
    press,
    running,
    screen_text,
    shell,
    step_page,
)


async def machines(pilot: object) -> None:
    await enter_step(pilot, "machines")  # type: ignore[arg-type]
    await press(pilot, "a", *"app-01, 10.1.0.11, Linux", "enter")  # type: ignore[arg-type]
    await press(pilot, "a", *"web-01, 8.8.8.8, Windows", "enter", "c")  # type: ignore[arg-type]


@driven
async def test_the_worst_is_on_top_with_its_detail(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await machines(pilot)
        await press(pilot, "f")
        assert page(pilot).heading.state == "2 rows: 1 ok, 1 failed"
        shown = lines(pilot)
        assert shown[3].startswith("> web-01")
        assert "failed" in shown[3]
        assert "why     Replication may not work as expected." in screen_text(pilot)
        assert "saw     RFC 1918: 8.8.8.8" in screen_text(pilot)
        await press(pilot, "f")
        assert "app-01" not in screen_text(pilot)


@driven
async def test_evidence_is_shown_whole_and_harmless(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "taken")
        await press(pilot, "escape", "c", "f", "enter")
        assert "GET policies/taken" in screen_text(pilot)
        assert "200 ?[31mred?[0m" in screen_text(pilot)


@driven
async def test_a_waiver_needs_its_reason_and_unblocks_the_step(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await machines(pilot)
        await press(pilot, "f", "v")
        button(pilot, "waive").focus()
        await press(pilot, "enter")
        assert "needs a value" in screen_text(pilot)
        await press(pilot, *"internal here")
        await fill(pilot, "until", "never")
        assert "'never' is not a date; give one such as 2027-06-30" in screen_text(pilot)
        await fill(pilot, "until", "2027-06-30")
        button(pilot, "waive").focus()
        await press(pilot, "enter")
        await press(pilot, "b")
        assert "waived  web-01" in screen_text(pilot)
        assert shell(pilot).desk.view is not None
        assert step_page(pilot).view.states["machines"] == "done"
        assert focused(pilot) is button(pilot, "next")


HOSTILE = "\x1b]0;owned\x07[red]x[/red] \x9b31m \udcff " + "y" * 5_000


@driven
async def test_hostile_findings_reach_neither_table_nor_detail_nor_evidence(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await machines(pilot)
        await press(pilot, "f")
        seen = (Evidence(HOSTILE, HOSTILE * 20),)
        found = [
            Finding(f"check-{number}", HOSTILE, Status.FAILED, HOSTILE, seen, HOSTILE, HOSTILE, HOSTILE)
            for number in range(3)
        ]
        shell(pilot).desk.step("machines").findings = found
        page(pilot).draw()
        await press(pilot, "down", "up")
        for _page in range(3):
            shown = screen_text(pilot)
            assert "[red]x[/red]" in shown
            assert not [one for one in shown if one in "\x1b\x07\x9b" or "\ud800" <= one <= "\udfff"]
            await press(pilot, "enter")
