"""A visit to one machine: one connection, shared by all of its checks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.guests.model import Machine, Shell
from services.guests.sudo import as_root
from services.problems.model import ProblemError
from services.readiness import linux, windows
from services.readiness.clock import TrueTime
from services.readiness.linux_facts import LinuxFacts, gather
from services.readiness.linux_reach import Tried, tries
from services.readiness.outside import Outside
from services.readiness.settings import Settings
from services.readiness.system import GuestSystem
from services.readiness.windows_facts import WindowsFacts
from services.readiness.windows_facts import gather as gather_windows
from services.world.deadline import Deadline
from services.world.model import World

Open = Callable[[Machine, Deadline], Shell]
"""Logs in to a machine; ProblemError when that fails. Called from several threads at once."""


@dataclass(frozen=True)
class Ground:
    """What all visits of a sweep share.

    `live` is the service's own list of systems, None when signed out; `outside` is what the configuration
    server saw of the machines' ports.
    """

    world: World
    open: Open
    true_time: TrueTime
    live: Sequence[Mapping[str, Any]] | None = None
    settings: Settings = field(default_factory=Settings)
    outside: Outside = field(default_factory=Outside)


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
        # Not functools.cached_property: before Python 3.12 its lock is one for all visits.
        self._shell: Shell | None = None
        self._shut: ProblemError | None = None
        self._system: GuestSystem | None = None
        self._facts: LinuxFacts | ProblemError | None = None
        self._reached: dict[int, Tried] | None = None
        self._windows: WindowsFacts | ProblemError | None = None

    @property
    def shell(self) -> Shell:
        """The session, opened at first use; ProblemError when that fails.

        Tried once: each more attempt with a wrong password comes nearer to a locked account.
        """
        if self._shut is not None:
            raise self._shut
        return self._shell or self.enter()

    @property
    def system(self) -> GuestSystem:
        """What the machine runs, asked once."""
        if self._system is None:
            identify = linux.identify if self.machine.os_type == "Linux" else windows.identify
            self._system = identify(self.shell, self.deadline)
        return self._system

    @property
    def facts(self) -> LinuxFacts:
        """What the Linux checks look at, asked once, with root's rights where they can be had."""
        if self._facts is None:
            try:
                self._facts = self._gathered()
            except ProblemError as error:
                # Not asked again for each check: a machine that hangs would hang for each of them.
                self._facts = error
        if isinstance(self._facts, ProblemError):
            raise self._facts
        return self._facts

    @property
    def windows_facts(self) -> WindowsFacts:
        """What the Windows checks look at, asked once."""
        if self._windows is None:
            try:
                self._windows = gather_windows(self.shell, self.ground.settings, self.deadline)
            except ProblemError as error:
                self._windows = error
        if isinstance(self._windows, ProblemError):
            raise self._windows
        return self._windows

    @property
    def reached(self) -> dict[int, Tried]:
        """How the process server answers a Linux machine, by port, tried once."""
        if self._reached is None:
            self._reached = tries(self.shell, self.facts, self.ground.settings, self.deadline)
        return self._reached

    def _gathered(self) -> LinuxFacts:
        shell, why = self.shell, ""
        try:
            shell = as_root(self.shell, self.deadline)
        except ProblemError as error:
            why = error.problems[0].what
        return gather(shell, self.ground.settings, self.deadline, root=not why, why=why)

    def enter(self) -> Shell:
        """Open the session now, also after an attempt that failed."""
        if self._shell is None:
            try:
                self._shell = self.ground.open(self.machine, self.deadline)
            except ProblemError as error:
                self._shut = error
                raise
            self._shut = None
        return self._shell

    def close(self) -> None:
        """Close the session if one was opened."""
        if self._shell is not None:
            with contextlib.suppress(Exception):
                self._shell.close()
