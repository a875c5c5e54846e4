"""The holder of a journal gives it up when another console asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from services.journal.base import Base

LOOK = 1.0
"""Real seconds between two looks."""


def on_takeover(journal: Base, act: Callable[[], None]) -> None:
    """Call `act` once, on a thread of its own, when somebody asks this process to close the journal."""
    if journal.read_only:
        return

    def wait() -> None:
        pause = threading.Event()
        while journal.takeover_requested is None:
            pause.wait(LOOK)
        act()

    threading.Thread(target=wait, name="journal-takeover", daemon=True).start()
