"""RTO and RPO by arithmetic: phases that add up, None where a machine lacks its moment, no RPO below zero."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.azure.machines import Machines, MachineView
from services.operations.model import Transport
from services.recovery import (
    arrival,
    drill,
    drill_runs,
    failover,
    failover_record,
    failover_runs,
    run,
    verb_run,
)
from services.recovery.checks import Check
from services.recovery.measured import checked, doubts, lost, newer, noted, split
from services.recovery.points import PROCESSED
from services.recovery.run import Run
from services.recovery.target import item_target
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.recovery.verbs import FAILOVER
from services.world.deadline import Deadline

BEGAN = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds: float) -> str:
    return (BEGAN + timedelta(seconds=seconds)).isoformat()


def facts(**more: str) -> dict[str, Any]:
    moments = {f"at.{key.replace('_', '.')}": value for key, value in more.items()}
    return {"at.sent.failover.x": at(10), "job.failover.x": {"ended": at(600)}, **moments}


def test_the_phases_add_up_to_the_last_machine_and_its_check() -> None:
    kept = facts(running_a=at(640), running_b=at(500), checked_a=at(700))
    rto = split(kept, "failover", BEGAN, {"a": True, "b": False}, 900)
    assert (rto.decision, rto.platform, rto.boot, rto.application, rto.total) == (10, 590, 40, 60, 700)
    assert rto.met is True


def test_a_machine_that_ran_before_the_job_was_over_counts_from_its_end() -> None:
    rto = split(facts(running_b=at(500)), "failover", BEGAN, {"b": False}, None)
    assert (rto.boot, rto.total) == (0, 600)


@pytest.mark.parametrize(
    ("kept", "named"),
    [
        ({"running_a": at(640)}, {"b"}),
        ({"running_a": at(640), "running_b": at(640)}, {"b"}),
        ({}, {"a", "b"}),
    ],
)
def test_a_machine_without_its_moment_leaves_the_whole_unknown(kept: dict[str, str], named: set[str]) -> None:
    required = {"a": False, "b": True}
    rto = split(facts(**kept), "failover", BEGAN, required, None)
    assert (rto.total, rto.platform) == (None, 590)
    assert {one.machine for one in doubts(facts(**kept), required)} == named


def test_a_point_newer_than_the_decision_is_no_rpo_of_zero() -> None:
    assert lost(BEGAN, BEGAN - timedelta(seconds=300)) == 300
    assert lost(BEGAN, BEGAN) == 0
    assert lost(BEGAN, BEGAN + timedelta(seconds=1)) is None
    assert [one.machine for one in newer(BEGAN, {"a": at(1), "b": at(0), "c": ""})] == ["a"]


@pytest.fixture
def held(vault: Vault) -> Run:
    options = {"rto": 60, "rpo": 15}
    return run.begin(vault, "failover", [vault.find("app-01").id], ["app-01"], options, Deadline(60))


def test_what_azure_gives_no_time_for_is_at_most(held: Run) -> None:
    noted(held, "running.a", "")
    noted(held, "running.b", at(-86400 * 400))
    assert [(one.kind, one.machine) for one in doubts(held.facts, {})] == [("at-most", "a")]
    assert held.facts["at.running.b"] == at(-86400 * 400)


@pytest.mark.parametrize(
    ("results", "late"),
    [
        ([(30, 1)], False),
        ([(3600, 4)], False),
        ([(3600, 1)], True),
        ([(3600, 9), (3610, 1)], False),
        ([(60, 2), (3600, 1)], True),
    ],
)
def test_a_check_that_came_out_well_at_a_late_first_try_is_at_most(
    held: Run, results: list[tuple[int, int]], late: bool
) -> None:
    held.learn(**{"at.running.a": at(0)})
    told = [{"at": at(when), "tries": tries} for when, tries in results]
    checked(held, "a", told)
    assert held.facts["at.checked.a"] == max(str(one["at"]) for one in told)
    assert [one.kind for one in doubts(held.facts, {})] == (["at-most"] if late else [])


@pytest.mark.parametrize("wrong", [False, True])
def test_a_host_whose_clock_is_wrong_is_said_so_in_the_record(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, wrong: bool
) -> None:
    shown = drill.plan(vault, [vault.find("app-03")], drill.Options(cleanup=True))
    answered = Transport._answered

    def dated(self: Transport, response: Any) -> None:
        answered(self, response)
        self.headers = {**self.headers, "date": "Sat, 21 Nov 2020 12:00:00 GMT"}

    if wrong:
        monkeypatch.setattr(Transport, "_answered", dated)
    ended = drill_runs.hold(drill_runs.begin(vault, shown, Deadline(60)), shown)
    made = json.loads((ended.evidence / "record.json").read_text(encoding="utf-8"))
    assert any("s ahead of Azure's" in one["what"] for one in made["deviations"]) is wrong


def test_a_machine_that_does_not_run_has_no_boot(held: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = MachineView("/vm", "app-01", "s", "stopped", "/n", "s", "10.0.0.4", (), "", True, (), at(0))
    monkeypatch.setattr(Machines, "named", lambda *_: stopped)
    monkeypatch.setattr(arrival, "BOOT", -1.0)
    item = held.vault.find("app-01")
    assert arrival.arrived(held, item).power == "stopped"
    assert "at.running.app-01" not in held.facts
    monkeypatch.setattr(Machines, "named", lambda *_: None)
    arrival.arrived(held, item)
    assert "at.running.app-01" not in held.facts


def test_a_check_that_failed_leaves_no_moment(held: Run) -> None:
    item = held.vault.find("app-01")
    missing = arrival.Arrived("app-01", "app-01", "", "", "", "", "127.0.0.1", (), (), ())
    results = arrival.verified(held, item, missing, [Check("", "tcp", "1", within=0)])
    assert [one["state"] for one in results] == ["failed"]
    assert "at.checked.app-01" not in held.facts


def test_the_targets_of_a_failover_stand_in_its_record(held: Run) -> None:
    held.learn(before=[], providers=[])
    made = failover_record.of_run(held, "done")
    assert (made.scope.rto_target, made.scope.rpo_target) == (3600, 900)


def test_the_time_of_a_machine_is_that_of_its_power_state_else_of_its_provisioning() -> None:
    from services.azure.machines import _since

    provisioned = {"code": "ProvisioningState/succeeded", "time": "2026-11-21T12:00:00.1234567+00:00"}
    running = {"code": "PowerState/running", "time": "2026-11-21T12:05:00Z"}
    silent = {"code": "PowerState/running"}
    assert _since({"instanceView": {"statuses": [provisioned, running]}}) == "2026-11-21T12:05:00+00:00"
    assert _since({"instanceView": {"statuses": [provisioned, silent]}}) == "2026-11-21T12:00:00+00:00"
    assert _since({"instanceView": {"statuses": [silent]}}) == _since({}) == ""


def test_the_clock_of_a_failover_runs_from_when_its_plan_was_asked_for(vault: Vault) -> None:
    target = item_target(vault, "web-03")
    shown, wish = failover.plan(vault, target, PROCESSED, shutdown=False)
    asked = vault.world.clock.now() - timedelta(hours=2)
    hand = verb_run.begin(vault, FAILOVER, target, wish, {}, Deadline(60))
    hand.learn(**failover.begin_facts(target, replace(shown, begun=asked.isoformat(timespec="seconds"))))
    ended = failover_runs.hold(hand, target, manual=Manual())
    made = json.loads((ended.evidence / "record.json").read_text(encoding="utf-8"))
    rto, [machine] = made["measures"]["rto"], made["measures"]["machines"]
    assert rto["decision"] >= 7199
    assert rto["total"] >= rto["decision"] + rto["platform"]
    assert (machine["reference"], machine["rto"]) == (made["identity"]["started"], rto["total"])
    assert made["identity"]["started"] == asked.isoformat(timespec="seconds")
