"""One thread writes: each change and its event in one transaction, on the disk before it returns."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from services.journal import chain, trouble
from services.journal.model import Actor, now
from services.journal.store import Connection

Result = TypeVar("Result")

GUARDED = 8
"""Shorter secrets are not searched for: they would be found inside ordinary words."""


@dataclass(frozen=True)
class Record:
    """The event of a change; `data` holds all that the change wrote."""

    kind: str
    data: Mapping[str, Any]
    engagement: int | None = None


Change = Callable[[sqlite3.Connection], tuple[Result, Record | None]]
"""Works inside the transaction; without a record there was nothing to change, and nothing is written."""


class Writer:
    """The thread and its connection. `on_commit` is called there after each commit with the event number."""

    def __init__(self, connection: Connection, path: Path, actor: Actor) -> None:
        self.actor = actor
        self.on_commit: Callable[[int], None] | None = None
        self._connection = connection
        self._path = path
        self._secrets: frozenset[str] = frozenset()
        self._asked: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="journal", daemon=True)
        self._thread.start()

    def forbid(self, secrets: list[str]) -> None:
        """Refuse from now on to write any text that holds one of these values."""
        long = {secret for secret in secrets if len(secret) >= GUARDED}
        self._secrets |= long | {chain.canonical(secret)[1:-1] for secret in long}

    def write(self, change: Change[Result]) -> Result:
        """Make a change; when this returns it is on the disk. ProblemError: nothing of it was written."""
        future: Future[Result] = Future()

        def work() -> None:
            try:
                future.set_result(self._transact(change))
            except BaseException as error:
                future.set_exception(error)

        with self._gate:
            if self._closed:
                raise trouble.closed(self._path)
            self._asked.put(work)
        return future.result()

    def close(self) -> None:
        """Finish what was asked, then close the connection."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._asked.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (work := self._asked.get()) is not None:
            work()
        self._connection.close()

    def _transact(self, change: Change[Result]) -> Result:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                result, record = change(self._connection)
                number = None if record is None else self._append(record)
                self._connection.execute("ROLLBACK" if number is None else "COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise trouble.explain(error, self._path) from error
        if number is not None and self.on_commit is not None:
            self.on_commit(number)
        return result

    def _append(self, record: Record) -> int:
        data = self._guarded(record)
        row = self._connection.execute("SELECT max(seq) FROM event").fetchone()
        number = (row[0] or 0) + 1
        head = self._connection.execute("SELECT value FROM meta WHERE key = 'head'").fetchone()[0]
        actor = chain.canonical(asdict(self.actor))
        entry = (number, now(), record.kind, record.engagement, actor, data)
        linked = chain.link(head, entry)
        self._connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, linked))
        self._connection.execute("UPDATE meta SET value = ? WHERE key = 'head'", (linked,))
        return number

    def _guarded(self, record: Record) -> str:
        data = chain.canonical(dict(record.data))
        if any(secret in data for secret in self._secrets):
            raise trouble.forbidden(record.kind)
        return data
