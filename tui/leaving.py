"""Leaving, whatever hangs: signals, the time that is given, the end of the process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import NoReturn, Protocol

GRACE = 2.0
"""Real seconds for the journal's last write and for workers that still listen."""
SIGNALS = (signal.SIGTERM, signal.SIGHUP)
RESTORE = "\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
"""Brings a terminal back when the driver could not: paste, wrap, mouse, keys, screen, cursor, focus."""


class Closable(Protocol):
    """What has to be finished before the end."""

    def close(self) -> None: ...


def on_signals(leave: Callable[[int], None]) -> None:
    """Call `leave` with the exit code that the shell expects when the process is told to end."""
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, leave, 128 + number)


def end_anyway(code: int) -> None:
    """End the process after the grace, if it is still there then: the terminal restored as well as it goes."""

    def end() -> None:
        time.sleep(GRACE)
        _restore()
        os._exit(code)

    threading.Thread(target=end, name="grace", daemon=True).start()


def finish(idle: Callable[[], bool], journal: Closable | None) -> None:
    """Give workers and the journal the grace, no longer."""
    until = time.monotonic() + GRACE
    while not idle() and time.monotonic() < until - GRACE / 2:
        time.sleep(0.02)
    if journal is not None:
        closing = threading.Thread(target=journal.close, name="closing", daemon=True)
        closing.start()
        closing.join(max(0.1, until - time.monotonic()))


def end(code: int) -> NoReturn:
    """End now. Threads of libraries that hang in a read would keep an ordinary exit waiting."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(code)


def again(option: str) -> NoReturn:
    """Become the same program, started with one more option."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:], option])


def _restore() -> None:
    try:
        os.write(2, RESTORE.encode())
    except OSError:
        return
