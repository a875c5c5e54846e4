"""A visit to one machine: one connection, shared by all of its checks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.guests.model import Machine, Shell
from services.readiness import linux, windows
from services.readiness.clock import TrueTime
from services.readiness.system import GuestSystem
from services.world.deadline import Deadline
from services.world.model import World

Open = Callable[[Machine, Deadline], Shell]
"""Logs in to a machine; ProblemError when that fails. Called from several threads at once."""


@dataclass(frozen=True)
class Ground:
    """What all visits of a sweep share. `live` is the service's own list of systems, None when signed out."""

    world: World
    open: Open
    true_time: TrueTime
    live: Sequence[Mapping[str, Any]] | None = None


class MachineDeadline(Deadline):
    """The time that one machine may take, within the sweep's: cancelled with it, over at the latest with it."""

    def __init__(self, seconds: float, whole: Deadline) -> None:
        super().__init__(seconds)
        self._whole = whole
        self._cancelled = whole._cancelled

    def check(self) -> None:
        self._whole.check()
        super().check()


class Visit:
    """One machine under its checks. Used by one thread; `close` ends it."""

    def __init__(self, machine: Machine, ground: Ground, deadline: Deadline) -> None:
        self.machine = machine
        self.ground = ground
        self.deadline = deadline
        self._open: list[Shell] = []

    @cached_property
    def shell(self) -> Shell:
        """The session, opened at first use; ProblemError when that fails (each use tries again)."""
        opened = self.ground.open(self.machine, self.deadline)
        self._open.append(opened)
        return opened

    def enter(self) -> None:
        """Open the session now."""
        _opened = self.shell

    @cached_property
    def system(self) -> GuestSystem:
        """What the machine runs, asked once."""
        identify = linux.identify if self.machine.os_type == "Linux" else windows.identify
        return identify(self.shell, self.deadline)

    def close(self) -> None:
        """Close the session if one was opened."""
        for opened in self._open:
            with contextlib.suppress(Exception):
                opened.close()
