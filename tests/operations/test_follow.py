"""Watching a job: as often as the service asks, said only when something changed, to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.azure.jobs import JobView, parse_job
from services.operations.follow import FAILURES, follow
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError
from services.world.deadline import Deadline
from tests.operations.client import world


class Waits(Deadline):
    """Waits that take no time, and can be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, seconds: float) -> None:
        self.check()
        self.seconds.append(seconds)


def _job(state: str, retry_after: float | None = None) -> JobView:
    return parse_job({"name": "j", "properties": {"state": state}}, retry_after)


class Reads:
    def __init__(self, *answers: JobView | ProblemError | None) -> None:
        self.answers = list(answers)

    def __call__(self) -> JobView | None:
        answer = self.answers.pop(0)
        if isinstance(answer, ProblemError):
            raise answer
        return answer


BROKEN = ProblemError(Problem("http-503", "j", "not now"))


def test_only_changes_are_said(tmp_path: Path) -> None:
    said: list[str] = []
    going, done = _job("InProgress"), _job("Succeeded")
    reads = Reads(_job("NotStarted"), going, _job("InProgress", 5), going, done)
    last = follow(reads, world(tmp_path), Waits(), lambda view: said.append(view.state))
    assert (last, said, reads.answers) == (done, ["NotStarted", "InProgress", "Succeeded"], [])


@pytest.mark.parametrize("state", ["Succeeded", "Failed", "Cancelled"])
def test_each_end_is_an_end(tmp_path: Path, state: str) -> None:
    assert follow(Reads(_job(state)), world(tmp_path), Waits(), lambda _view: None).state == state


def test_a_job_that_waits_for_a_person_or_is_being_cancelled_goes_on(tmp_path: Path) -> None:
    reads = Reads(_job("Suspended"), _job("Cancelling"), _job("Cancelled"))
    assert follow(reads, world(tmp_path), Waits(), lambda _view: None).state == "Cancelled"


def test_a_pause_that_would_outlast_the_job_is_not_believed(tmp_path: Path) -> None:
    waits = Waits()
    reads = Reads(_job("InProgress", 864000), _job("Succeeded"))
    follow(reads, world(tmp_path), waits, lambda _view: None)
    assert waits.seconds == [300]


def test_the_service_says_when_to_look_again(tmp_path: Path) -> None:
    waits = Waits()
    reads = Reads(_job("InProgress", 17), _job("InProgress"), _job("InProgress", 0), _job("Succeeded"))
    follow(reads, world(tmp_path, speed=10), waits, lambda _view: None)
    assert waits.seconds == [17, 3, 1]


def test_a_fast_clock_does_not_make_it_hammer(tmp_path: Path) -> None:
    waits = Waits()
    follow(
        Reads(_job("InProgress"), _job("Succeeded")), world(tmp_path, speed=3600), waits, lambda _view: None
    )
    assert waits.seconds == [1]


def test_passing_failures_are_outlived(tmp_path: Path) -> None:
    reads = Reads(None, BROKEN, _job("InProgress"), *[BROKEN] * (FAILURES - 1), _job("Succeeded"))
    assert follow(reads, world(tmp_path), Waits(), lambda _view: None).state == "Succeeded"


def test_failures_that_stay_are_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        follow(Reads(*[BROKEN] * FAILURES), world(tmp_path), Waits(), lambda _view: None)
    assert caught.value is BROKEN
    with pytest.raises(ProblemError) as missing:
        follow(Reads(*[None] * FAILURES), world(tmp_path), Waits(), lambda _view: None)
    assert missing.value.problems[0].code == "job-not-found"


def test_time_and_cancelling_end_the_watch(tmp_path: Path) -> None:
    with pytest.raises(DeadlineError):
        follow(lambda: _job("InProgress", 30), world(tmp_path), Deadline(0.05), lambda _view: None)
    stopped = Deadline()
    with pytest.raises(CancelledError):
        follow(lambda: _job("InProgress", 30), world(tmp_path), stopped, lambda _view: stopped.cancel())
