"""A problem in full names its request and its raw text, or says that there is none."""

from __future__ import annotations

from screens.problem import full
from screens.style import as_text
from services.problems.model import Problem


def said(problem: Problem) -> list[str]:
    return [" ".join(line.split()) for line in as_text(full(problem, 80)).splitlines()]


def test_what_a_problem_has_not_is_said() -> None:
    lines = said(Problem("c", "vault", "It failed.", cause="It is full."))
    assert "why It is full." in lines
    assert "request none" in lines
    assert "raw none" in lines


def test_what_a_problem_has_is_there() -> None:
    lines = said(Problem("c", "vault", "It failed.", request_id="4711", raw="<html>"))
    assert "request 4711" in lines
    assert not [line for line in lines if line.startswith("raw")]
