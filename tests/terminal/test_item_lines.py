"""An item as a line of `lifeboat items`: spans in a unit that fits, and what runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.recovery.item import ProtectedItem, parse_item
from tui.cli.items import item_line

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def item(rpo: int | None = None, drilled: timedelta | None = None, scenario: str = "None") -> ProtectedItem:
    about = {
        "friendlyName": "app-01",
        "protectionState": "Protected",
        "lastSuccessfulTestFailoverTime": (NOW - drilled).isoformat() if drilled is not None else "",
        "currentScenario": {"scenarioName": scenario, "jobId": "/x/jobs/7"},
        "providerSpecificDetails": {"instanceType": "InMageAzureV2", "rpoInSeconds": rpo},
    }
    return parse_item({"id": "/x", "properties": about})


@pytest.mark.parametrize(
    ("seconds", "said"), [(43, "43 s"), (134, "2 min"), (46029, "12 h"), (400000, "4 d"), (None, "-")]
)
def test_an_objective_is_told_in_a_unit_that_fits(seconds: int | None, said: str) -> None:
    assert f"  {said}  " in item_line(item(seconds), NOW)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=30), "30 h ago"),
        (timedelta(days=51), "51 d ago"),
    ],
)
def test_a_drill_of_today_is_not_zero_days_ago(ago: timedelta, said: str) -> None:
    assert f" {said} " in item_line(item(drilled=ago), NOW)
    assert " never" in item_line(item(), NOW)


def test_what_runs_is_told_in_words() -> None:
    assert item_line(item(scenario="TestFailover"), NOW).endswith("runs: Drill")
