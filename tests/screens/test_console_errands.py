"""The pages of drill and failover: the clock while it runs, help in the middle, notes at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screens.console import clock_line
from screens.console.drill_errands import CleanupErrand, DrillErrand
from screens.console.errand_page import ErrandPage
from screens.style import as_text
from services.recovery.notes import of_drill_to_end
from services.recovery.plans import recovery_plans
from services.recovery.running import Elapsed
from services.world.deadline import Deadline
from tests.practice_world import running_world
from tests.screens.consoles import console
from tests.screens.driving import button, buttons, driven, page, screen_text, until
from tests.screens.errands import asked, desk, errand_page, go, is_over, item, planned, record, text, typed


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("errands"), items=24, speed=1200) as world:
        yield world


@pytest.fixture
def quick_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is read more often than a person could look, as a drill takes a second here."""
    monkeypatch.setattr(clock_line, "EVERY", 0.05)


def test_the_clock_keeps_the_phase_that_runs_in_sight() -> None:
    phases = {"decision": 59.0, "platform": 3661.0, "boot": 61.9}
    found = Elapsed(phases, "boot", 3781.0, 3600.0)
    wide = clock_line.clock_line(found, 80)
    assert as_text([wide]) == "Clock 1:03:01 of 1:00:00  decision 0:59  platform 1:01:01  boot 1:01"
    assert [cell.style for cell in wide] == ["bad", "", "", "accent"]
    assert as_text([clock_line.clock_line(found, 40)]) == "Clock 1:03:01 of 1:00:00  boot 1:01"
    early = replace(found, target=None)
    assert as_text([clock_line.clock_line(early, 12)]) == "Clock 1:03:01"


@pytest.mark.usefixtures("quick_clock")
@driven
async def test_a_drill_has_a_clock_outlives_the_help_and_takes_notes_when_it_is_over(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        one = item(pilot, "app-01")
        await planned(pilot, DrillErrand((one,)), cleanup="no")
        await go(pilot, "do")
        span = r"\d+:\d\d(:\d\d)?"
        clock = re.compile(rf"Clock {span}  decision {span}  platform {span}")
        await until(pilot, lambda: clock.search(screen_text(pilot)))
        await pilot.press("f1")
        await until(pilot, lambda: not isinstance(page(pilot), ErrandPage))
        await pilot.press("escape")
        await until(pilot, lambda: is_over(pilot), 60)
        assert asked(served, one.name, "/testFailover") == 1
        before = record(tmp_path, "app-01")
        assert before[1].notes == []

        assert buttons(pilot) == ["back", "next 0"]
        await typed(pilot, "notes", "The login page came up.")
        assert buttons(pilot) == ["back", "notes"]
        await go(pilot, "notes")
        await until(pilot, lambda: "The notes stand in a newer record." in text(pilot))
        folder, now = record(tmp_path, "app-01")
        assert (now.notes, folder == before[0]) == (["The login page came up."], False)
        assert replace(now, notes=[]) == before[1]
        assert "Keep the notes" not in text(pilot)

        await go(pilot, "next 0")
        await until(pilot, lambda: isinstance(errand_page(pilot).errand, CleanupErrand))
        await until(pilot, lambda: "Notes The login page came up." in text(pilot))
        await until(pilot, lambda: getattr(pilot.app.focused, "takes_text", False))
        await pilot.press("end", *" Fast.", "f1")
        await until(pilot, lambda: not isinstance(page(pilot), ErrandPage))
        await pilot.press("escape")
        await until(pilot, lambda: "Notes The login page came up. Fast." in text(pilot))
        await go(pilot, "plan")
        await until(pilot, lambda: "[ Clean up ]" in text(pilot))
        await go(pilot, "do")
        await until(pilot, lambda: is_over(pilot), 60)
        cleaned = record(tmp_path, "app-01")[1]
        assert (cleaned.notes, cleaned.cleanup.state) == (["The login page came up."], "done")
        assert cleaned.cleanup.comments.startswith("The login page came up. Fast.")
        # A drill that this journal does not know is not given the notes of one that is over.
        vault = desk(pilot).vault
        assert vault is not None
        assert of_drill_to_end(vault, [one.id], Deadline()) == ""


@driven
async def test_a_job_that_waits_for_a_person_is_answered_on_the_page_that_follows_it(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        vault = desk(pilot).vault
        assert vault is not None
        plan = next(one for one in recovery_plans(vault) if one.name == "contoso-shop")
        await planned(pilot, DrillErrand((), plan.name), network="new")
        await go(pilot, "do")
        await until(pilot, lambda: "When it is done: g" in text(pilot), 60)
        await until(pilot, lambda: "g resume" in text(pilot))
        await pilot.press("g")
        await typed(pilot, "comments", "The orders are there.")
        await until(pilot, lambda: getattr(pilot.app.focused, "takes_text", False))
        await pilot.press("escape")
        await until(pilot, lambda: button(pilot, "stop").has_focus)
        await go(pilot, "resume")
        await until(pilot, lambda: is_over(pilot), 60)
        anchors = record(tmp_path, "contoso-shop")[1].anchors
        assert any(one.text.startswith("The orders are there. lifeboat-chain:") for one in anchors)
        assert asked(served, "/resume") == 1
