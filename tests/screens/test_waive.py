"""A waiver: reason, by whom, until when; a wrong date is said at its own field."""

from __future__ import annotations

from pathlib import Path

from screens.waive import WaivePage
from services.readiness.model import Finding, Status
from tests.screens import small
from tests.screens.driving import (
    Driver,
    button,
    driven,
    enter_step,
    field,
    fill,
    focused,
    help_line,
    page,
    press,
    running,
    screen_text,
    settled,
    shell,
)
from tests.screens.driving import step_page as step_page_of

WRONG = "Until: 'soon' is not a date; give one such as 2027-06-30"


@driven
async def test_a_wrong_date_is_said_at_the_date_and_not_at_the_other_fields(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "machines")
        here = step_page_of(pilot)
        found = Finding("private-address", "app-01", Status.FAILED, "The address is public.")
        here.post_message(here.Go(lambda: WaivePage(here.desk, small.SMALL.step("machines"), found)))
        await settled(pilot)
        assert isinstance(page(pilot), WaivePage)
        await fill(pilot, "reason", "our own range")
        await fill(pilot, "until", "soon")
        assert help_line(pilot) == WRONG
        field(pilot, "reason").entry.focus()
        await settled(pilot)
        assert help_line(pilot).startswith("Why this may stay")
        field(pilot, "until").entry.focus()
        await settled(pilot)
        assert help_line(pilot) == WRONG


async def opened(pilot: Driver) -> None:
    """The page of a waiver, over a step."""
    await enter_step(pilot, "machines")
    here = step_page_of(pilot)
    found = Finding("private-address", "app-01", Status.FAILED, "The address is public.")
    here.post_message(here.Go(lambda: WaivePage(here.desk, small.SMALL.step("machines"), found)))
    await settled(pilot)


def today(pilot: Driver) -> str:
    """The day in the world of the program."""
    desk = shell(pilot).desk
    assert desk.book is not None
    return desk.book.world.clock.now().date().isoformat()


def waivers(pilot: Driver) -> list[str]:
    """The dates until which something is waived, as the journal holds them."""
    desk = shell(pilot).desk
    assert desk.book is not None
    assert desk.view is not None
    return [row.until for row in desk.book.journal.waivers(desk.view.engagement.id)]


@driven
async def test_a_date_that_is_over_is_refused_where_it_stands_and_nothing_is_lost(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await opened(pilot)
        await fill(pilot, "reason", "our own range")
        await fill(pilot, "until", "2020-01-01")
        button(pilot, "waive").focus()
        await press(pilot, "enter")
        assert isinstance(page(pilot), WaivePage)
        assert focused(pilot) is field(pilot, "until").entry
        assert help_line(pilot) == f"Until: 2020-01-01 is over: today is {today(pilot)}"
        assert field(pilot, "reason").value == "our own range"
        await fill(pilot, "until", today(pilot))
        button(pilot, "waive").focus()
        await press(pilot, "enter")
        assert waivers(pilot) == [today(pilot)]


@driven
async def test_a_reason_that_is_missing_is_said_when_it_is_left_and_when_it_is_asked_for(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as pilot:
        await opened(pilot)
        assert "needs a value" not in screen_text(pilot)
        await press(pilot, "enter")
        assert focused(pilot) is field(pilot, "by").entry
        assert "Reason: needs a value" in screen_text(pilot)
        button(pilot, "waive").focus()
        await press(pilot, "enter")
        assert focused(pilot) is field(pilot, "reason").entry
        assert help_line(pilot) == "Reason: needs a value"
        assert waivers(pilot) == []
