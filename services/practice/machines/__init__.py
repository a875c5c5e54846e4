"""The machines of the practice world: SSH servers, WS-Management endpoints and time servers on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.practice.machines.fleet import Fleet
    from services.practice.machines.ground import Clock, Events


async def start(world: dict[str, Any], clock: Clock, state_dir: Path, events: Events) -> Fleet:
    """Start all machines and fill in `network`, `machines`, `timeServers` and `secrets` of the world.

    State is kept in `state_dir` (made 0700), so that a start after a kill finds what was there. Stop with
    `await handle.stop()`.
    """
    from services.practice.machines.fleet import Fleet

    fleet = Fleet(clock, state_dir, events)
    await fleet.start(world)
    return fleet
