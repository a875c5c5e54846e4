"""Root's rights on a machine where another account logged in: by sudo, where its rules allow that.

A password goes through standard input only, never onto a command line.
"""

from __future__ import annotations

import shlex
from typing import Protocol, runtime_checkable

from services.guests.model import FedShell, Output, Shell
from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import Deadline

SEARCH = "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin"
"""The folders of administration, which a plain account's search path leaves out."""

Refused = dict[tuple[str, str], ProblemError]
"""Passwords that sudo did not take, by machine and user: they are not tried there again."""


@runtime_checkable
class Elevates(Protocol):
    """A shell that may come to root's rights."""

    def elevated(self, deadline: Deadline) -> Shell:
        """A shell with root's rights on the same connection; ProblemError when sudo does not allow it."""
        ...


def as_root(shell: Shell, deadline: Deadline) -> Shell:
    """A shell with root's rights; the same one where it cannot be told apart. ProblemError."""
    return shell.elevated(deadline) if isinstance(shell, Elevates) else shell


class Sudo:
    """Runs commands by sudo over another shell, which stays open when this one is closed."""

    def __init__(self, shell: FedShell, machine: str, password: str | None) -> None:
        self._shell = shell
        self._machine = machine
        self._password = password

    def run(self, command: str, deadline: Deadline) -> Output:
        """Run one command as root. ProblemError `sudo-password`, `no-sudo`, `sudo-terminal`."""
        # What sudo leaves unread of the password must not reach the command.
        inner = shlex.quote(f"exec </dev/null; {command}")
        if self._password is None:
            output = self._shell.run(f"LC_ALL=C sudo -n -- sh -c {inner}", deadline)
        else:
            given = self._password.encode() + b"\n"
            output = self._shell.feed(f"LC_ALL=C sudo -S -p '' -- sh -c {inner}", given, deadline)
        if output.code:
            self._refuse(output)
        return Output(command, output.stdout, output.stderr, output.code)

    def prove(self, deadline: Deadline) -> None:
        """See that commands run as root. ProblemError as `run`; `no-sudo` for whatever else sudo says."""
        output = self.run("true", deadline)
        if output.code:
            what = _("sudo on the machine runs nothing: {why}").format(why=plain(output.stderr.strip(), 200))
            remedy = _("Sign in as root, or let the account use sudo for this work.")
            raise ProblemError(Problem("no-sudo", self._machine, what, remedy=remedy, check="sudo -l"))

    def close(self) -> None:
        """Nothing of its own is open."""

    def _refuse(self, output: Output) -> None:
        said = output.stderr.lower()
        known = (
            ("must have a tty", "sudo-terminal", _("sudo on the machine works only on a terminal.")),
            ("incorrect password attempt", "sudo-password", _("sudo does not take the account's password.")),
            ("sorry, try again", "sudo-password", _("sudo does not take the account's password.")),
            ("a password is required", "no-sudo", _("sudo asks for a password, and none is there.")),
            ("no password was provided", "no-sudo", _("sudo asks for a password, and none is there.")),
            ("not in the sudoers file", "no-sudo", _("the account may not use sudo.")),
            ("is not allowed to", "no-sudo", _("the account may not run this by sudo.")),
            ("may not run sudo", "no-sudo", _("the account may not use sudo.")),
            ("sudo: not found", "no-sudo", _("the machine has no sudo.")),
            ("sudo: command not found", "no-sudo", _("the machine has no sudo.")),
        )
        for sign, code, what in known:
            if sign in said:
                raise ProblemError(
                    Problem(
                        code,
                        self._machine,
                        what,
                        remedy=_("Sign in as root, or let the account use sudo for this work."),
                        check="sudo -l",
                        raw=plain(output.stderr),
                    )
                )
