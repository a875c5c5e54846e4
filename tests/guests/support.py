"""Practice machines in a thread of their own, and a World that leads to them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from services.guests.model import Machine
from services.practice.machines import start
from services.practice.machines.fleet import Fleet
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World

Result = TypeVar("Result")


class RecordedEvents:
    """Events as they came; `refusal` is raised at registration when set."""

    def __init__(self) -> None:
        self.registered: list[tuple[str, str, str]] = []
        self.accounts: list[str] = []
        self.refusal = ""
        self.visits = 0

    def seen(self) -> None:
        self.visits += 1

    def configuration_server_installed(self, name: str, address: str, key_xml: str) -> None:
        if self.refusal:
            raise ValueError(self.refusal)
        self.registered.append((name, address, key_xml))

    def account_added(self, name: str) -> None:
        self.accounts.append(name)


class SetClock:
    """A clock that a test sets; it stands still in between."""

    speed = 60.0

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Ground:
    """Running machines and the way to them."""

    def __init__(self, state: Path, clock: Any, events: RecordedEvents) -> None:
        self.clock = clock
        self.events = events
        self.description: dict[str, Any] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.fleet: Fleet = self._wait(start(self.description, clock, state, events))

    def _wait(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def call(self, function: Callable[[], Result]) -> Result:
        """Run a function in the machines' event loop."""

        async def run() -> Result:
            return function()

        result: Result = self._wait(run())
        return result

    def stop(self) -> None:
        self._wait(self.fleet.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def world(self, state: Path) -> World:
        network, times = self.description["network"], self.description["timeServers"]
        now = datetime.now(UTC)
        clock = Clock(now, now) if isinstance(self.clock, SetClock) else self.clock
        return World(
            kind="practice",
            id="practice-test",
            clouds={},
            clock=clock,
            dialer=MappedDialer(network, times),
            state=state,
            obey_proxy=False,
            secrets=self.description["secrets"],
        )

    def command_lines(self, name: str) -> list[str]:
        """What ran on a Windows machine so far, as its security log has it."""
        return self.call(lambda: self.fleet.command_lines(name))

    def machine(self, name: str) -> Machine:
        found = next(each for each in self.description["machines"] if each["name"] == name)
        return Machine(name, found["address"], found["osType"], found["user"])

    def password(self, name: str) -> str:
        return str(next(each for each in self.description["machines"] if each["name"] == name)["password"])


@contextmanager
def ground(state: Path, clock: Any = None) -> Iterator[Ground]:
    """Machines for a `with` block; the clock runs at 60 unless one is given."""
    now = datetime.now(UTC)
    running = Ground(state, clock or Clock(now, now, 60.0), RecordedEvents())
    try:
        yield running
    finally:
        running.stop()


def soon() -> Deadline:
    """A deadline that a working call never meets."""
    return Deadline(30)
