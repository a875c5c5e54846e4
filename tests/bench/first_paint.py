"""First paint: from exec to the bytes of the page's title, against a bare Textual application.

Paired runs, interleaved, so that what the machine does besides hits both alike. Figures, never a test.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.terminal.pty_process import PtyProcess, environment

TITLE = b"What now?"
RUNS = 15


@dataclass(frozen=True)
class Paint:
    """One start: seconds to the title, CPU seconds of the whole run, bytes until silence, resident MiB."""

    seconds: float
    cpu: float
    size: int
    memory: float


def measure(command: Sequence[str]) -> Paint:
    """Start, wait for the title and for silence, look, end."""
    child = PtyProcess(command, environment(TEXTUAL_ANIMATIONS="", TEXTUAL_SMOOTH_SCROLL=""))
    try:
        seconds = child.read_until(TITLE)
        child.read_quiet(1.0)
        memory, size = child.memory(), len(child.written)
        child.signal(signal.SIGTERM)
        child.wait()
        usage = child.usage
        assert usage is not None
        return Paint(seconds, usage.ru_utime + usage.ru_stime, size, memory)
    finally:
        child.close()


def paired(runs: int = RUNS) -> tuple[list[Paint], list[Paint]]:
    """(ours, bare), run by run in turns; the first pair warms the caches and is not counted."""
    ours: list[Paint] = []
    bare: list[Paint] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(runs + 1):
            one = measure([sys.executable, "-m", "tui", "--state", str(Path(folder) / "state")])
            other = measure([sys.executable, "-m", "tests.bench.bare_app"])
            if number:
                ours.append(one)
                bare.append(other)
    return ours, bare


def report(runs: int = RUNS) -> list[str]:
    """The figures as lines."""
    ours, bare = paired(runs)
    pairs = list(zip(ours, bare, strict=True))
    ratio = median(one.seconds / other.seconds for one, other in pairs)
    cpu = median(one.cpu / other.cpu for one, other in pairs)
    return [
        f"first paint  {ratio:.2f} of a bare application, paired median of {runs} interleaved runs",
        f"             {_both(ours, bare, 'seconds')} s from exec to the title",
        f"CPU time     {cpu:.2f} of a bare application, from exec to the end, journal opened",
        f"             {_both(ours, bare, 'cpu')} s",
        f"bytes        {_both(ours, bare, 'size')} to the opened welcome page at 80x24",
        f"resident     {_both(ours, bare, 'memory')} MiB at the welcome page",
    ]


def _both(ours: Sequence[Paint], bare: Sequence[Paint], name: str) -> str:
    """Medians, ours and the peer's."""
    one, other = (median(getattr(paint, name) for paint in paints) for paints in (ours, bare))
    form = ".0f" if name in ("size", "memory") else ".2f"
    return f"{one:{form}} (bare: {other:{form}})"


if __name__ == "__main__":
    print("\n".join(report(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)))
