"""One process holds a journal; a second one sees who, and can ask for it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields
from pathlib import Path

from services import host
from services.journal.model import Holder, now

LOCK = "journal.lock"
REQUEST = "journal.takeover"


class Lock:
    """The operating system's lock on a journal's folder; it ends with the process, however that ends."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self._folder = folder
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path) -> Lock | Holder:
        """The lock, or who has it. OSError when the folder cannot be written."""
        descriptor = host.private_file(folder / LOCK)
        if not host.try_lock(descriptor):
            os.close(descriptor)
            return read_holder(folder / LOCK)
        try:
            _write(descriptor, here())
            (folder / REQUEST).unlink(missing_ok=True)
        except OSError:
            os.close(descriptor)
            raise
        return cls(folder, descriptor)

    @property
    def requested(self) -> Holder | None:
        """Who asks for the journal, or None."""
        path = self._folder / REQUEST
        return read_holder(path) if path.exists() else None

    def release(self) -> None:
        """Let the next process have it. The file stays: taking it away would race with the next lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def here() -> Holder:
    """This process."""
    return Holder(user=host.user(), terminal=host.terminal(), pid=os.getpid(), since=now())


def take_over(folder: Path) -> None:
    """Ask the holder of a journal to close it; it sees `Journal.takeover_requested`. OSError."""
    descriptor = host.private_file(folder / REQUEST)
    try:
        _write(descriptor, here())
    finally:
        os.close(descriptor)


def holder_of(folder: Path) -> Holder | None:
    """Who holds the journal of a folder now; None: nobody does. OSError when the lock cannot be looked at."""
    path = folder / LOCK
    if not path.exists():
        return None
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return None if host.try_lock(descriptor) else read_holder(path)
    finally:
        os.close(descriptor)


def read_holder(path: Path) -> Holder:
    """The holder that a lock file names; unknown fields are empty, also while it is being written."""
    try:
        found = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError):
        return Holder()
    if not isinstance(found, dict):
        return Holder()
    known = {field.name: found.get(field.name) for field in fields(Holder)}
    pid = known.pop("pid")
    texts = {key: value for key, value in known.items() if isinstance(value, str)}
    return Holder(**texts, pid=pid if isinstance(pid, int) else 0)


def _write(descriptor: int, holder: Holder) -> None:
    text = json.dumps(asdict(holder)).encode()
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text)
