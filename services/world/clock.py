"""The one clock of a world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clock:
    """World time follows real time from an anchor, `speed` times as fast (1.0 in a live world)."""

    real: datetime
    world: datetime
    speed: float = 1.0

    @classmethod
    def live(cls) -> Clock:
        now = datetime.now(UTC)
        return cls(real=now, world=now)

    def now(self) -> datetime:
        """The world's time, UTC and aware."""
        return self.world + (datetime.now(UTC) - self.real) * self.speed

    def real_seconds(self, world_seconds: float) -> float:
        """How long to wait in real seconds for a span of world time."""
        return world_seconds / self.speed
