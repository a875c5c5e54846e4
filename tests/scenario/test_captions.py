"""What a person reads of steps and fields: short titles, captions in place of ids, help that fits two lines."""

from __future__ import annotations

import textwrap

from screens.frame import HELP_HEIGHT
from screens.step.rail import WIDTH, WORD
from services.problems.model import Problem
from services.scenario.answers import Answers
from services.scenario.model import Kind
from services.scenario.registry import scenario
from services.scenario.validate import with_captions

SCENARIO = scenario("azure-stack-to-azure")


def test_a_field_is_named_by_its_caption_and_anything_else_as_it_is() -> None:
    answers = Answers(SCENARIO, {}, {})
    problems = (Problem("secret-missing", "sign-in.secret", "is empty"), Problem("x", "app-01", "is off"))
    said = with_captions(problems, answers)
    assert [one.sentence() for one in said] == ["Client secret: is empty", "app-01: is off"]
    assert problems[0].subject == "sign-in.secret"


def test_every_title_of_the_list_of_steps_is_whole_and_its_own() -> None:
    shown = [step.short or step.title for step in SCENARIO.steps]
    room = WIDTH - len("> ") - len("  ") - len(" ") - WORD - len(" ")  # mark, indent, gap, state, scroll bar
    assert [title for title in shown if len(title) > room] == []
    assert len(set(shown)) == len(shown)


def test_the_help_of_a_choice_fits_and_the_notice_says_what_is_asked() -> None:
    (keys,) = [one for one in SCENARIO.step("readiness").fields if one.key == "host-keys"]
    assert len(textwrap.wrap(keys.help, 80)) <= HELP_HEIGHT
    (notice,) = [one for one in SCENARIO.step("welcome-support").fields if one.kind is Kind.ACCEPTANCE]
    assert notice.caption == "Date of the notice"
    assert "that you have read" in notice.help
