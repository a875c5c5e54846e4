"""Jobs as the service tells them, recorded and mutilated."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.azure.jobs import asked_by, parse_job, parse_time, state_word, walk

RECORDINGS = Path(__file__).parents[2] / ".." / "shared" / "recordings" / "jobs"
NAMES = [
    "CommitFailover_InMageAzureV2_succeeded",
    "EnableDr_InMageAzureV2_succeeded",
    "EnableDr_VMM-VMM_succeeded",
    "TestFailoverCleanup_VMM-VMM_succeeded",
]
NOT_STARTED = "0001-01-01T00:00:00"


def _recorded(name: str) -> dict[str, Any]:
    path = RECORDINGS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the recording {name} is not here")
    found: dict[str, Any] = json.loads(path.read_text())["response"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_recorded_jobs(name: str) -> None:
    raw = _recorded(name)
    job = parse_job(raw)
    assert (job.name, job.scenario, job.over, job.word) == (
        raw["name"],
        name.split("_")[0],
        True,
        "succeeded",
    )
    assert job.start is not None
    assert job.end is not None
    assert timedelta(0) < job.end - job.start < timedelta(hours=1)
    assert [task.name for task in job.tasks] == [task["name"] for task in raw["properties"]["tasks"]]
    for task in walk(job.tasks):
        assert task.start is None or task.start.tzinfo is UTC
        assert task.end is None or task.end.tzinfo is UTC


def test_the_tasks_of_enabling_replication() -> None:
    job = parse_job(_recorded("EnableDr_InMageAzureV2_succeeded"))
    assert (job.title, job.target) == ("Enable replication", "V2A-W2K16-201")
    assert [task.title for task in job.tasks] == [
        "Prerequisites check for enabling protection",
        "Installing Mobility Service and preparing target",
        "Enable replication",
        "Starting initial replication",
        "Updating the provider states",
    ]
    assert job.tasks[0].start == datetime(2021, 4, 6, 4, 40, 34, 659756, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (NOT_STARTED, None),
        ("0001-01-01T00:00:00Z", None),
        ("1753-01-01T01:01:01Z", None),
        ("1601-01-01T00:00:00Z", None),
        ("2021-04-06T04:40:34.6597567Z", datetime(2021, 4, 6, 4, 40, 34, 659756, tzinfo=UTC)),
        ("2021-04-06T04:41:38Z", datetime(2021, 4, 6, 4, 41, 38, tzinfo=UTC)),
        ("2021-04-06T04:41:38", datetime(2021, 4, 6, 4, 41, 38, tzinfo=UTC)),
        ("2021-04-06T06:41:38.5+02:00", datetime(2021, 4, 6, 4, 41, 38, 500000, tzinfo=UTC)),
        ("9999-12-31T23:59:59-12:00", None),
        ("", None),
        ("soon", None),
        (None, None),
        (17, None),
    ],
)
def test_times(text: object, moment: datetime | None) -> None:
    assert parse_time(text) == moment


def test_tasks_that_did_not_start_can_be_compared_with_those_that_did() -> None:
    job = parse_job(
        {
            "properties": {
                "startTime": "2026-11-21T09:00:00Z",
                "tasks": [
                    {"name": "a", "startTime": "2026-11-21T09:00:01Z", "endTime": NOT_STARTED},
                    {"name": "b", "startTime": NOT_STARTED, "state": "NotStarted"},
                ],
            }
        }
    )
    started = [task.start for task in job.tasks if task.start is not None]
    assert job.start is not None
    assert [start - job.start for start in started] == [timedelta(seconds=1)]
    assert job.tasks[1].word == "not started"


def _group(*children: dict[str, Any], kind: str = "InlineWorkflowTaskDetails") -> dict[str, Any]:
    return {"instanceType": kind, "childTasks": list(children)}


def test_the_tree_goes_through_groups_of_any_kind() -> None:
    leaf = {"name": "leaf", "customDetails": {"instanceType": "JobTaskDetails", "jobTask": {"jobId": "j2"}}}
    middle = {"name": "middle", "groupTaskCustomDetails": _group(leaf, kind="KindOfTomorrow")}
    top = {"name": "top", "groupTaskCustomDetails": _group(middle)}
    job = parse_job({"properties": {"tasks": [top]}})
    assert [task.name for task in walk(job.tasks)] == ["top", "middle", "leaf"]
    assert job.tasks[0].tasks[0].tasks[0].child_job == "j2"


def test_an_error_that_is_repeated_is_told_once() -> None:
    def error(activity: str, code: str = "95103") -> dict[str, Any]:
        return {
            "serviceErrorDetails": {
                "code": "78007",
                "message": "could not be completed",
                "activityId": activity,
            },
            "providerErrorDetails": {"errorCode": code, "errorMessage": "WMI"},
        }

    inner = {"name": "child", "errors": [error("3"), error("4", "95105")]}
    job = parse_job(
        {
            "properties": {
                "errors": [error("1")],
                "tasks": [{"name": "t", "errors": [error("2")], "groupTaskCustomDetails": _group(inner)}],
            }
        }
    )
    assert [(found.code, found.provider_code) for found in job.errors] == [
        ("78007", "95103"),
        ("78007", "95105"),
    ]
    assert job.errors[0].activity_id == "1"


@pytest.mark.parametrize(
    ("state", "description", "word"),
    [
        ("Other", "Skipped", "skipped"),
        ("Succeeded", "Completed", "succeeded"),
        ("Succeeded", "PartiallySucceeded", "partly succeeded"),
        ("Suspended", "WaitingForStopTestFailover", "waiting for clean-up"),
        ("Suspended", "", "waiting for you"),
        ("Cancelling", "InProgress", "being cancelled"),
        ("StateOfTomorrow", "", "StateOfTomorrow"),
        ("", "", "unknown"),
    ],
)
def test_words(state: str, description: str, word: str) -> None:
    assert state_word(state, description) == word


ASKED = "c0459fed-652d-481e-8547-f7bc7b75051c"


def _listed(name: str, start: str | None) -> dict[str, Any]:
    return {"name": name, "properties": {"activityId": None, "tasks": [], "startTime": start}}


def test_a_lost_request_is_found_by_its_id_without_reading_old_jobs() -> None:
    since = datetime(2026, 11, 21, 9, tzinfo=UTC)
    jobs = [
        _listed("old", "2026-11-21T08:00:00Z"),
        _listed("ours", "2026-11-21T09:00:01Z"),
        _listed("newer", "2026-11-21T09:30:00Z"),
        _listed("waiting", NOT_STARTED),
    ]
    read: list[str] = []
    asked = {
        "newer": f"x{ASKED} ActivityId: 1",
        "ours": f"{ASKED.upper()} ActivityId: f5eb6478",
        "waiting": "",
    }

    def one(name: str) -> dict[str, Any] | None:
        read.append(name)
        return {"name": name, "properties": {"activityId": asked[name]}}

    found = asked_by(jobs, one, ASKED, since)
    assert found is not None
    assert (found.name, read) == ("ours", ["waiting", "newer", "ours"])
    assert asked_by(jobs, one, ASKED[:-1], since) is None


def test_a_job_that_is_not_ours_is_read_once() -> None:
    jobs = [_listed("other", "2026-11-21T09:00:00Z"), _listed("nameless", "2026-11-21T09:00:01Z")]
    read: list[str] = []
    remembered: dict[str, str] = {}

    def one(name: str) -> dict[str, Any] | None:
        read.append(name)
        return {"name": name, "properties": {"activityId": "x ActivityId: 1" if name == "other" else None}}

    for _look in range(2):
        assert asked_by(jobs, one, ASKED, remembered=remembered) is None
    assert read == ["nameless", "other", "nameless"]


def test_a_job_that_cannot_be_read_is_no_match() -> None:
    jobs = [_listed("gone", "2026-11-21T09:00:00Z")]
    assert asked_by(jobs, lambda _name: None, ASKED) is None


def test_the_recorded_activity_id_begins_with_the_request() -> None:
    raw = _recorded("EnableDr_InMageAzureV2_succeeded")
    assert asked_by([raw], lambda _name: None, ASKED) == parse_job(raw)


KEYS = [
    "properties",
    "tasks",
    "errors",
    "state",
    "stateDescription",
    "startTime",
    "endTime",
    "groupTaskCustomDetails",
    "childTasks",
    "customDetails",
    "jobTask",
    "jobId",
    "serviceErrorDetails",
    "providerErrorDetails",
    "code",
    "errorCode",
    "allowedActions",
]
FOREIGN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([NOT_STARTED, "Failed"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=300)
@given(FOREIGN)
def test_any_shape_is_read(value: Any) -> None:
    for raw in (
        value if isinstance(value, dict) else {},
        {"properties": value},
        {"properties": {"tasks": value}},
    ):
        job = parse_job(raw)
        assert job.word
        assert all(task.word for task in walk(job.tasks))
        times = [job.start, job.end, *(time for task in walk(job.tasks) for time in (task.start, task.end))]
        assert all(time.utcoffset() == timedelta(0) for time in times if time is not None)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(NAMES), data=st.data())
def test_mutilated_recordings_are_read(name: str, data: st.DataObject) -> None:
    raw = copy.deepcopy(_recorded(name))
    for _turn in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(list(_places(raw))))
        holder[key] = data.draw(FOREIGN)
    job = parse_job(raw)
    assert len(list(walk(job.tasks))) >= len(job.tasks)
    assert len(set(job.errors)) == len(job.errors)


def test_a_tree_that_never_ends_is_cut() -> None:
    task: dict[str, Any] = {"name": "endless"}
    task["groupTaskCustomDetails"] = {"childTasks": [task]}
    count = len(list(walk(parse_job({"properties": {"tasks": [task]}}).tasks)))
    assert 1 < count < 100


def _places(value: Any) -> Any:
    """Every place in a JSON value that can be overwritten."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _places(inner)
