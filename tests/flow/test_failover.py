"""Failover and what follows it, through the commands: the circle, each refusal, deaths, other hosts, read-only."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.evidence.reading import record_from
from tests.flow.console_support import Bench, bench, problems
from tests.flow.support import Ran, Zygote, doubled, zygote
from tests.practice_world import set_faults

YES = ("--yes", "--json")


@pytest.fixture(scope="module")
def forked() -> Iterator[Zygote]:
    with zygote() as one:
        yield one


@pytest.fixture(scope="module")
def vault(forked: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One vault for the module; each test uses items of its own."""
    with bench(tmp_path_factory.mktemp("failover"), forked, items=60) as one:
        yield one


def record(vault: Bench, ran: Ran) -> Any:
    """The record of a run: its lines keep to their schema, and its evidence is found unaltered."""
    schema = json.loads((resources.files("assets") / "schemas" / "events.json").read_text(encoding="utf-8"))
    for event in ran.events:
        wanted = {**schema, "oneOf": [{"$ref": f"#/$defs/{event['event']}"}]}
        Draft202012Validator(wanted).validate(event)
    assert vault("evidence", "verify", ran.end["evidence"]).status == 0
    return record_from(json.loads((Path(ran.end["evidence"]) / "record.json").read_text(encoding="utf-8")))


def refused(ran: Ran, status: int, said: str) -> None:
    assert (ran.status, said in problems(ran)) == (status, True), (ran.status, problems(ran))


def test_the_full_circle_with_each_refusal_on_the_way(vault: Bench) -> None:
    before = len(vault.asked(""))
    refused(vault("commit", "app-01", "--confirm", "app-01", "--json"), 4, "It comes after a failover")
    refused(
        vault("change-point", "app-01", "--point", "latest-processed", *YES), 4, "It comes after a failover"
    )
    refused(vault("cancel", "app-01", "--confirm", "app-01", "--json"), 4, "It comes after a failover")
    refused(vault("reprotect", "app-01", *YES), 4, "after a committed failover")
    refused(vault("planned-failover", "app-01", *YES), 4, "has no planned failover")
    refused(vault("failover", "app-01", "--json"), 4, "--yes")
    refused(vault("failover", "app-01", "--point", "11111111-2222", *YES), 4, "There is no recovery point")
    refused(vault("failover", "nobody", *YES), 2, "no such protected item")
    refused(vault("failover", "app-01", "--check", "web-01=tcp:22", *YES), 2, "not in this run")
    shown = vault("failover", "app-01", "--plan-only", "--json")
    assert "(latest-processed)" in shown.events[0]["changes"][0]["detail"]
    shown = vault("failover", "app-01", "--point", "latest", "--plan-only", "--json")
    assert (shown.status, [one["event"] for one in shown.events]) == (0, ["plan"])
    notes = " ".join(shown.events[0]["notes"])
    for said in ("shut down first", "Cancelling does not undo it", "contoso-recovery-net", "not known"):
        assert said in notes
    assert len(vault.asked("")) == before

    over = vault("failover", "app-01", "--point", "latest-processed", "--check", "app-01=tcp:22", *YES)
    assert (over.status, over.end["outcome"]) == (0, "done"), problems(over)
    assert over.end["items"][0]["phase"] == "commit-pending"
    measured = next(one for one in over.events if one["event"] == "measures")
    assert measured["rto"] >= 540
    assert 0 <= measured["rpo"]["app-01"] <= 3600
    assert next(one for one in over.events if one["event"] == "machine")["power"] == "running"

    seen = record(vault, over)
    assert (seen.identity.verb, seen.identity.target, seen.cleanup.state) == (
        "failover",
        "app-01",
        "not-needed",
    )
    assert [(one.name, one.state) for one in seen.verification] == [("vm", "ok"), ("tcp:22", "ok")]
    assert seen.measures.rto.total == measured["rto"]

    refused(vault("failover", "app-01", *YES), 4, "commit or change the point")
    refused(vault("change-point", "app-01", *YES), 2, "name a point")
    changed = vault("change-point", "app-01", "--point", "latest-app-consistent", *YES)
    assert changed.status == 0, problems(changed)
    notes = changed.events[0]["notes"]
    assert [one for one in notes if "Now it runs from" in one and "UTC" in one]
    assert [one for one in notes if "written in Azure since the failover" in one]
    refused(vault("commit", "app-01", "--yes", "--json"), 4, "--confirm app-01")
    refused(vault("commit", "app-01", "--confirm", "app-02", "--json"), 4, "Every recovery point")
    committed = vault("commit", "app-01", "--confirm", "app-01", "--json")
    assert record(vault, committed).identity.verb == "commit"
    assert (committed.status, committed.end["items"][0]["phase"]) == (0, "committed"), problems(committed)
    refused(vault("commit", "app-01", "--confirm", "app-01", "--json"), 4, "is committed")
    refused(vault("cancel", "app-01", "--confirm", "app-01", "--json"), 4, "is committed")
    refused(vault("reprotect", "app-01", *YES), 4, "failback")
    refused(vault("disable", "app-01", *YES), 4, "--confirm app-01")
    assert vault("disable", "app-01", "--confirm", "app-01", "--json").status == 0
    refused(vault("commit", "app-01", "--confirm", "app-01", "--json"), 2, "no such protected item")
    assert [row["count"] for row in vault.asked("/failoverCommit")] == [1]


def test_a_source_that_does_not_answer_does_not_stop_the_failover(vault: Bench) -> None:
    ran = vault("failover", "web-04", *YES)
    assert ran.status == 0, problems(ran)
    assert [one for one in ran.events if one["event"] == "job"][-1][
        "description"
    ] == "CompletedWithInformation"
    told = [(one["code"], one["subject"]) for one in ran.end["warnings"]]
    assert told == [("source-left-on", "web-04")]
    assert "both sides" in ran.end["warnings"][0]["what"]
    assert [one.machine for one in record(vault, ran).deviations if "both sides" in one.what] == ["web-04"]


def test_cancel_says_that_replication_is_gone_for_good(vault: Bench) -> None:
    assert vault("failover", "web-01", "--no-shutdown", *YES).status == 0
    refused(vault("cancel", "web-01", "--json"), 4, "does not come back")
    cancelled = vault("cancel", "web-01", "--confirm", "web-01", "--json")
    assert (cancelled.status, cancelled.end["items"][0]["state"]) == (0, "FailoverCancelled")


def test_a_failover_that_failed_says_why_and_can_be_asked_for_again(vault: Bench) -> None:
    failure = {"taskId": "FailoverTask", "code": "28031", "message": "Quota of cores is used up."}
    set_faults(vault.world, [{"job": "UnplannedFailover", "item": "app-02", "times": 1, "jobFails": failure}])
    ran = vault("failover", "app-02", *YES)
    assert (ran.status, ran.end["outcome"]) == (1, "failed")
    assert "Quota" in problems(ran)
    assert any("Quota" in one.what for one in record(vault, ran).deviations)
    assert vault("failover", "app-02", *YES).status == 0


def test_another_console_that_acts_at_once_is_told_as_a_collision(vault: Bench) -> None:
    foreign = {"when": "after", "scenario": "UpdateMobilityService", "friendly": "Update", "seconds": 60}
    set_faults(vault.world, [{"job": "UnplannedFailover", "item": "vm-00020", "do": {"foreign": foreign}}])
    ran = vault("failover", "vm-00020", *YES)
    told = [one for one in ran.events if one["event"] == "collision"]
    assert [one["scenario"] for one in told] == ["UpdateMobilityService"]


@pytest.mark.parametrize(("line", "number"), enumerate((22, 23, 24, 25, 26, 28, 29), 1))
def test_killed_between_two_lines_it_is_taken_up_and_never_doubled(
    vault: Bench, line: int, number: int
) -> None:
    item = f"vm-{number:05d}"
    known = doubled(vault.world)
    died = vault("failover", item, *YES, line=line)
    # After its last line there is nothing left to be taken up.
    over = died.status == 0 or died.events[-1]["event"] == "end"
    ended = died if over else vault("failover", item, *YES)
    assert over or ended.status == 0, problems(ended)
    assert ended.end["items"][0]["phase"] == "commit-pending"
    measured = next(one for one in ended.events if one["event"] == "measures")
    assert measured["rto"] >= 540
    assert doubled(vault.world) == known


def test_the_clock_stands_by_azure_s_times_after_a_death(vault: Bench) -> None:
    """At this speed the new process is there half an hour after the job has ended."""
    assert vault("failover", "vm-00046", *YES, line=3).status == -signal.SIGKILL
    ended = vault("failover", "vm-00046", "--json", "--yes")
    assert ended.status == 0, problems(ended)
    seen = record(vault, ended)
    at = {one.event: datetime.fromisoformat(one.at) for one in seen.timeline}
    sent = at["failover asked of Azure"]
    [over] = [when for event, when in at.items() if event.startswith("job ") and event.endswith("ended")]
    rto = seen.measures.rto
    assert rto.platform == pytest.approx((over - sent).total_seconds(), abs=1)
    # The practice world starts the machine before its job is over.
    assert at["runs"] <= over
    assert {one.machine for one in seen.timeline if one.event in ("failover asked of Azure", "runs")} == {
        "vm-00046"
    }
    assert (rto.boot, rto.total) == (0, pytest.approx(rto.decision + rto.platform, abs=2))
    assert [one.rto for one in seen.measures.machines] == [rto.total]
    assert not [one.what for one in seen.deviations if one.kind == "at-most"]


def test_without_a_check_that_came_out_well_there_is_no_rto(vault: Bench) -> None:
    ran = vault("failover", "vm-00047", "--point", "latest-processed", "--check", "tcp:9", *YES)
    assert (ran.status, ran.end["outcome"]) == (1, "failed")
    measured = next(one for one in ran.events if one["event"] == "measures")
    assert (measured["rto"], measured["application"]) == (None, None)
    assert measured["boot"] is not None
    seen = record(vault, ran)
    assert any("checks did not come out well" in one.what for one in seen.deviations)
    [machine] = seen.measures.machines
    point, began = datetime.fromisoformat(machine.point_time), datetime.fromisoformat(machine.reference)
    assert machine.rpo == (began - point).total_seconds()


@pytest.mark.parametrize(("commit", "number"), [(1, 38), (3, 39), (5, 40), (7, 41), (9, 42), (11, 44)])
def test_killed_at_a_journal_write_it_is_taken_up_and_never_doubled(
    vault: Bench, commit: int, number: int
) -> None:
    item = f"vm-{number:05d}"
    known = doubled(vault.world)
    died = vault("failover", item, *YES, commit=commit)
    assert died.status == -signal.SIGKILL
    ended = vault("failover", item, *YES)
    assert ended.status == 0, problems(ended)
    assert doubled(vault.world) == known


def test_a_lost_state_folder_is_no_loss(vault: Bench, tmp_path: Path) -> None:
    set_faults(vault.world, [{"job": "UnplannedFailover", "item": "vm-00051", "do": {"slow": 40}}])
    assert vault("failover", "vm-00051", *YES, line=3).status == -signal.SIGKILL
    elsewhere = vault.another_host(tmp_path / "fresh")
    command = ("commit", "vm-00051", "--confirm", "vm-00051", "--json")
    # The failover that runs is followed; what has come of it is to be looked at before its name counts.
    first = elsewhere(*command)
    refused(first, 4, "now it is: commit pending")
    assert next(one["event"] for one in first.events) == "wait"
    ran = elsewhere(*command)
    assert ran.status == 0, problems(ran)
    assert ran.end["items"][0]["phase"] == "committed"


def test_a_failover_on_its_way_is_cancelled_by_name_only(vault: Bench) -> None:
    set_faults(vault.world, [{"job": "UnplannedFailover", "item": "vm-00053", "do": {"slow": 400}}])
    assert vault("failover", "vm-00053", *YES, line=3).status == -signal.SIGKILL
    refused(vault("cancel", "vm-00053", "--json"), 4, "does not come back")
    ran = vault("cancel", "vm-00053", "--confirm", "vm-00053", "--json")
    assert (ran.status, ran.end["items"][0]["state"]) == (0, "FailoverCancelled"), problems(ran)


def test_read_only_sends_nothing(vault: Bench) -> None:
    before = len(vault.asked(""))
    commands = [
        ("failover", "vm-00052", *YES),
        ("change-point", "vm-00037", "--point", "latest-processed", *YES),
        ("commit", "vm-00037", "--confirm", "vm-00037", "--json"),
        ("cancel", "vm-00037", "--confirm", "vm-00037", "--json"),
        ("disable", "vm-00052", "--confirm", "vm-00052", "--json"),
        ("plans", "delete", "contoso-web", "--confirm", "contoso-web"),
    ]
    for command in commands:
        ran = vault("--read-only", *command)
        assert ran.status == 4, (command, ran.lines)
    assert len(vault.asked("")) == before


def closed(ran: Ran) -> list[str]:
    return [one["outcome"] for one in ran.events if one["event"] == "run-closed"]


def test_a_death_before_sending_does_not_stand_in_the_way_when_somebody_else_fails_over(
    vault: Bench, tmp_path: Path
) -> None:
    count = len(vault.asked("failover"))
    assert vault("failover", "vm-00048", *YES, commit=4).status == -signal.SIGKILL
    [cut] = [one for one in vault("runs", "--json").events if one["names"] == ["vm-00048"]]
    assert (cut["underWay"], len(vault.asked("failover"))) == (True, count)
    assert vault.another_host(tmp_path / "other")("failover", "vm-00048", *YES).status == 0
    refused(vault("failover", "vm-00048", *YES), 4, "It has changed since the plan was shown")
    assert [one for one in vault("runs", "--json").events if one["names"] == ["vm-00048"]] == []
    assert vault("commit", "vm-00048", "--confirm", "vm-00048", "--json").status == 0


def test_a_run_is_let_go_by_its_name(vault: Bench, tmp_path: Path) -> None:
    assert vault("failover", "vm-00049", *YES, commit=4).status == -signal.SIGKILL
    assert vault.another_host(tmp_path / "third")("failover", "vm-00049", *YES).status == 0
    commit = ("commit", "vm-00049", "--confirm", "vm-00049", "--json")
    refused(vault(*commit), 4, "is not over")
    assert vault("runs", "let-go", "vm-00049", "--json").status == 4
    assert closed(vault("runs", "let-go", "vm-00049", "--yes", "--json")) == ["given-up"]
    assert vault(*commit).status == 0


def test_a_failover_that_nobody_followed_to_its_end_is_not_in_the_way_of_its_commit(vault: Bench) -> None:
    assert vault("failover", "vm-00033", *YES, line=4).status == -signal.SIGKILL
    command = ("commit", "vm-00033", "--confirm", "vm-00033", "--json")
    ran = vault(*command)
    if ran.status == 4:  # it still ran when its name was given: what has come of it is looked at first
        ran = vault(*command)
    assert (ran.status, closed(ran)) == (0, ["unrecorded"]), problems(ran)
    assert ran.end["items"][0]["phase"] == "committed"
