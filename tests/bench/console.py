"""The console over 5,000 items and 200 running jobs, through a pty: time, keys, bytes, calls, memory."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.flow.support import world_file
from tests.practice_world import start, stop
from tests.terminal.pty_process import PtyProcess, environment

ITEMS, JOBS = 5000, 200
KEYS = 60
WATCHED = 30.0
"""Real seconds that are watched while jobs move."""


def report(items: int = ITEMS) -> list[str]:
    """The figures as lines, at 80x24."""
    with tempfile.TemporaryDirectory() as name:
        state = Path(name)
        record = state / "exchanges"
        try:
            start(state, speed=60.0, items=items, jobs=JOBS, record=record)
            return _measured(state, record)
        finally:
            stop(state)


def _measured(state: Path, record: Path) -> list[str]:
    joined = ["--practice", "--state", str(state), "--world", str(world_file(state))]
    child = PtyProcess([sys.executable, "-m", "tui", *joined], environment())
    try:
        child.read_until(b"Console", 60)
        child.read_quiet()
        child.send(b"\x1b[B\x1b[B\r")
        child.read_until(b"can be done", 60)
        data = _last_answer(record)
        child.read_until(b"app-01", 120)
        lines = [f"items page   {max(0.0, time.time() - data):.2f} s from the last page of data to the table"]
        child.read_quiet()
        waits = sorted(_key(child, b"\x1b[B" if number % 2 else b"\x1b[6~") for number in range(KEYS))
        lines.append(
            f"key to paint {statistics.median(waits) * 1000:.0f} ms median, {waits[int(KEYS * 0.95)] * 1000:.0f} ms p95"
        )
        lines += _watched(child, record, "items page")
        child.send(b"j")
        child.read_quiet()
        lines += _watched(child, record, "jobs page")
        lines.append(f"resident     {_resident(child.pid):.0f} MiB with {ITEMS} items")
        return lines
    finally:
        child.close()


def _watched(child: PtyProcess, record: Path, page: str) -> list[str]:
    """Bytes to the terminal and calls to Azure while jobs move."""
    before, written = _count(record), len(child.written)
    child.read_for(WATCHED)
    calls = Counter(_kinds(record, before))
    looks = max(1, calls["replicationJobs"])
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(calls.items()))
    return [
        f"{page:<12} {(len(child.written) - written) / looks:.0f} bytes a look over {looks} looks in {WATCHED:.0f} s",
        f"{'':<12} calls: {counted}",
    ]


def _key(child: PtyProcess, key: bytes) -> float:
    """Real seconds from a key to the first bytes of its paint; the rest is read before the next key."""
    before, began = len(child.written), time.perf_counter()
    child.send(key)
    while len(child.written) == before:
        child.read_for(0.002)
    took = time.perf_counter() - began
    child.read_for(0.05)
    return took


def _resident(pid: int) -> float:
    """MiB of memory that a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def _count(record: Path) -> int:
    return sum(1 for _path in record.iterdir())


def _last_answer(record: Path) -> float:
    """When the last page of items was answered, by the file that keeps it; waits until the pages end."""
    seen, still = 0, time.time()
    while not seen or time.time() - still < 0.5:
        now = sum("replicationProtectedItems" in path.name for path in record.iterdir())
        if now != seen:
            seen, still = now, time.time()
        time.sleep(0.01)
    files = [path for path in record.iterdir() if "replicationProtectedItems" in path.name]
    return max(path.stat().st_mtime for path in files)


def _kinds(record: Path, since: int) -> list[str]:
    found = []
    for path in sorted(record.iterdir())[since:]:
        parts = json.loads(path.read_text())["uri"].split("?")[0].split("/")
        kind = next((part for part in reversed(parts) if part.startswith("replication")), parts[-1])
        found.append("one job" if kind == "replicationJobs" and parts[-1] != kind else kind)
    return found


if __name__ == "__main__":
    print("\n".join(report(int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS)))
