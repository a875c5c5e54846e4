"""Errors of push installation lead to the checks that find their cause beforehand."""

from __future__ import annotations

import pytest

from screens.problem import full
from screens.style import as_text
from services.problems.model import Problem
from services.readiness.prevented import caught_by


@pytest.mark.parametrize(
    ("code", "check"),
    [
        ("95117", "ssh-22"),
        ("95108", "sftp"),
        ("95103", "firewall-wmi"),
        ("95105", "firewall-file-sharing"),
        ("95213", "os-supported"),
    ],
)
def test_a_code_names_the_check_that_finds_its_cause(code: str, check: str) -> None:
    assert check in caught_by(code)


@pytest.mark.parametrize("code", ["78007", "AuthorizationFailed", ""])
def test_a_code_that_no_check_of_a_machine_finds_names_none(code: str) -> None:
    assert caught_by(code) == ()


def test_the_page_of_a_job_problem_says_it() -> None:
    shown = as_text(full(Problem("95103", "web-01", "WMI cannot be reached."), 76))
    assert "caught" in shown
    assert "firewall-wmi" in shown
    assert "caught" not in as_text(full(Problem("refused", "web-01", "It refuses."), 76))
