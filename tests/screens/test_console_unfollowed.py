"""An errand that is followed no longer: the page says what goes on, and how to come back."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from screens.console.errand import Shown
from screens.console.errand_course import Course, Phase
from screens.console.errand_view import buttons, course_lines, state_word
from screens.console.vault_desk import VaultDesk
from screens.style import as_text
from services.problems.model import CancelledError, Problem

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def course() -> Course:
    """A drill with its clean-up, under way."""
    desk: Any = SimpleNamespace(moved=lambda: None)
    console = VaultDesk(desk)
    errand: Any = SimpleNamespace(title="Drill of app-01")
    basis = SimpleNamespace(options=SimpleNamespace(cleanup=True))
    console.course = Course(console, errand, Phase.DOING)
    console.course.shown = Shown(lambda _width: [], "Start", basis, evidence=True)
    return console.course


def test_following_that_was_stopped_is_not_shown_as_the_end_of_the_drill(course: Course) -> None:
    course._refused(CancelledError(Problem("cancelled", "", "Stopped as asked.")))
    assert course.phase is Phase.OVER
    said = " ".join(as_text(list(course_lines(course, 78, NOW))).split())
    assert state_word(course) == "not followed; Azure goes on"
    assert said.startswith("Only the following here has ended. What Azure has accepted goes on there.")
    assert "the clean-up and the record wait until then" in said
    assert [one.word for one in buttons(course)[0]] == ["Back", "Follow again"]


def test_leaving_while_a_drill_runs_is_told_what_waits(course: Course) -> None:
    assert course.console.leaving.startswith("Drill of app-01 is under way.")
    assert "the drill's machines run, and cost" in course.console.leaving
    course.phase = Phase.OVER
    assert course.console.leaving == ""
