"""Everything ends: a deadline and a cancel token for each service call."""

from __future__ import annotations

import threading
import time

from services.problems.model import CancelledError, DeadlineError, Problem
from services.text import _

MAX_WAIT = 20.0
"""No single connect or read waits longer, in real seconds."""


class Deadline:
    """A point in real time that a call must not outlive, and a token that can end it earlier."""

    def __init__(self, seconds: float | None = None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End every wait that looks at this deadline, now."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def left(self, at_most: float = MAX_WAIT) -> float:
        """Real seconds that the next single wait may take; raises when none are left."""
        self.check()
        return at_most if self._end is None else max(0.01, min(at_most, self._end - time.monotonic()))

    def check(self) -> None:
        """Raise when cancelled or out of time."""
        if self._cancelled.is_set():
            raise CancelledError(Problem("cancelled", "", _("Stopped as asked.")))
        if self._end is not None and time.monotonic() >= self._end:
            raise DeadlineError(Problem("deadline", "", _("The time given has run out.")))

    def wait(self, seconds: float) -> None:
        """Sleep for real seconds, less if cancelled or out of time (then raises)."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._cancelled.wait(self.left(min(left, MAX_WAIT)))
        self.check()
