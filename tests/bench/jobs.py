"""Bytes through the terminal while Azure works: the last step of a set-up on the practice world, at real pace."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from services.practice import process
from tests.flow.support import answers_file, lifeboat, run_arguments, world_file
from tests.practice_world import start, stop
from tests.terminal.pty_process import PtyProcess, environment

WATCHED = 30.0
"""Real seconds that are measured while the job runs."""
BEFORE, SPEED = 1200.0, 10.0
"""World seconds per real second before and while it is measured: the first copy takes about two minutes."""


def report(watched: float = WATCHED) -> list[str]:
    """The figures as lines, at 80x24."""
    with tempfile.TemporaryDirectory() as name:
        state = Path(name)
        try:
            start(state, speed=BEFORE)
            ran = lifeboat(*run_arguments(state, answers_file(state, state)), "--until", "replication")
            if ran.status:
                return [f"the run before it ended with {ran.status}"]
            process.stop(state)
            start(state, speed=SPEED)
            return _measured(state, watched)
        finally:
            stop(state)


def _measured(state: Path, watched: float) -> list[str]:
    joined = ["--practice", "--state", str(state), "--world", str(world_file(state))]
    child = PtyProcess([sys.executable, "-m", "tui", *joined], environment())
    try:
        child.read_until(b"Continue set-up", 60)
        child.read_quiet()
        for _key in range(12):
            # A long plan is read on first, by the same keys.
            child.send(b"\x1b[C\r" if b"Not now" in child.written else b"\r")
            if b"being done" in child.read_for(1.5):
                break
        else:
            return ["job          no figure: the work of the last step never began"]
        # The page that says that it runs; what follows is progress.
        child.read_for(2.0)
        rate = len(child.read_for(watched)) / watched
        return [f"job          {rate:.0f} bytes a second over {watched:.0f} s"]
    finally:
        child.close()
