"""A problem on one line reads as sentences."""

from __future__ import annotations

import pytest

from services.problems.model import Problem


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (
            Problem("c", "1234", "there is no such job", remedy="List them: lifeboat jobs"),
            "1234: there is no such job. List them: lifeboat jobs",
        ),
        (Problem("c", "", "It failed.", cause="No right", remedy="Ask."), "It failed. No right. Ask."),
        (Problem("c", "app-01", "no such item"), "app-01: no such item"),
    ],
)
def test_each_part_that_another_follows_ends_as_a_sentence(problem: Problem, said: str) -> None:
    assert problem.sentence() == said
