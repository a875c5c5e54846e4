"""Worlds, machines and shells for tests of readiness."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.guests.model import Machine, Output
from services.readiness.clock import Reading, TrueTime
from services.readiness.evidence import seen
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TRUE = TrueTime(Reading("time.windows.com", 0.0, 0.0, seen("SNTP", "+0.0 s")))


def machine(name: str = "app-01", os_type: str = "Linux", **more: str) -> Machine:
    return Machine(name, "10.1.0.11", os_type, more.pop("user", "root"), **more)


def world(streams: Mapping[str, str] | None = None, datagrams: Mapping[str, str] | None = None) -> World:
    """A world in which only the given addresses exist; nothing in it is read or written."""
    return World(
        kind="practice",
        id="practice",
        clouds={},
        clock=Clock(datetime.now(UTC), NOW),
        dialer=MappedDialer(streams or {}, datagrams or {}),
        state=Path("/nonexistent"),
        time_servers=tuple(datagrams or {}),
    )


class Steady(Clock):
    """A clock that moves only when it is looked at, by `tick` seconds."""

    def __init__(self, tick: float = 0.0) -> None:
        super().__init__(NOW, NOW)
        moments = itertools.count()
        object.__setattr__(self, "_next", lambda: NOW + timedelta(seconds=tick * next(moments)))

    _next: Callable[[], datetime]

    def now(self) -> datetime:
        return self._next()


class Scripted:
    """A shell whose answers come from a function; `closed` counts how often it was closed."""

    def __init__(self, answer: Callable[[str], str], code: int = 0) -> None:
        self._answer = answer
        self._code = code
        self.asked: list[str] = []
        self.closed = 0

    def run(self, command: str, deadline: Deadline) -> Output:
        deadline.check()
        self.asked.append(command)
        return Output(command, self._answer(command), "", self._code)

    def close(self) -> None:
        self.closed += 1
