"""What Azure's jobs say at the end: who answered what, how long a job waited for people, what was not shut down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.azure.jobs import JobView, parse_job
from services.azure.replication import Replication
from services.recovery import account, failover_record, run
from services.recovery.measured import split
from services.recovery.run import Run
from services.recovery.vault import Vault
from services.recovery.verb_run import MANUAL
from services.world.deadline import Deadline

BEGAN = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(minutes: float) -> str:
    return (BEGAN + timedelta(minutes=minutes)).isoformat()


def action(id_: str, name: str, since: float, until: float | None, comments: str) -> dict[str, Any]:
    about = {"instanceType": "ManualActionTaskDetails", "instructions": "Look.", "observation": comments}
    times = {"startTime": at(since), "endTime": at(until) if until else "0001-01-01T00:00:00"}
    state = "Succeeded" if until else "Suspended"
    return {"taskId": id_, "name": "x", "friendlyName": name, "state": state, "customDetails": about, **times}


JOBS: dict[str, dict[str, Any]] = {
    "plan-job": {
        "targetObjectName": "contoso-web",
        "tasks": [
            {
                "taskId": "group",
                "groupTaskCustomDetails": {
                    "childTasks": [
                        action("one", "Check the database", 10, 93, f"all well lifeboat-chain:7:{'a' * 64}"),
                        action("two", "Tell the users", 93, 95, ""),
                        {"taskId": "m", "customDetails": {"jobTask": {"jobId": "/x/jobs/machine-job"}}},
                    ]
                },
            }
        ],
    },
    "machine-job": {
        "targetObjectName": "web-04",
        "tasks": [
            {
                "taskId": "off",
                "name": "ShutdownVmOnPrimaryForUFO/VmShutdownVmOnPrimary",
                "friendlyName": "Shut down the virtual machine",
                "state": "Failed",
                "endTime": at(4),
                "errors": [{"serviceErrorDetails": {"code": "28003", "possibleCauses": "It is off."}}],
            }
        ],
    },
}


def view(_self: Replication, name: str) -> JobView | None:
    return parse_job({"name": name, "properties": JOBS[name]}) if name in JOBS else None


@pytest.fixture
def held(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(Replication, "job_view", view)
    hand = run.begin(vault, "failover", ["/plan"], ["contoso-web"], {}, Deadline(60))
    hand.learn(before=[], providers=[])
    return hand


def test_an_action_that_was_answered_elsewhere_stands_in_the_record_with_its_comments(held: Run) -> None:
    held.learn(**{MANUAL: [{"task": "one", "name": "Check the database", "answer": "", "at": at(10)}]})
    account.keep(held, "plan-job")
    made = failover_record.of_run(held, "done")
    assert made.notes == [
        f"Check the database: all well (waited 1 h 23 min 00 s, until {at(93)})",
        f"Tell the users: resumed without a comment (waited 2 min 00 s, until {at(95)})",
    ]
    assert [(one.at, one.phase) for one in made.timeline if "Check the database" in one.event] == [
        (at(10), "paused"),
        (at(93), "paused"),
    ]


def test_what_the_job_waited_for_people_is_no_time_of_the_platform(held: Run) -> None:
    account.keep(held, "plan-job")
    kept = {"at.sent.failover.x": at(1), "job.failover.x": {"ended": at(101)}, "at.running.a": at(101)}
    rto = split({**held.facts, **kept}, "failover", BEGAN, {"a": False}, None)
    assert (rto.paused, rto.platform, rto.total) == (85 * 60, 15 * 60, 101 * 60)
    assert split(kept, "failover", BEGAN, {"a": False}, None).paused is None


def test_a_source_that_could_not_be_shut_down_is_named_once(held: Run) -> None:
    account.keep(held, "plan-job")
    account.keep(held, "plan-job")
    (left,) = account.left_on(held.facts)
    assert (left.subject, left.cause) == ("web-04", "It is off.")
    said = [one for one in failover_record.of_run(held, "done").deviations if "both sides" in one.what]
    assert [one.machine for one in said] == ["web-04"]


def test_a_job_that_azure_no_longer_has_leaves_what_the_run_saw_itself(held: Run) -> None:
    met = {"task": "one", "name": "Check the database", "answer": "well", "at": at(10)}
    held.learn(**{MANUAL: [met]})
    account.keep(held, "gone")
    assert failover_record.of_run(held, "done").notes == [f"Check the database: well ({at(10)})"]
