"""From nothing to protected machines without screens, and what a second run does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.flow.support import Ran, answers_file, doubled, lifeboat, run_arguments
from tests.practice.clients import site_recovery
from tests.practice_world import ledger, running_world


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def world(state: Path) -> Iterator[dict[str, Any]]:
    with running_world(state) as world:
        yield world


@pytest.fixture(scope="module")
def answers(world: dict[str, Any], state: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return answers_file(state, tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="module")
def ran(answers: Path, state: Path) -> Ran:
    return lifeboat(*run_arguments(state, answers))


def test_the_printed_answers_file_leads_to_protected_machines(ran: Ran) -> None:
    assert ran.status == 0, [*ran.lines[-3:], ran.stderr]
    assert ran.end["outcome"] == "done"
    assert [item["name"] for item in ran.end["items"]] == ["app-01", "web-01"]
    assert {item["state"] for item in ran.end["items"]} == {"Protected"}


def test_every_line_is_one_event(ran: Ran) -> None:
    assert {"start", "step", "finding", "plan", "operation", "job", "end"} <= {
        one["event"] for one in ran.events
    }
    assert ran.stderr == ""


def test_every_event_keeps_its_schema(ran: Ran) -> None:
    schema = json.loads((resources.files("assets") / "schemas" / "events.json").read_text(encoding="utf-8"))
    kinds = {
        name: Draft202012Validator({**schema, "oneOf": [{"$ref": f"#/$defs/{name}"}]})
        for name in schema["$defs"]
    }
    for event in ran.events:
        kinds[event["event"]].validate(event)


def test_a_finished_run_sends_nothing_and_ends_done(
    ran: Ran, answers: Path, state: Path, world: dict[str, Any]
) -> None:
    before = ledger(world)
    again = lifeboat(*run_arguments(state, answers))
    assert (again.status, again.end["outcome"]) == (0, "done")
    assert again.end["items"] == ran.end["items"]
    assert ledger(world) == before
    (row,) = lifeboat(*run_arguments(state, answers)[:5], "engagements", "--json").events
    assert (row["at"], row["done"]) == ("finished", row["steps"])


def test_nothing_was_accepted_twice(ran: Ran, world: dict[str, Any]) -> None:
    assert ran.status == 0
    assert doubled(world) == []


def test_a_changed_answer_reopens_its_steps_and_repeats_nothing_that_serves(
    ran: Ran, answers: Path, state: Path, world: dict[str, Any]
) -> None:
    text = answers.read_text(encoding="utf-8")
    changed = answers.with_name("changed.toml")
    changed.write_text(text.replace("rpo-minutes = 60", "rpo-minutes = 45"), encoding="utf-8")
    changed.write_text(
        changed.read_text(encoding="utf-8").replace('name = "azure-stack-policy"', 'name = "second-policy"'),
        encoding="utf-8",
    )
    before = {(row["target"], row["verb"]) for row in ledger(world) if row["changes"]}
    again = lifeboat(*run_arguments(state, changed))
    reopened = [one["step"] for one in again.events if one["event"] == "step" and one["state"] == "again"]
    assert again.status == 1
    told = [(one["code"], one["subject"]) for one in again.events if one["event"] == "problem"]
    assert told == [("item-as-wished", "app-01"), ("item-as-wished", "web-01")]
    assert "policy" in reopened
    assert "key" not in reopened
    new = {(row["target"], row["verb"]) for row in ledger(world) if row["changes"]} - before
    assert {target.rsplit("/", 2)[-2] for target, _verb in new} == {
        "replicationpolicies",
        "replicationprotectioncontainermappings",
    }
    back = lifeboat(*run_arguments(state, answers))
    assert back.status == 0
    assert [item["id"] for item in back.end["items"]] == [item["id"] for item in ran.end["items"]]
    assert doubled(world) == []


def test_what_another_hand_removed_is_not_called_protected(
    ran: Ran, answers: Path, state: Path, world: dict[str, Any]
) -> None:
    assert ran.status == 0
    remove(world, ran.end["items"][0]["id"])
    again = lifeboat(*run_arguments(state, answers))
    assert again.status == 0, again.lines[-3:]
    reopened = [one for one in again.events if one["event"] == "step" and one["state"] == "again"]
    assert [one["step"] for one in reopened] == ["enable"]
    assert "app-01" in reopened[0]["reason"]
    sent = [one for one in again.events if one["event"] == "operation" and one["verb"] == "enable-protection"]
    assert len(sent) == 1
    assert [item["state"] for item in again.end["items"]] == ["Protected", "Protected"]


def remove(world: dict[str, Any], item: str) -> None:
    """Disable protection by another hand, and see it gone."""
    group, name = item.split("/")[4], item.split("/")[8]
    fabric, container, own = item.split("/")[10], item.split("/")[12], item.split("/")[14]
    body = {"properties": {"disableProtectionReason": "NotSpecified"}}
    items = site_recovery(world).replication_protected_items
    items.begin_delete(group, name, fabric, container, own, body, polling_interval=1).result(60)


def test_no_secret_is_written_anywhere(ran: Ran, state: Path, world: dict[str, Any]) -> None:
    secrets = [*world["secrets"].values(), world["clientSecret"]]
    ours = [path for path in (state / "practice").rglob("*") if path.is_file() and "server" not in path.parts]
    ours = [path for path in ours if path.name != "world.json"]
    assert ours
    for path in ours:
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content], path
    assert not [secret for secret in secrets if any(json.dumps(secret)[1:-1] in line for line in ran.lines)]
