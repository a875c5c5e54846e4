"""sudo: the password goes through standard input only, and each refusal has its own problem."""

from __future__ import annotations

import shlex

import pytest

from services.guests.model import Output
from services.guests.sudo import Sudo, as_root
from services.problems.model import ProblemError
from services.world.deadline import Deadline
from tests.guests.support import soon

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
