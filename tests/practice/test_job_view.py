"""A job's document follows from its facts and the time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.practice import job_plans, job_store, job_view

NEVER = "0001-01-01T00:00:00"
LENGTH = sum(task.seconds for task in job_plans.ENABLE.tasks)


def job(**facts: Any) -> dict[str, Any]:
    """An enable job that started at 1000."""
    plan = job_plans.ENABLE
    return {
        "name": "j",
        "activity": "a",
        "scenario": plan.scenario,
        "friendly": plan.friendly,
        "cancellable": plan.cancellable,
        "start": 1000.0,
        "tasks": [[t.task_id, t.name, t.friendly, t.seconds] for t in plan.tasks],
        "failure": None,
        "cancelled": None,
        "target": ["id", "vm", "ProtectionEntity"],
        "affected": {},
        **facts,
    }


def shown(document: dict[str, Any], now: float) -> dict[str, Any]:
    """The properties at a time."""
    properties: dict[str, Any] = job_view.view({"id": "/subscriptions/s/x"}, document, now, True)[
        "properties"
    ]
    return properties


def states(document: dict[str, Any], now: float) -> list[str]:
    """The states of the tasks at a time."""
    return [task["state"] for task in shown(document, now)["tasks"]]


@given(st.floats(0.0, LENGTH * 1.2))
def test_one_task_after_the_other(passed: float) -> None:
    properties = shown(job(), 1000.0 + passed)
    found = [task["state"] for task in properties["tasks"]]
    assert found == sorted(found, key=["Succeeded", "InProgress", "NotStarted"].index)
    assert found.count("InProgress") == (1 if properties["state"] == "InProgress" else 0)
    for task in properties["tasks"]:
        assert (task["startTime"] == NEVER) == (task["state"] == "NotStarted")
        assert (task["endTime"] == NEVER) == (task["state"] != "Succeeded")
    assert ("endTime" in properties) == (properties["state"] == "Succeeded")


def test_a_failure_stops_at_its_task() -> None:
    failing = job(failure={"taskId": "createprotectiontarget", "code": "78007", "message": "No."})
    assert states(failing, 1000.0 + 46) == [
        "Succeeded",
        "InProgress",
        "NotStarted",
        "NotStarted",
        "NotStarted",
    ]
    assert states(failing, 1000.0 + 345) == ["Succeeded", "Failed", "NotStarted", "NotStarted", "NotStarted"]
    properties = shown(failing, 1000.0 + 345)
    assert (properties["state"], properties["allowedActions"]) == ("Failed", ["Restart"])
    assert properties["errors"] == properties["tasks"][1]["errors"]
    assert properties["errors"][0]["taskId"] == "CreateProtectionTargetTask"


def test_a_failure_without_a_task_is_at_the_last() -> None:
    assert states(job(failure={"code": "1"}), 1000.0 + LENGTH)[-1] == "Failed"


@pytest.mark.parametrize(
    ("after", "state", "second"), [(1.0, "Cancelling", "InProgress"), (31.0, "Cancelled", "Cancelled")]
)
def test_cancelling_takes_a_while(after: float, state: str, second: str) -> None:
    cancelled = job(cancelled=1100.0)
    assert shown(cancelled, 1100.0 + after)["state"] == state
    assert states(cancelled, 1100.0 + after) == [
        "Succeeded",
        second,
        "NotStarted",
        "NotStarted",
        "NotStarted",
    ]


def test_a_list_shows_less() -> None:
    row = job_view.view({"id": "/subscriptions/s/x"}, job(), 1001.0, False)["properties"]
    assert (row["tasks"], row["errors"], row["customDetails"], row["activityId"]) == ([], [], None, None)
    assert row["allowedActions"] == ["Cancel"]
    assert job_store.state(job(), 1001.0) == row["state"] == "InProgress"
