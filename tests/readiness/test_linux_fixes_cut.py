"""Fixes of Linux machines that are cut off or go wrong midway: the file is the old one, or can be put back."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.guests.model import Output, Shell
from services.problems.model import ProblemError
from services.readiness.fixes import engine, records
from services.world.deadline import Deadline
from tests.readiness.linux_peer import BROKEN, GOOD, MACHINE, Peer, fix_of, peer, pytestmark

__all__ = ["pytestmark"]


MANY = 1_000
"""More commands than a fix has."""
KINDS = ("cp", ":", "printf", "mv", "kill")
"""A copy kept, a new file begun and filled, put in place, and read."""


class Killed(BaseException):
    """The process dies here."""


READS = re.compile(r"(sh -c |readlink |.*\btest -e |.*/sshd -t )", re.S)
"""Commands that look only: dying before or after one of them leaves the same behind."""


class Dying:
    """A shell whose process dies at the command of that number; `asked` are those before it."""

    def __init__(self, shell: Shell, at: int, asked: list[str]) -> None:
        self._shell, self._at, self._asked = shell, at, asked

    def run(self, command: str, deadline: Deadline) -> Output:
        if len(self._asked) == self._at:
            raise Killed
        self._asked.append(command)
        return self._shell.run(command, deadline)

    def close(self) -> None:
        self._shell.close()


def once_listening(work: Callable[[], object]) -> None:
    """Work that begins by signing in, on a machine whose sshd may be reading its settings again."""
    for _attempt in range(engine.AGAIN):
        try:
            work()
            return
        except ProblemError as error:
            if error.problems[0].code not in ("refused", "link-lost"):
                raise
            Deadline(60).wait(engine.PAUSE)
    work()


def made(here: Peer, shown: str, at: int) -> list[str]:
    """Make the fix up to that command; what was asked of the machine before it."""
    usual, asked = here.ground, list[str]()
    here.ground = replace(usual, open=lambda machine, limit: Dying(usual.open(machine, limit), at, asked))
    try:
        # The undo before it waited until sshd listened again.
        with contextlib.suppress(Killed):
            here.fix("sftp", shown)
    finally:
        here.ground = usual
    return asked


def test_killed_after_each_command_that_changes_something_the_next_start_can_undo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "AGAIN", 100)
    monkeypatch.setattr(engine, "PAUSE", 0.03)
    with peer(tmp_path, BROKEN["sftp-comment"][1]("")) as here:
        before = here.files()
        shown = engine.preview_fix(MACHINE, fix_of("sftp"), here.ground, Deadline(60)).digest
        asked = made(here, shown, MANY)
        once_listening(lambda: here.undo("sftp"))
        changes = [number for number, command in enumerate(asked) if not READS.match(command)]
        kinds = {word for number in changes for word in KINDS if f"{word} " in asked[number]}
        assert kinds == set(KINDS)
        for number in changes:
            assert len(made(here, shown, number + 1)) == number + 1
            assert any(one.standing for one in records.kept(here.journal, here.engagement))
            once_listening(lambda: here.undo("sftp"))
            assert here.files() == before, f"after {asked[number]}"


class Answering:
    """A shell that gives one command's error instead of running what begins so."""

    def __init__(self, shell: Shell, sign: str, error: str) -> None:
        self._shell, self._sign, self._error = shell, sign, error

    def run(self, command: str, deadline: Deadline) -> Output:
        if self._sign in command:
            return Output(command, "", self._error, 1)
        return self._shell.run(command, deadline)

    def close(self) -> None:
        self._shell.close()


@pytest.mark.parametrize(
    ("sign", "error", "code"),
    [
        ("printf", "printf: write error: No space left on device", "disk-full"),
        ("cp -p", "cp: cannot create regular file: Read-only file system", "read-only-file-system"),
        ("cp -p", "cp: cannot create regular file: Permission denied", "no-rights"),
        (" -t -f", "config: line 3: Bad configuration option: Subsystemm", "sshd-test"),
        ("kill -HUP", "kill: No such process", "sshd-reload"),
    ],
)
def test_what_goes_wrong_on_the_machine_leaves_the_old_file(
    tmp_path: Path, sign: str, error: str, code: str
) -> None:
    with peer(tmp_path, BROKEN["sftp-comment"][1]("")) as here:
        before, usual = here.files(), here.ground
        shown = engine.preview_fix(MACHINE, fix_of("sftp"), usual, Deadline(60)).digest
        here.ground = replace(usual, open=lambda m, d: Answering(usual.open(m, d), sign, error))
        with pytest.raises(ProblemError) as failed:
            here.fix("sftp", shown)
        assert failed.value.problems[0].code == code
        here.ground = usual
        if any(one.standing for one in records.kept(here.journal, here.engagement)):
            here.undo("sftp")
        assert here.files() == before


def test_a_full_disk_for_real(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(small)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("no right to mount a small file system")
    try:
        with peer(tmp_path, GOOD) as here:
            hosts = small / "hosts"
            hosts.write_bytes(b"127.0.0.1 localhost\n" + b"#" * 6_000 + b"\n")
            (small / "fill").write_bytes(b"x" * 8_000)
            places = replace(here.ground.settings.linux, hosts=str(hosts))
            here.ground = replace(here.ground, settings=replace(here.ground.settings, linux=places))
            before = hosts.read_bytes()
            with pytest.raises(ProblemError) as failed:
                here.fix("hosts-file")
            assert failed.value.problems[0].code == "disk-full"
            assert hosts.read_bytes() == before
    finally:
        subprocess.run(["umount", str(small)], check=True)
