"""Waivers of an answers file: only of checks and machines that there are, named as they are written there."""

from __future__ import annotations

from typing import Any

import pytest

from services.scenario import waivers
from services.scenario.answers import Answers
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE

MACHINES = [
    {"name": name, "address": address, "os": "Linux"}
    for name, address in (("app-01", "10.1.0.11"), ("db-01", "10.1.0.21"))
]


def read(**row: str) -> tuple[Any, list[tuple[str, str, str]]]:
    answers = Answers(AZURE_STACK_TO_AZURE, {"machines.machines": MACHINES, "machines.csv": ""}, {})
    given = {"check": "clock-skew", "target": "app-01", "reason": "known", "by": "op", **row}
    found, problems = waivers.read([given], AZURE_STACK_TO_AZURE, answers)
    return found, [(one.subject, one.what, one.remedy) for one in problems]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (
            {"check": "clock-skw"},
            ("waiver 1: check", "There is no check 'clock-skw'.", "Did you mean 'clock-skew'?"),
        ),
        (
            {"target": "app01"},
            (
                "waiver 1: target",
                "There is no machine 'app01'.",
                "Did you mean 'app-01'? Known: app-01, db-01. Or '*' for all.",
            ),
        ),
        (
            {"target": "mail"},
            ("waiver 1: target", "There is no machine 'mail'.", "Known: app-01, db-01. Or '*' for all."),
        ),
        (
            {"check": "host-clock"},
            ("waiver 1: target", "There is no machine 'app-01'.", "Known: this host. Or '*' for all."),
        ),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest_name(
    row: dict[str, str], wrong: tuple[str, str, str]
) -> None:
    assert read(**row) == ((), [wrong])


@pytest.mark.parametrize(
    ("row", "target"),
    [
        ({}, "app-01"),
        ({"target": "APP-01"}, "app-01"),
        ({"target": "*"}, "*"),
        ({"check": "host-clock", "target": "this host"}, "this host"),
        ({"check": "vault-region", "target": "westeurope"}, "westeurope"),
    ],
)
def test_what_is_there_is_taken_as_it_is_written_there(row: dict[str, str], target: str) -> None:
    [waiver], problems = read(**row)
    assert (waiver.target, problems) == (target, [])
