"""One list of the host keys that nobody has accepted, and what is accepted of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from services.guests.model import Machine
from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.first_use import ACCEPTED, accept, unknown_keys
from services.scenario.answers import Answers
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE
from services.world.clock import Clock
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.openssh import SSHD, sshd
from tests.guests.support import soon
from tui.cli.first_use import first_use

pytestmark = pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)")

MACHINES = [
    Machine("app-01", "10.3.0.1", "Linux", "root"),
    Machine("app-02", "10.3.0.2", "Linux", "root"),
    Machine("off", "10.3.0.3", "Linux", "root"),
    Machine("web-01", "10.3.0.4", "Windows", "Administrator"),
]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    now = datetime.now(UTC)
    with sshd(tmp_path, "", ("ed25519",)) as server:
        network = dict.fromkeys(("10.3.0.1:22", "10.3.0.2:22"), f"127.0.0.1:{server.port}")
        yield World("practice", "p", {}, Clock(now, now), MappedDialer(network, {}), tmp_path / "state")


def printed(tmp_path: Path) -> str:
    shown = ["ssh-keygen", "-lf", str(tmp_path / "ed25519.pub")]
    return subprocess.run(shown, capture_output=True, text=True, check=True).stdout


def test_all_unknown_keys_are_one_list_and_accepted_ones_leave_it(world: World, tmp_path: Path) -> None:
    found = unknown_keys(world, MACHINES, soon())
    assert [(one.machines, one.host, one.port) for one in found] == [
        (("app-01",), "10.3.0.1", 22),
        (("app-02",), "10.3.0.2", 22),
    ]
    assert {one.kind for one in found} == {"ssh-ed25519"}
    assert all(one.fingerprint in printed(tmp_path) for one in found)
    journal = Journal.open(tmp_path / "journal", "p", Actor.here())
    accept(world, journal, found[:1], "op@contoso.example")
    said = [event.data for event in journal.events() if event.kind == ACCEPTED]
    journal.close()
    assert [(each["host"], each["by"]) for each in said] == [("10.3.0.1", "op@contoso.example")]
    assert [one.machines for one in unknown_keys(world, MACHINES, soon())] == [("app-02",)]


def test_a_machine_whose_fingerprint_is_given_is_not_asked_about(world: World) -> None:
    given = Machine("app-01", "10.3.0.1", "Linux", "root", fingerprint="SHA256:" + "A" * 43)
    assert unknown_keys(world, [given], soon()) == []


def asked(world: World, state: Path, typed: str) -> tuple[str, int]:
    """What a person at `check` sees, and how many keys are then still unknown."""
    journal = Journal.open(state / "journal", "p", Actor.here())
    journal.act_as(Actor.here("ada@contoso.example", "1"))  # as after sign-in
    session = SimpleNamespace(
        answers=Answers(AZURE_STACK_TO_AZURE, {}, {}), world=world, journal=journal, deadline=soon()
    )
    looked: Any = SimpleNamespace(session=session, machines=MACHINES)
    ran = CliRunner().invoke(click.command()(lambda: first_use(looked)), input=typed, catch_exceptions=False)
    journal.close()
    return ran.output, len(unknown_keys(world, MACHINES, soon()))


def test_one_question_for_all(world: World, tmp_path: Path) -> None:
    shown, left = asked(world, tmp_path, "\n")
    assert "app-01  10.3.0.1  ssh-ed25519  SHA256:" in shown
    assert shown.count("Accept and remember them?") == 1
    assert left == 2
    shown, left = asked(world, tmp_path, "y\n")
    assert shown.count("Accept and remember them?") == 1
    assert left == 0
    assert asked(world, tmp_path, "")[0] == ""
    assert signed_by(tmp_path / "journal") == ["ada@contoso.example"] * 2


def signed_by(folder: Path) -> list[str]:
    """Who accepted each key, as the journal has it."""
    journal = Journal.open(folder, "p", Actor.here())
    said = [event.data["by"] for event in journal.events() if event.kind == ACCEPTED]
    journal.close()
    return said


def test_keys_can_be_chosen_one_by_one(world: World, tmp_path: Path) -> None:
    shown, left = asked(world, tmp_path, "choose\nn\ny\n")
    assert left == 1
    assert [one.machines for one in unknown_keys(world, MACHINES, soon())] == [("app-01",)]
    assert shown.count("Accept and remember them?") == 1
