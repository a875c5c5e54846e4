"""How a run is headed when it is over: what is dangerous is seen first, and what comes next is offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from screens.console.ended import failed_over_lines, is_over, word_of
from screens.console.verb_errands import following_of
from screens.style import as_text
from services.problems.model import Problem
from services.recovery.account import left_on
from services.recovery.drill_runs import Ended

FACTS: dict[str, Any] = {"not-shut-down": [{"machine": "web-04", "job": "j", "at": "", "why": "It is off."}]}
CHECK = Problem("check-failed", "web-04", "The check tcp:80 failed.")


def _read(ended: Ended) -> str:
    return " ".join(as_text(failed_over_lines(ended, 78)).split())


def test_a_source_that_was_not_shut_down_is_what_the_page_of_a_failover_says_first() -> None:
    for outcome, more in (("done", ()), ("failed", (CHECK,))):
        ended = Ended(outcome, Path("/none"), (*more, *left_on(FACTS)))
        assert word_of(ended) == "failed over; SOURCE NOT SHUT DOWN"
        said = _read(ended)
        assert said.startswith(
            "The machine is in Azure, and its source was not shut down: it may be live on both sides. web-04:"
        )
        assert "Commit when all is well" not in said
        assert "Do not commit before the source is seen to be off." in said


def test_a_failover_whose_check_failed_is_told_from_one_that_failed() -> None:
    checked = Ended("failed", Path("/none"), (CHECK,))
    assert word_of(checked) == "failed over; a check failed"
    assert _read(checked).startswith("The failover went through: the machine is in Azure.")
    failed = Ended("failed", Path("/none"), (Problem("job-failed", "web-04", "No capacity."),))
    assert (word_of(failed), is_over(checked), is_over(failed)) == ("failed", True, False)
    assert "ommit" not in _read(failed)
    done = Ended("done", Path("/none"))
    assert word_of(done) == "done"
    assert "Commit when all is well" in _read(done)


def test_what_follows_has_short_words_and_a_recovery_plan_has_no_other_point() -> None:
    def find(_vault: object) -> Any:
        raise AssertionError

    one = following_of("a-machine-with-a-very-long-name-that-nobody-can-read", find, whole=False)
    assert [word for word, _errand in one] == ["Change point", "Commit"]
    assert [word for word, _errand in following_of("shop", find, whole=True)] == ["Commit"]
