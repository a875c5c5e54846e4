"""How long `evidence verify` takes over a folder with 10,000 events, next to sha256sum over the same files."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric import ed25519

from services.evidence import folder
from services.evidence.signing import KeySigner
from services.evidence.verify import verify
from services.journal import chain
from services.journal.journal import Actor, Journal
from services.journal.model import now
from tests.evidence import samples

EVENTS, ROUNDS = 10_000, 5


def report(count: int = EVENTS) -> list[str]:
    """The figures as lines; medians of interleaved rounds."""
    with tempfile.TemporaryDirectory() as name:
        path = _written(Path(name), count)
        command = [sys.executable, "-m", "tui", "evidence", "verify", str(path)]
        files = [str(one) for one in path.iterdir()]
        rows: dict[str, list[float]] = {"verify": [], "process": [], "sha256sum": []}
        for _round in range(ROUNDS):
            rows["verify"].append(_seconds(lambda: _whole(path)))
            rows["process"].append(_seconds(lambda: _ran(command)))
            rows["sha256sum"].append(_seconds(lambda: _ran(["sha256sum", *files])))
        size = sum(one.stat().st_size for one in path.iterdir()) / 1e6
        measured = {key: median(values) for key, values in rows.items()}
        return [
            f"folder       {count} events, {size:.1f} MB",
            f"verify       {measured['verify']:.2f} s in a running process",
            f"command      {measured['process']:.2f} s from start to exit",
            f"sha256sum    {measured['sha256sum']:.2f} s over the same files, without chain, record or signature",
        ]


def _written(parent: Path, count: int) -> Path:
    journal = Journal.open(parent / "state", "practice", Actor.here("op@contoso.example"))
    try:
        begun = journal.engagement(samples.RUN, "recovery")
        _fill(journal, begun.id, count - journal.moved - 1)  # the last one names the record
        signer = KeySigner(ed25519.Ed25519PrivateKey.generate())
        return folder.write(journal, begun.id, samples.record(), parent / "evidence", signer)
    finally:
        journal.close()


def _fill(journal: Journal, engagement: int, count: int) -> None:
    """Many events in one transaction, as each one alone waits for the disk."""
    import sqlite3

    with sqlite3.connect(journal.path) as connection:
        head = connection.execute("SELECT value FROM meta WHERE key = 'head'").fetchone()[0]
        first = journal.moved + 1
        actor = chain.canonical({"account": "op@contoso.example", "object_id": "0" * 36})
        for seq in range(first, first + count):
            data = chain.canonical({"job": f"job-{seq}", "state": "InProgress", "task": "x" * 120})
            entry = (seq, now(), "operation", engagement, actor, data)
            head = chain.link(head, entry)
            connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, head))
        connection.execute("UPDATE meta SET value = ? WHERE key = 'head'", (head,))
    connection.close()


def _whole(path: Path) -> None:
    if not verify(path).unaltered:
        raise RuntimeError("the folder is altered")


def _ran(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
