"""Keys, passphrases and ways of WinRM in the list of machines, from the CSV file to the open session."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.guests.model import Machine
from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import ProblemError
from services.readiness.doors import Doors, KeyRules
from services.readiness.first_use import ACCEPTED
from services.scenario.answers import Answers
from services.scenario.azure_stack.machines import MACHINES, machines_of
from services.scenario.azure_stack.readiness import doors
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE
from services.scenario.session import Session
from services.scenario.validate import mistakes
from services.world.clock import Clock
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.openssh import SSHD, sshd
from tests.guests.support import soon

HEAD = "name,address,os,user,secret,key,passphrase,winrm\n"
USER = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


def answers(folder: Path, rows: str, **more: Any) -> Answers:
    (folder / "machines.csv").write_text(HEAD + rows)
    given = {"machines.machines": [], "machines.csv": str(folder / "machines.csv")}
    return Answers(AZURE_STACK_TO_AZURE, {**given, **more}, {})


def test_what_the_columns_say(tmp_path: Path) -> None:
    rows = "app-01,10.1.0.11,Linux,op,,~/.ssh/dr,env:PHRASE,\nweb-01,10.1.0.31,Windows,CORP\\op,env:A,,,Kerberos\n"
    linux, windows = machines_of(answers(tmp_path, rows))
    assert (linux.key, linux.passphrase, linux.secret) == ("~/.ssh/dr", "env:PHRASE", "")
    assert windows.winrm == "kerberos"
    assert "PHRASE" not in repr(linux)


def test_a_machine_with_a_key_needs_no_password(tmp_path: Path) -> None:
    assert mistakes(MACHINES, answers(tmp_path, "app-01,10.1.0.11,Linux,,,agent,,\n")) == {}
    assert set(mistakes(MACHINES, answers(tmp_path, "app-01,10.1.0.11,Linux,,,,,\n"))) == {"linux-secret"}


@pytest.mark.parametrize(
    ("cells", "key"), [("env:A,k,typed-phrase,", "passphrase"), ("env:A,,,ntlm2", "winrm")]
)
def test_what_will_not_do_is_named_with_its_line(tmp_path: Path, cells: str, key: str) -> None:
    wrong = mistakes(MACHINES, answers(tmp_path, f"web-01,10.1.0.31,Windows,op,{cells}\n"))
    assert wrong["csv"].startswith(f"line 2: {key}: ")
    assert "typed-phrase" not in wrong["csv"]


@pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)")
def test_a_passphrase_reaches_the_key_and_no_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHRASE", "Marker-4711-phrase")
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "Marker-4711-phrase", "-f", str(tmp_path / "user")]
    subprocess.run(made, check=True, timeout=60)
    now = datetime.now(UTC)
    settings = f"AuthorizedKeysFile {tmp_path}/user.pub\nPermitRootLogin yes\n"
    journal = Journal.open(tmp_path / "journal", "p", Actor.here())
    journal.act_as(Actor.here("ada@contoso.example", "1"))  # as after sign-in
    with sshd(tmp_path, settings, ("ed25519",)) as server:
        dialer = MappedDialer({"10.1.0.11:22": f"127.0.0.1:{server.port}"}, {})
        world = World("live", "p", {}, Clock(now, now), dialer, tmp_path / "state", ssh=("ssh", "-F", "none"))
        rows = f"app-01,10.1.0.11,Linux,{USER},,{tmp_path}/user,env:PHRASE,\n"
        given = answers(tmp_path, rows, **{"readiness.host-keys": "accept-new"})
        session = Session(world, journal, journal.engagement("e", "s").id, given, soon(), lambda _event: None)
        (machine,) = machines_of(session)
        shell = doors(session, [machine])(machine, soon())
        assert shell.run("echo in", soon()).stdout == "in\n"
        shell.close()
    [accepted] = [event.data for event in journal.events() if event.kind == ACCEPTED]
    assert accepted["by"] == "ada@contoso.example"
    journal.close()
    kept = [path for path in (*tmp_path.glob("journal/*"), *tmp_path.glob("state/*")) if path.is_file()]
    assert kept
    assert not any(b"Marker-4711" in path.read_bytes() for path in kept)


def test_a_rehearsal_uses_no_key_of_the_user(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    world = World("practice", "p", {}, Clock(now, now), MappedDialer({}, {}), tmp_path)
    machine = Machine("app-01", "10.1.0.11", "Linux", "root", key="agent")
    with pytest.raises(ProblemError) as refused:
        Doors(world, {}, KeyRules())(machine, soon())
    assert refused.value.problems[0].code == "key-refused"
    assert "rehearsal" in refused.value.problems[0].cause
