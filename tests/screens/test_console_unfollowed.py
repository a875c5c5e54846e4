"""What the page of an errand says: where it is followed no longer, where a job waits, where a name is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from screens.console.ended import taken_up
from screens.console.errand import Shown
from screens.console.errand_course import Course, Phase
from screens.console.errand_view import buttons, course_lines, state_word, wrong
from screens.console.errands import answer_lines
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
    assert "Until you follow it again nobody checks, cleans up or records" in said
    assert [one.word for one in buttons(course)[0]] == ["Back", "Follow again"]


def test_leaving_while_a_drill_runs_is_told_what_waits(course: Course) -> None:
    assert course.console.leaving.startswith("Drill of app-01 is under way.")
    assert "nobody checks, cleans up or records: the machines run, and cost" in course.console.leaving
    course.phase = Phase.OVER
    assert course.console.leaving == ""


def test_a_job_that_waits_has_a_button_to_answer_it(course: Course) -> None:
    waits = {
        "job": "j",
        "name": "Check the orders",
        "instructions": "Look at the last order.",
        "answered": False,
    }
    course.console.events = [
        {"event": "job", "id": "j", "state": "Suspended", "tasks": [], "title": "Drill", "target": "shop"},
        {"event": "manual-action", **waits},
    ]
    shown, main = buttons(course)
    assert ([one.name for one in shown], main) == (["answer", "stop"], "answer")
    course.opened.add("answer")
    assert [one.word for one in buttons(course)[0]] == ["Resume", "Stop following"]


def test_a_drill_that_stands_until_its_clean_up_has_no_button_to_answer_it(course: Course) -> None:
    stands = {"event": "job", "id": "j", "state": "Suspended", "description": "WaitingForStopTestFailover"}
    met = {"event": "manual-action", "job": "j", "name": "Check", "instructions": "Look.", "answered": False}
    course.console.events = [{**stands, "description": "WaitingForManualAction"}, met]
    assert course.waits == "j"
    course.console.events = [stands, met]
    assert course.waits == ""
    assert [one.name for one in buttons(course)[0]] == ["stop"]


def test_the_plan_of_an_answer_says_what_is_said_to_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.console.job_page.waits_for", lambda _job: ["Look at the last order."])
    job: Any = SimpleNamespace()
    assert answer_lines(job, "It is there.") == [
        "It says that this is done: Look at the last order.",
        "Azure keeps: It is there.",
    ]
    assert answer_lines(job, "")[1] == "It has no comment."


def test_a_name_that_is_typed_wrong_is_said_to_be_wrong(course: Course) -> None:
    course.phase, course.shown = Phase.PLANNED, Shown(lambda _width: [], "Commit", name="web-02")
    said = {}
    for typed in ("", "web", "web-03", "web-02"):
        course.typed["name"] = typed
        said[typed] = wrong(course)
    assert said == {
        "": "Type web-02 to go on.",
        "web": "Type web-02 to go on.",
        "web-03": "'web-03' is not its name. Type web-02 to go on.",
        "web-02": "",
    }


def test_what_was_cut_off_is_not_called_unchanged(course: Course) -> None:
    course.phase = Phase.PLANNED
    assert state_word(course) == "nothing has been changed yet"
    hand: Any = SimpleNamespace(about=SimpleNamespace(declared="2026-11-21T10:00:00+00:00"))
    course.shown = taken_up(hand)
    assert state_word(course) == "begun, and not over"
