"""Events of a run as a person reads them."""

from __future__ import annotations

from typing import Any

import pytest

from screens.jobs import word
from tests.screens.small import job
from tui.cli import failover_lines
from tui.cli.event_lines import say


def told(capsys: pytest.CaptureFixture[str], event: dict[str, Any]) -> str:
    say(event)
    return capsys.readouterr().out


def test_an_end_without_machines_is_just_its_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, {"event": "end", "outcome": "failed", "items": []}) == "failed\n"
    items = [{"name": "app-01"}, {"name": "web-01"}]
    assert told(capsys, {"event": "end", "outcome": "done", "items": items}) == "done: app-01, web-01\n"


@pytest.mark.parametrize(("vault", "said"), [("east", "s: s/east\n"), ("west", "s: s/east, vault west\n")])
def test_a_run_is_named_with_the_vault_of_today(
    capsys: pytest.CaptureFixture[str], vault: str, said: str
) -> None:
    event = {"event": "start", "scenario": "s", "engagement": "s/east", "vault": vault}
    assert told(capsys, event) == said


def test_good_health_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    good = {"count": 2, "issues": []}
    event = {"event": "health", "vault": "contoso-vault", "protectedItemsHealth": good, "fabricsHealth": good}
    assert told(capsys, event) == ""


@pytest.mark.parametrize("kind", ["protectedItemsHealth", "fabricsHealth"])
def test_bad_health_is_told_of_machines_and_of_servers(capsys: pytest.CaptureFixture[str], kind: str) -> None:
    good = {"count": 1, "issues": []}
    event = {"event": "health", "vault": "v", "protectedItemsHealth": good, "fabricsHealth": good}
    event[kind] = {"count": 1, "issues": ["No contact for 30 minutes"]}
    assert "v: No contact for 30 minutes" in told(capsys, event)


def test_a_job_is_not_named_twice(capsys: pytest.CaptureFixture[str]) -> None:
    event = job("InProgress", "InProgress")
    event["tasks"][1]["title"] = event["title"]
    assert told(capsys, event).split() == ["Create", "policy", "contoso-policy", "runs"]


def test_what_runs_within_a_job_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert "runs, Installing the policy" in told(capsys, job("InProgress", "InProgress"))


def test_a_problem_names_its_subject_first(capsys: pytest.CaptureFixture[str]) -> None:
    event = {"event": "problem", "code": "c", "subject": "web-04", "what": "Does not answer.", "cause": ""}
    assert told(capsys, {**event, "remedy": "Start it."}) == "web-04: Does not answer. Start it.\n"


def test_no_line_ends_in_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, {"event": "step", "step": "vault", "state": "done"}) == "vault            done\n"


def test_a_hand_over_names_both_files(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, {"event": "hand-over", "path": "/s/setup.txt", "key": "/s/vault.VaultCredentials"})
    assert "/s/setup.txt" in said
    assert "/s/vault.VaultCredentials" in said


def test_a_check_says_what_was_expected_only_where_it_came_out_otherwise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check = {"event": "check", "machine": "app-01", "name": "vm:power", "expected": "running"}
    failover_lines.say({**check, "state": "ok", "actual": "running"})
    failover_lines.say({**check, "state": "failed", "actual": "stopped"})
    assert capsys.readouterr().out == (
        "    ok       app-01: vm:power (running)\n"
        "    failed   app-01: vm:power (expected running, got stopped)\n"
    )


def test_spans_are_read_in_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    failover_lines.say(
        {"event": "measures", "rto": 732.0, "rpo": {"web-01": 56, "db-01": None}, "paused": 60.0}
    )
    assert (
        capsys.readouterr().out
        == "    RTO 12 min 12 s; waited for people: 1 min 00 s; RPO web-01 56 s, db-01 not measured\n"
    )


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("WaitingForStopTestFailover", "waiting for clean-up"),
        ("WaitingForManualAction", "waiting for you"),
    ],
)
def test_a_job_that_stands_says_what_it_waits_for(
    capsys: pytest.CaptureFixture[str], description: str, said: str
) -> None:
    about = {"event": "job", "id": "j", "title": "Test failover", "target": "db-01", "tasks": []}
    line = told(capsys, {**about, "state": "Suspended", "description": description})
    assert line.split("db-01")[1].strip() == said


def test_a_drill_that_waits_for_its_clean_up_only_is_done_in_the_tree_of_its_run() -> None:
    assert word({"state": "Suspended", "description": "WaitingForStopTestFailover"}) == "done"
    assert word({"state": "Suspended", "description": "WaitingForManualAction"}) == "waits"
