"""The environment of every test, set before Textual is imported (loaded by `-p` in addopts).

Textual and Rich read their switches when they are imported; the snapshot plugin imports them before any
conftest could speak.
"""

from __future__ import annotations

import locale
import os
import time

LEAKS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "ESCDELAY")
"""What a developer's or a CI's shell may hold, and what would change how pages are drawn."""
PLACES = ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "TMUX", "STY", "ACCESSIBLE", "TERM_PROGRAM", "SUDO_USER")
"""Where the tests happen to run."""

KEPT = "TEXTUAL_SNAPSHOT_TEMPDIR"
"""Set by the snapshot plugin itself, for tests that run side by side."""

FIXED = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_SMOOTH_SCROLL": "0",
}


def fix() -> None:
    """Make this process look the same wherever it runs."""
    foreign = [
        name for name in os.environ if name.startswith(("LC_", "TEXTUAL_", "LIFEBOAT_")) and name != KEPT
    ]
    for name in (*LEAKS, *PLACES, "LANGUAGE", *foreign):
        os.environ.pop(name, None)
    os.environ.update(FIXED)
    time.tzset()
    locale.setlocale(locale.LC_ALL, "C.UTF-8")


fix()
