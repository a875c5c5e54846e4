"""Setup, around its edges: killed and finished later, keys that run out, papers, keys that are deleted."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.guests.model import FedShell, Machine
from services.guests.unified_setup import HOME, LOG
from services.guests.winrm import open_winrm
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.flow.support import ROOT, Ran, Zygote, answers_file, run_arguments, zygote
from tests.practice_world import practice_request, running_world

SERVER = Machine("cs-01", "10.1.0.5", "Windows", "Administrator")


@pytest.fixture(scope="module")
def forked() -> Iterator[Zygote]:
    with zygote() as one:
        yield one


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path / "state", speed=10_000) as world:
        yield world


@pytest.fixture
def answers(world: dict[str, Any], tmp_path: Path) -> Path:
    return answers_file(tmp_path / "state", tmp_path)


def changed(answers: Path, *changes: tuple[str, str]) -> None:
    text = answers.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    answers.write_text(text, encoding="utf-8")


def arguments(answers: Path, tmp_path: Path, *more: str) -> list[str]:
    return [*run_arguments(tmp_path / "state", answers), *more]


def person(world: dict[str, Any], what: str, **said: str) -> None:
    """What a person does at a server."""
    practice_request(world, "POST", f"{world['arm']}/practice/person/{what}", said)


def problems(ran: Ran) -> list[str]:
    return [event["code"] for event in ran.events if event["event"] == "problem"]


def changes(ran: Ran, action: str) -> list[str]:
    """What the plan of an action said, as kinds."""
    plans = [event for event in ran.events if event["event"] == "plan" and event["action"] == action]
    return [change["kind"] for plan in plans for change in plan["changes"]]


@contextmanager
def server(world: dict[str, Any], tmp_path: Path) -> Iterator[FedShell]:
    here = practice_world(world, tmp_path)
    shell = open_winrm(SERVER, here.secrets["config-server"], here, Deadline(30))
    try:
        yield shell
    finally:
        shell.close()


def ours(world: dict[str, Any], tmp_path: Path) -> str:
    """What lies in our folder on the configuration server."""
    with server(world, tmp_path) as shell:
        return shell.run(f'dir /b "{HOME}"', Deadline(30)).stdout


def line_of(ran: Ran, text: str) -> int:
    return next(number for number, line in enumerate(ran.lines, 1) if text in line)


def test_a_good_run_leaves_nothing_on_the_server_and_no_key_here(
    forked: Zygote, world: dict[str, Any], answers: Path, tmp_path: Path
) -> None:
    ran = forked.run(arguments(answers, tmp_path, "--until", "registered"))
    assert ran.status == 0, ran.lines[-3:]
    assert ours(world, tmp_path) == ""
    assert changes(ran, "delete-key") == ["delete"]
    assert list((tmp_path / "state").rglob("*.VaultCredentials")) == []
    again = forked.run(arguments(answers, tmp_path, "--until", "registered"))
    assert again.status == 0
    assert not [event for event in again.events if event["event"] == "plan"]


def test_the_key_stays_where_the_user_keeps_it(
    forked: Zygote, world: dict[str, Any], answers: Path, tmp_path: Path
) -> None:
    changed(answers, ("delete-key = true", "delete-key = false"))
    ran = forked.run(arguments(answers, tmp_path, "--until", "registered"))
    assert ran.status == 0, ran.lines[-3:]
    assert changes(ran, "delete-key") == []
    assert len(list((tmp_path / "state").rglob("*.VaultCredentials"))) == 1


def test_killed_in_setup_and_started_when_the_vault_has_the_server_it_is_finished_and_cleaned_up(
    forked: Zygote, world: dict[str, Any], answers: Path, tmp_path: Path
) -> None:
    asked = arguments(answers, tmp_path, "--until", "setup")
    killed = kill_at(asked, "Registering the server with the vault")
    assert killed.status == -signal.SIGKILL
    await_registration(world, tmp_path)
    assert "run.cmd" in ours(world, tmp_path)
    ran = forked.run(asked)
    assert ran.status == 0, ran.lines[-3:]
    assert changes(ran, "run-setup") == ["wait", "clean"]
    assert any(event["event"] == "setup" and "completed" in event["line"] for event in ran.events)
    assert ours(world, tmp_path) == ""
    again = forked.run(asked)
    assert (again.status, changes(again, "run-setup")) == (0, [])


def kill_at(asked: list[str], text: str) -> Ran:
    """Run it as a process, and kill that at the first line which holds a text."""
    lines = []
    command = [sys.executable, "-m", "tui", *asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as running:
        assert running.stdout is not None
        for line in running.stdout:
            lines.append(line.strip())
            if text in line:
                running.kill()
                break
    return Ran(running.returncode, lines)


def await_registration(world: dict[str, Any], tmp_path: Path) -> None:
    """Until setup has ended well on the server; it registers it before that."""
    with server(world, tmp_path) as shell:
        deadline = Deadline(60)
        while "Setup completed successfully" not in shell.run(f'type "{LOG}"', deadline).stdout:
            deadline.wait(0.05)


def test_a_key_that_runs_out_ends_the_wait_for_the_person_and_leads_back(
    forked: Zygote, tmp_path: Path
) -> None:
    with running_world(tmp_path / "state", speed=200_000) as world:
        answers = answers_file(tmp_path / "state", tmp_path)
        changed(answers, ('method = "winrm"', 'method = "rdp"'))
        asked = arguments(answers, tmp_path, "--until", "setup")
        ran = forked.run(asked)
        told = [event for event in ran.events if event["event"] == "problem"]
        assert [(one["code"], one["subject"]) for one in told] == [("key", "key")]
        assert "step 'key'" in told[0]["remedy"]
        again = forked.run(asked)
        reopened = [one["step"] for one in again.events if one["event"] == "step" and one["state"] == "again"]
        assert reopened[0] == "key"
        assert world["vault"] == "contoso-vault"


def test_papers_accept_no_licence_and_their_process_server_can_be_chosen(
    world: dict[str, Any], answers: Path, tmp_path: Path
) -> None:
    changed(
        answers, ('method = "winrm"', 'method = "rdp"'), ('process-server = ""', 'process-server = "ps-01"')
    )
    papers, ended = handed_over(world, arguments(answers, tmp_path, "--until", "replication"))
    assert ended == 0
    assert list(papers) == ["unified-setup", "process-server"]
    for text in papers.values():
        (command,) = re.findall(r"^UNIFIEDSETUP\.EXE .*$", text, re.M)
        assert "EULA" not in command
        assert "/AcceptThirdpartyEULA" in text
        assert '/EnvType "NonVMWare"' in command
        assert not [secret for secret in world["secrets"].values() if secret in text]
    command = re.findall(r"^UNIFIEDSETUP\.EXE .*$", papers["process-server"], re.M)[0]
    assert '/ServerMode "PS"' in command
    assert '/CSIP "10.1.0.5"' in command
    assert "/PassphraseFilePath " in command
    assert "443" not in command.replace("9443", "")
    for row in ("250 GB", "85 to 150", "24 GB"):
        assert row in papers["process-server"]


def handed_over(world: dict[str, Any], asked: list[str]) -> tuple[dict[str, str], int]:
    """Play the person who gets the papers; the papers by name, and how the run ended."""
    papers: dict[str, str] = {}
    with subprocess.Popen(
        [sys.executable, "-m", "tui", *asked], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            event = json.loads(line)
            if event == {"event": "wait", "for": "push-account"}:
                for name in ("linux-root", "windows-admin"):
                    person(world, "account", name=name)
            if event["event"] != "hand-over":
                continue
            path = Path(event["path"])
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            papers[path.name.rpartition("-")[0]] = path.read_text(encoding="utf-8")
            if len(papers) == 1:
                key = Path(event["key"]).read_text(encoding="utf-8")
                person(world, "configuration-server", name="cs-01", address="10.1.0.5", key=key)
            else:
                person(world, "process-server", name="ps-01", address="10.1.0.6", server="cs-01")
    return papers, running.returncode


def test_more_than_one_server_carries_brings_the_paper_without_being_asked(
    forked: Zygote, world: dict[str, Any], answers: Path, tmp_path: Path
) -> None:
    changed(answers, ("churn = 0", "churn = 3000"))
    ran = forked.run(arguments(answers, tmp_path, "--until", "registered"))
    assert ran.status == 0, ran.lines[-3:]
    assert changes(ran, "hand-over-process-server") == ["write"]
    assert [event["event"] for event in ran.events].count("hand-over") == 1
