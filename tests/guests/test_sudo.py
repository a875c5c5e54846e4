"""sudo: the password goes through standard input only, and each refusal has its own problem."""

from __future__ import annotations

import shlex
from unittest.mock import Mock

import pytest

from services.guests import ssh
from services.guests.model import Machine, Output
from services.guests.ssh import SshShell
from services.guests.ssh_link import Place
from services.guests.sudo import Refused, Sudo, as_root
from services.problems.model import ProblemError
from services.readiness.doors import Doors, KeyRules
from services.world.deadline import Deadline
from tests.guests.support import soon
from tests.readiness.shells import world

PASSWORD = "marker-Secret1"


class Asked:
    """A shell that notes what it is asked and answers the same each time."""

    def __init__(self, stderr: str = "", code: int = 0) -> None:
        self.commands: list[str] = []
        self.given: list[bytes] = []
        self._stderr, self._code = stderr, code

    def run(self, command: str, deadline: Deadline) -> Output:
        return self.feed(command, b"", deadline)

    def feed(self, command: str, data: bytes, deadline: Deadline) -> Output:
        deadline.check()
        self.commands.append(command)
        self.given.append(data)
        return Output(command, "out", self._stderr, self._code)

    def close(self) -> None:
        self.commands.append("closed")


def test_the_password_is_on_no_command_line_and_reaches_no_command() -> None:
    shell = Asked()
    output = Sudo(shell, "app-01", PASSWORD).run("cat '/etc/a b'", soon())
    assert (output.command, output.stdout) == ("cat '/etc/a b'", "out")
    assert PASSWORD not in "".join(shell.commands)
    assert shell.given == [PASSWORD.encode() + b"\n"]
    assert shlex.split(shell.commands[0])[-1] == "exec </dev/null; cat '/etc/a b'"


def test_without_a_password_sudo_must_not_ask() -> None:
    shell = Asked()
    Sudo(shell, "app-01", None).run("id -u", soon())
    assert shlex.split(shell.commands[0])[1:3] == ["sudo", "-n"]
    assert shell.given == [b""]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("sudo: sorry, you must have a tty to run sudo", "sudo-terminal"),
        ("Sorry, try again.\nsudo: 1 incorrect password attempt", "sudo-password"),
        ("bob is not in the sudoers file.  This incident will be reported.", "no-sudo"),
        ("Sorry, user bob is not allowed to execute '/bin/sh' as root on app-01.", "no-sudo"),
        ("sudo: a password is required", "no-sudo"),
        ("bash: sudo: command not found", "no-sudo"),
    ],
)
def test_each_refusal_has_its_own_problem(said: str, code: str) -> None:
    with pytest.raises(ProblemError) as refused:
        Sudo(Asked(said, 1), "app-01", PASSWORD).run("true", soon())
    assert refused.value.problems[0].code == code
    assert PASSWORD not in repr(refused.value)


def test_a_failing_command_is_no_refusal() -> None:
    assert Sudo(Asked("grep: x: No such file", 2), "app-01", None).run("grep a x", soon()).code == 2


def test_a_shell_that_cannot_be_more_stays_what_it_is() -> None:
    shell = Asked()
    assert as_root(shell, soon()) is shell


@pytest.mark.parametrize(
    "said",
    [
        "sudo: account validation failure, is your account locked?",
        "sudo: /etc/sudoers is world writable",
        "sudo: Account or password is expired, reset your password and try again",
    ],
)
def test_whatever_else_sudo_says_is_no_root(said: str) -> None:
    with pytest.raises(ProblemError) as refused:
        Sudo(Asked(said, 1), "app-01", PASSWORD).prove(soon())
    assert refused.value.problems[0].code == "no-sudo"
    assert said in refused.value.problems[0].what


class Entered(SshShell):
    """A session of an account, on a machine whose sudo asks for a password and does not take this one."""

    given = 0

    def _ran(self, command: str, given: bytes, deadline: Deadline) -> Output:
        if not given:
            return Output(command, "", "sudo: a password is required", 1)
        Entered.given += 1
        return Output(command, "", "Sorry, try again.\nsudo: 1 incorrect password attempt", 1)


def test_a_password_that_sudo_does_not_take_is_tried_once_in_all_sessions() -> None:
    sudo: Refused = {}
    machine = Machine("app-01", "10.1.0.11", "Linux", "op")
    for _session in range(4):
        place = Place("app-01", "10.1.0.11", 22)
        shell = Entered(Mock(), machine, place, PASSWORD, sudo=sudo)
        with pytest.raises(ProblemError) as refused:
            as_root(shell, soon())
        assert refused.value.problems[0].code == "sudo-password"
    assert Entered.given == 1


def test_the_sessions_of_one_sweep_share_what_sudo_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(ssh, "open_ssh", lambda *_all, **more: seen.append(more["sudo"]))
    doors = Doors(world(), {"app-01": PASSWORD}, KeyRules())
    for _session in range(2):
        doors(Machine("app-01", "10.1.0.11", "Linux", "op"), soon())
    assert seen[0] is seen[1]
