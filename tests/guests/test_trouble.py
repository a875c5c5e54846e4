"""Every problem of reaching a machine says why it may be and what would do."""

from __future__ import annotations

import socket

import pytest

from services.guests import trouble
from services.problems.model import ProblemError

PROBLEMS = [
    trouble.not_reached(ConnectionRefusedError(), "m", "10.1.0.1", 22),
    trouble.not_reached(socket.gaierror(-2, "not known"), "m", "m.example", 22),
    trouble.not_reached(OSError(113, "no route"), "m", "10.1.0.1", 22),
    trouble.silent("m", "10.1.0.1", 22),
    trouble.wrong_password("m", "root"),
    trouble.password_expired("m", "op"),
    trouble.account_locked("m", "op"),
    trouble.password_off("m", ["publickey"]),
    trouble.link_lost("m", "closed"),
    trouble.too_much("m", 1),
    trouble.no_account("m"),
]


@pytest.mark.parametrize(
    "error", PROBLEMS, ids=[f"{one.problems[0].code}-{n}" for n, one in enumerate(PROBLEMS)]
)
def test_it_has_a_cause_and_a_next_action(error: ProblemError) -> None:
    (problem,) = error.problems
    assert problem.what.endswith(".")
    assert problem.cause.endswith(".")
    assert problem.remedy.endswith(".")


def test_no_two_have_the_same_words() -> None:
    assert len({(one.problems[0].cause, one.problems[0].remedy) for one in PROBLEMS}) == len(PROBLEMS)
