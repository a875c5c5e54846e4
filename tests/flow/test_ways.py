"""The other ways through the scenario: setup by a person, agents by a person, a new vault, jobs that fail."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.support import ROOT, Ran, Zygote, answers_file, doubled, run_arguments, zygote
from tests.practice_world import ledger, practice_request, running_world, set_faults


@pytest.fixture(scope="module")
def forked() -> Iterator[Zygote]:
    with zygote() as one:
        yield one


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "record"


@pytest.fixture
def world(tmp_path: Path, record: Path) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path / "state", speed=10_000, record=record) as world:
        yield world


@pytest.fixture
def answers(world: dict[str, Any], tmp_path: Path) -> Path:
    return answers_file(tmp_path / "state", tmp_path)


def changed(answers: Path, *changes: tuple[str, str]) -> Path:
    text = answers.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    answers.write_text(text, encoding="utf-8")
    return answers


def problems(ran: Ran) -> list[str]:
    return [event["code"] for event in ran.events if event["event"] == "problem"]


def bodies(record: Path, name: str) -> list[dict[str, Any]]:
    """Request bodies of the PUTs to things of this kind."""
    found = []
    for path in sorted(record.glob("*.json")):
        one = json.loads(path.read_text(encoding="utf-8"))
        if one["method"] == "PUT" and f"/{name.lower()}/" in one["uri"].lower():
            found.append(one["requestBody"])
    return found


def test_setup_is_handed_over_and_goes_on_when_the_person_is_done(
    world: dict[str, Any], answers: Path, tmp_path: Path
) -> None:
    changed(answers, ('method = "winrm"', 'method = "rdp"'))
    arguments = run_arguments(tmp_path / "state", answers)
    running = subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert running.stdout is not None
    with running:
        events = []
        for line in running.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "hand-over":
                key = Path(events[-1]["key"]).read_text(encoding="utf-8")
                paper = Path(events[-1]["path"]).read_text(encoding="utf-8")
                person(world, "configuration-server", name="cs-01", address="10.1.0.5", key=key)
            if events[-1] == {"event": "wait", "for": "push-account"}:
                for name in ("linux-root", "windows-admin"):
                    person(world, "account", name=name)
    assert running.returncode == 0, events[-3:]
    assert '/EnvType "NonVMWare"' in paper
    assert not [secret for secret in world["secrets"].values() if secret in paper]
    assert [item["name"] for item in events[-1]["items"]] == ["app-01", "web-01"]


def person(world: dict[str, Any], what: str, **said: str) -> None:
    """What a person does at the configuration server."""
    practice_request(world, "POST", f"{world['arm']}/practice/person/{what}", said)


def test_a_machine_with_its_own_agent_needs_no_account(
    forked: Zygote, world: dict[str, Any], answers: Path, tmp_path: Path, record: Path
) -> None:
    changed(answers, ('os = "Linux" }', 'os = "Linux", mobility = "installed" }'))
    arguments = run_arguments(tmp_path / "state", answers)
    first = forked.run(arguments)
    assert first.status == 1
    assert problems(first) == ["by-hand"]
    changed(answers, ("done = false", "done = true"))
    ran = forked.run(arguments)
    assert ran.status == 0, ran.lines[-3:]
    sent = [
        one["properties"]["providerSpecificDetails"] for one in bodies(record, "replicationProtectedItems")
    ]
    by_name = {one["targetAzureVmName"]: one for one in sent}
    assert "runAsAccountId" not in by_name["app-01"]
    assert by_name["web-01"]["runAsAccountId"]


def test_the_network_can_be_chosen_later(
    forked: Zygote, world: dict[str, Any], answers: Path, tmp_path: Path, record: Path
) -> None:
    changed(
        answers,
        ('network-when = "now"', 'network-when = "later"'),
        ('machines = "all"', 'machines = "app-01"'),
    )
    ran = forked.run(run_arguments(tmp_path / "state", answers))
    assert ran.status == 0, ran.lines[-3:]
    (sent,) = bodies(record, "replicationProtectedItems")
    assert sent["properties"]["providerSpecificDetails"]["targetAzureVmName"] == "app-01"
    assert "targetAzureNetworkId" not in sent["properties"]["providerSpecificDetails"]


def test_a_new_vault_and_target_are_created_once(
    forked: Zygote, world: dict[str, Any], answers: Path, tmp_path: Path
) -> None:
    changed(
        answers,
        ('name = "contoso-vault"', 'name = "fresh-vault"'),
        ('resource-group = "contosoRG"', 'resource-group = "freshRG"'),
        ("create = false", "create = true"),
        ("set-classic = false", "set-classic = true"),
        ('storage-account = "contosoasrcache"', 'storage-account = "freshcache"'),
        ('network = "contoso-recovery-net"', 'network = "fresh-net"'),
    )
    ran = forked.run(run_arguments(tmp_path / "state", answers))
    assert ran.status == 0, ran.lines[-3:]
    made = {row["target"].rsplit("/", 1)[-1] for row in ledger(world) if row["verb"] == "PUT"}
    assert {"freshrg", "fresh-vault", "freshcache", "fresh-net", "default"} <= made
    assert doubled(world) == []


def test_a_failed_job_is_explained_and_started_again(
    forked: Zygote, world: dict[str, Any], answers: Path, tmp_path: Path
) -> None:
    fails = {
        "code": "95107",
        "message": "Push installation failed.",
        "possibleCauses": "",
        "recommendedAction": "",
    }
    rule = {
        "id": "push",
        "method": "PUT",
        "path": "replicationProtectedItems",
        "times": 1,
        "do": {"jobFails": fails},
    }
    set_faults(world, [rule])
    arguments = run_arguments(tmp_path / "state", answers)
    first = forked.run(arguments)
    assert first.status == 1
    told = [event for event in first.events if event["event"] == "problem"]
    assert [(one["code"], one["subject"]) for one in told] == [("95107", "app-01")]
    assert "LocalAccountTokenFilterPolicy" in told[0]["remedy"]
    assert [item["name"] for item in first.end["items"]] == ["web-01"]
    again = forked.run(arguments)
    assert again.status == 0, again.lines[-4:]
    assert [item["name"] for item in again.end["items"]] == ["app-01", "web-01"]
    assert doubled(world) == []


def test_an_expired_key_is_made_anew_before_setup(
    forked: Zygote, world: dict[str, Any], answers: Path, tmp_path: Path
) -> None:
    arguments = run_arguments(tmp_path / "state", answers)
    assert forked.run([*arguments, "--until", "key"]).status == 0
    keys = tmp_path / "state" / "practice" / "keys"
    (old,) = keys.rglob("*.VaultCredentials")
    old.unlink()
    ran = forked.run([*arguments, "--until", "setup"])
    assert ran.status == 0, ran.lines[-3:]
    reopened = [event for event in ran.events if event["event"] == "step" and event["state"] == "again"]
    assert next(event["step"] for event in reopened) == "key"
    assert len(list(keys.rglob("*.VaultCredentials"))) == 1
