"""A Windows machine: its files and its clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from services.practice.machines.disk import Disk
from services.practice.machines.ground import Clock
from services.practice.machines.inventory import Windows

Reach = Callable[[str, int], bool]


class Guest:
    """One machine at work. `reach` says whether a documented address and port answers."""

    def __init__(self, profile: Windows, clock: Clock, disk: Disk, reach: Reach) -> None:
        self.profile = profile
        self.clock = clock
        self.disk = disk
        self.reach = reach

    def now(self) -> datetime:
        """What this machine's clock shows, in UTC."""
        return self.clock.now() + timedelta(seconds=self.profile.clock_error)
