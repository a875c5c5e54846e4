"""Several small PowerShell questions in one command line, each answered for itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.guests.model import Shell
from services.guests.powershell import powershell
from services.problems.model import ProblemError
from services.world.deadline import Deadline

_HEAD = re.compile(r"^==([a-z][a-z0-9-]*)\s*$")
FAILED = "!"
"""Begins the line that says why a question was not answered: the .NET name of the error, then its message."""


@dataclass(frozen=True)
class Section:
    """A question. `script` is for PowerShell 2.0 and gives lines; what it raises is its answer, and no other's."""

    name: str
    script: str

    @property
    def wrapped(self) -> str:
        return (
            f"'=={self.name}';try{{{self.script}}}catch{{$x=$_.Exception;"
            f"'{FAILED}'+$x.ErrorCode+' '+$x.Message}};"
        )


def ask(shell: Shell, sections: Sequence[Section], deadline: Deadline) -> dict[str, tuple[str, ...]]:
    """The lines of each answer by name, in as few round trips as command lines hold. ProblemError."""
    found: dict[str, tuple[str, ...]] = {}
    for line in command_lines(sections):
        found |= answers(shell.run(line, deadline).stdout)
    return found


def command_lines(sections: Sequence[Section]) -> list[str]:
    """Command lines that ask all of the questions; ProblemError when a single one is too long."""
    lines: list[str] = []
    script = ""
    for section in sections:
        try:
            powershell(script + section.wrapped)
        except ProblemError:
            if script:
                lines.append(powershell(script))
            script = ""
        script += section.wrapped
    return [*lines, powershell(script)] if script else lines


def answers(text: str) -> dict[str, tuple[str, ...]]:
    """Lines by name of question, from what the machine gave."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        head = _HEAD.match(line)
        if head:
            current = found.setdefault(head[1], [])
        elif line.strip():
            current.append(line.rstrip())
    return {name: tuple(lines) for name, lines in found.items()}


def pairs(lines: Sequence[str]) -> Mapping[str, str]:
    """NAME=VALUE lines."""
    split = (line.partition("=") for line in lines if "=" in line)
    return {name.strip(): value.strip() for name, _sign, value in split}
