"""A recovery plan of three groups with a manual action: drilled, failed over, committed; and waited for."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.console_support import Bench, bench, problems
from tests.flow.support import Ran, Zygote, doubled, zygote
from tests.practice_world import set_faults
from tui.cli.failover_lines import say

YES = ("--yes", "--json")
ANSWER = ("--answer-manual", "the database is well")


@pytest.fixture(scope="module")
def forked() -> Iterator[Zygote]:
    with zygote() as one:
        yield one


@pytest.fixture
def vault(forked: Zygote, tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path, forked) as one:
        yield one


def said(ran: Ran, kind: str) -> list[dict[str, Any]]:
    return [one for one in ran.events if one["event"] == kind]


def test_three_groups_are_drilled_cleaned_up_failed_over_and_committed(vault: Bench) -> None:
    drilled = vault("drill", "--plan", "contoso-shop", "--network", "drill-net", "--cleanup", *ANSWER, *YES)
    assert (drilled.status, drilled.end["outcome"]) == (0, "done"), problems(drilled)
    waits = said(drilled, "manual-action")
    assert [(one["name"], one["answered"]) for one in waits] == [("Check the database", True)]
    assert "orders database" in waits[0]["instructions"]
    record = json.loads((Path(drilled.end["evidence"]) / "record.json").read_text(encoding="utf-8"))
    assert (record["identity"]["target"], record["identity"]["target_kind"]) == (
        "contoso-shop",
        "recovery plan",
    )
    assert record["cleanup"]["state"] == "done"
    assert [one["where"] for one in record["anchors"]] == [
        "observation of the manual action Check the database",
        "comments of the clean-up's job",
    ]
    assert vault("evidence", "verify", drilled.end["evidence"]).status == 0

    over = vault("failover", "--plan", "contoso-shop", *ANSWER, *YES)
    assert over.status == 0, problems(over)
    record = json.loads((Path(over.end["evidence"]) / "record.json").read_text(encoding="utf-8"))
    [anchor] = record["anchors"]
    assert anchor["text"].startswith("the database is well lifeboat-chain:")
    assert {one["phase"] for one in over.end["items"]} == {"commit-pending"}
    assert len(said(over, "machine")) == len(over.end["items"]) == 4
    again = vault("failover", "--plan", "contoso-shop", *ANSWER, *YES)
    assert (again.status, "commit or change the point" in problems(again)) == (4, True)
    untyped = vault("commit", "--plan", "contoso-shop", "--json")
    assert (untyped.status, "--confirm contoso-shop" in problems(untyped)) == (4, True)
    done = vault("commit", "--plan", "contoso-shop", "--confirm", "contoso-shop", "--json")
    assert (done.status, {one["phase"] for one in done.end["items"]}) == (0, {"committed"}), problems(done)
    back = vault("reprotect", "--plan", "contoso-shop", *YES)
    assert (back.status, "failback" in problems(back)) == (4, True)
    assert [row for row in vault.asked("contoso-shop") if row["count"] > 1] == []


def test_a_manual_action_without_an_answer_is_waited_for_and_resumed_elsewhere(vault: Bench) -> None:
    waits = vault("failover", "--plan", "contoso-shop", *YES, "--timeout", "6")
    assert (waits.status, waits.end["outcome"]) == (5, "running")
    action = said(waits, "manual-action")[-1]
    assert (action["answered"], action["job"] in action["resume"]) == (False, True)
    held = vault("failover", "db-01", *YES)
    assert held.status == 4
    assert vault("jobs", "resume", action["job"], "--comments", "seen", "--yes", "--json").status == 0
    ended = vault("failover", "--plan", "contoso-shop", *YES)
    assert ended.status == 0, problems(ended)
    assert ended.events[0]["event"] == "going-on"
    assert {one["phase"] for one in ended.end["items"]} == {"commit-pending"}
    assert doubled(vault.world) == []
    record = json.loads((Path(ended.end["evidence"]) / "record.json").read_text(encoding="utf-8"))
    [anchor] = record["anchors"]  # read back from Azure
    assert anchor["text"].startswith("seen lifeboat-chain:")


def test_a_person_is_told_that_the_waiting_command_is_in_the_way_of_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = {"event": "manual-action", "name": "Check", "instructions": "Look.", "answered": False}
    say({**told, "resume": "lifeboat jobs resume J --comments TEXT --yes"})
    before, found, _after = capsys.readouterr().out.partition("lifeboat jobs resume J")
    assert found
    assert "Ctrl+C, which stops nothing in Azure" in before


def test_killed_between_lines_a_plan_is_taken_up_and_never_doubled(vault: Bench) -> None:
    line, deaths = 1, 0
    while (
        ran := vault("failover", "--plan", "contoso-shop", *ANSWER, *YES, line=line)
    ).status == -signal.SIGKILL:
        deaths += 1
        # Each life is a line longer, so that the run dies in another place.
        line += 1
        if ran.events[-1]["event"] == "end":
            break
    assert deaths > 2
    assert ran.events[-1]["event"] == "end", problems(ran)
    assert vault("commit", "--plan", "contoso-shop", "--confirm", "contoso-shop", "--json").status == 0
    assert doubled(vault.world) == []


def test_a_machine_of_the_plan_that_fails_is_named_and_the_others_go_on(vault: Bench) -> None:
    failure = {"taskId": "FailoverTask", "code": "28031", "message": "Quota."}
    set_faults(vault.world, [{"job": "UnplannedFailover", "item": "app-02", "jobFails": failure}])
    ran = vault("failover", "--plan", "contoso-shop", *ANSWER, *YES)
    assert (ran.status, ran.end["outcome"]) == (1, "failed")
    assert [one["subject"] for one in said(ran, "problem")] == ["app-02"]
    assert sum(one["phase"] == "commit-pending" for one in ran.end["items"]) == 3


def test_a_missing_machine_is_refused_before_anything_is_sent(vault: Bench) -> None:
    assert vault("disable", "app-02", "--confirm", "app-02", "--json").status == 0
    before = len(vault.asked(""))
    for command in (("failover", "--plan", "contoso-shop"), ("drill", "--plan", "contoso-shop")):
        ran = vault(*command, *YES)
        assert (ran.status, "not protected any more" in problems(ran)) == (4, True), problems(ran)
    point = vault("failover", "--plan", "contoso-web", "--point", "1234", *YES)
    assert (point.status, "a kind of point" in problems(point)) == (2, True)
    assert len(vault.asked("")) == before


def test_a_plan_is_cleaned_up_from_a_host_with_an_empty_journal(vault: Bench, tmp_path: Path) -> None:
    held = vault("drill", "--plan", "contoso-shop", "--network", "drill-net", *ANSWER, *YES)
    assert held.status == 0, problems(held)
    ran = vault.another_host(tmp_path / "fresh")("cleanup", "--plan", "contoso-shop", *YES)
    assert (ran.status, ran.end["outcome"]) == (0, "done"), problems(ran)
    assert {one["phase"] for one in ran.end["items"]} == {"protected"}


def test_plans_go_out_and_in_as_json(vault: Bench, tmp_path: Path) -> None:
    out = tmp_path / "shop.json"
    assert vault("plans", "export", "contoso-shop", str(out)).status == 0
    document = json.loads(out.read_text(encoding="utf-8"))
    document["name"] = "copy"
    out.write_text(json.dumps(document), encoding="utf-8")
    assert vault("--read-only", "plans", "apply", str(out), "--yes").status == 4
    assert vault.asked("/replicationrecoveryplans/copy") == []
    assert vault("plans", "apply", str(out), *YES).status == 0
    again = vault("plans", "apply", str(out), *YES)
    assert (again.status, again.events[0]["changes"]) == (0, [])
    assert vault("plans", "delete", "copy").status == 4
    assert vault("plans", "delete", "copy", "--confirm", "copy").status == 0
