"""A machine that the user's SSH configuration knows by its name, while the list has its address."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.guests import ssh_config
from services.guests.model import Machine
from tests.guests.support import soon

MACHINE = Machine("App-01", "10.3.0.1", "Linux")
BY_NAME = "Host App-*\n  ProxyJump gate\n  User op\n  IdentityFile ~/.ssh/dr-%n\n"
BY_ADDRESS = "Host 10.3.0.*\n  ProxyJump other\n"
SSH = "ssh"
PROGRAMS = [
    pytest.param(SSH, marks=pytest.mark.skipif(shutil.which(SSH) is None, reason="ssh is missing")),
    "no-ssh-program",
]


def resolved(folder: Path, text: str, machine: Machine = MACHINE, program: str = SSH) -> ssh_config.SshConfig:
    (folder / "config").write_text(text)
    return ssh_config.for_machine((program, "-F", str(folder / "config")), machine, 22, soon())


@pytest.mark.parametrize("program", PROGRAMS)
def test_options_of_a_name_without_a_host_name_count_for_the_address(tmp_path: Path, program: str) -> None:
    for text in (BY_NAME, BY_NAME + BY_ADDRESS):
        found = resolved(tmp_path, text, program=program)
        assert (found.host, found.known_as, found.user) == ("10.3.0.1", "10.3.0.1", "op")
        assert found.jumps == ("gate",)
        assert found.identities[0].name == "dr-App-01" or program != SSH


@pytest.mark.parametrize("program", PROGRAMS)
def test_options_of_the_address_count_where_the_name_has_none(tmp_path: Path, program: str) -> None:
    everybody = "Host *\n  User op\n  ControlPath ~/.ssh/%C\n  IdentityFile ~/.ssh/%n\n"
    for name in ("App-01", "op", "ssh"):
        found = resolved(tmp_path, BY_ADDRESS + everybody, replace(MACHINE, name=name), program)
        assert (found.host, found.user, found.jumps) == ("10.3.0.1", "op", ("other",))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_name_with_another_host_name_stays_another_machine(tmp_path: Path, program: str) -> None:
    found = resolved(tmp_path, f"{BY_NAME}  HostName 10.9.9.9\n{BY_ADDRESS}", program=program)
    assert (found.host, found.jumps) == ("10.3.0.1", ("other",))


@pytest.mark.skipif(shutil.which(SSH) is None, reason="ssh is missing")
def test_ssh_is_asked_twice_for_a_machine_and_once_for_what_all_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, run = [], subprocess.run

    def counted(command: list[str], **more: Any) -> subprocess.CompletedProcess[bytes]:
        asked.append(command)
        return run(command, check=False, **{key: value for key, value in more.items() if key != "check"})

    monkeypatch.setattr(subprocess, "run", counted)
    for number in range(4):
        resolved(tmp_path, BY_NAME, replace(MACHINE, name=f"{'App' if number % 2 else 'web'}-0{number}"))
    assert len(asked) == 4 * 2 + 1
