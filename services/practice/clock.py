"""World time: one clock that every practice server reads.

While servers run, world time goes `speed` times as fast as real time; while they are stopped it goes at
real speed. The anchors are stored, so that nothing depends on a timer: a server that was killed and is
started again continues from the last moment it is known to have lived.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

# A heartbeat is a lease: after a kill, the server counts as alive (and world time as fast) for this long.
LEASE_SECONDS = 2.0


class Clock:
    """Reads world time. `world = anchor_world + (real - anchor_real) * speed`, seconds since 1970 in UTC."""

    def __init__(self, anchor_real: float, anchor_world: float, speed: float) -> None:
        if not math.isfinite(speed) or speed <= 0:
            raise ValueError(f"speed must be a positive number, not {speed}")
        self.anchor_real = anchor_real
        self.anchor_world = anchor_world
        self.speed = speed

    def seconds(self) -> float:
        """World time in seconds since 1970 (UTC)."""
        return self.anchor_world + (time.time() - self.anchor_real) * self.speed

    def now(self) -> datetime:
        """World time as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def real_seconds(self, world_seconds: float) -> float:
        """How long `world_seconds` of the world take here."""
        return world_seconds / self.speed


def resumed(heartbeat: tuple[float, float, float] | None, speed: float) -> Clock:
    """The clock of a starting server. `heartbeat`: (real, world, speed) as last stored, None at first."""
    real = time.time()
    if heartbeat is None:
        return Clock(real, real, speed)
    beat_real, beat_world, beat_speed = heartbeat
    away = max(0.0, real - beat_real)
    fast = min(away, LEASE_SECONDS)
    return Clock(real, beat_world + fast * beat_speed + (away - fast), speed)


def stamp(seconds: float) -> str:
    """A time as Azure writes it: UTC, seven decimals, Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def whole_stamp(seconds: float) -> str:
    """A time without decimals, as Azure writes a job's end."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(seconds: float) -> str:
    """The Date header for a moment (RFC 9110), English whatever the locale."""
    moment = datetime.fromtimestamp(seconds, UTC)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return moment.strftime(f"{day}, %d {months[moment.month - 1]} %Y %H:%M:%S GMT")
