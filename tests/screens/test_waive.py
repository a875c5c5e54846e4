"""A waiver: reason, by whom, until when; a wrong date is said at its own field."""

from __future__ import annotations

import asyncio
from pathlib import Path

from screens.waive import WaivePage
from services.readiness.model import Finding, Status
from tests.screens import small
from tests.screens.driving import button, enter_step, field, fill, help_line, page, running, settled
from tests.screens.driving import step_page as step_page_of

WRONG = "Until: 'soon' is not a date; give one such as 2027-06-30"


def test_a_wrong_date_is_said_at_the_date_and_not_at_the_other_fields(tmp_path: Path) -> None:
    async def walk() -> None:
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
            assert button(pilot, "waive").disabled
            field(pilot, "reason").entry.focus()
            await settled(pilot)
            assert help_line(pilot).startswith("Why this may stay")
            field(pilot, "until").entry.focus()
            await settled(pilot)
            assert help_line(pilot) == WRONG

    asyncio.run(walk())
