"""An open journal: its lock, its writer, its readers and its log."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from services.journal import chain, store, trouble
from services.journal.lock import Lock
from services.journal.model import Actor, Event, Holder
from services.journal.writer import Change, Record, Writer

Result = TypeVar("Result")


class Base:
    """What every part of the journal is built on. Safe to use from many threads.

    `holder` is who else has the journal, when that is why this one is `read_only`.
    """

    def __init__(
        self, path: Path, world_id: str, actor: Actor, lock: Lock | None, holder: Holder | None
    ) -> None:
        self.path = path
        self.world_id = world_id
        self.holder = holder
        self._lock = lock
        self._local = threading.local()
        self._readers: weakref.WeakSet[store.Connection] = weakref.WeakSet()
        self._closed = False
        self._writer = Writer(store.connect(path, write=True), path, actor) if lock else None

    @property
    def read_only(self) -> bool:
        """Whether this journal refuses every change."""
        return self._writer is None

    @property
    def takeover_requested(self) -> Holder | None:
        """Who asks this process to close the journal, or None."""
        return self._lock.requested if self._lock else None

    @property
    def on_commit(self) -> Callable[[int], None] | None:
        """Called on the writing thread after each commit, with the number of its event."""
        return self._writing().on_commit

    @on_commit.setter
    def on_commit(self, hook: Callable[[int], None] | None) -> None:
        self._writing().on_commit = hook

    @property
    def actor(self) -> Actor:
        """In whose name is written now."""
        return self._writing().actor

    def act_as(self, actor: Actor) -> None:
        """Name another person in what is written from now on, as after sign-in."""
        self._writing().actor = actor

    def forbid(self, secrets: Iterable[str]) -> None:
        """Refuse from now on to write anything that holds one of these values."""
        if self._writer is not None:
            self._writer.forbid(list(secrets))

    def write(self, change: Change[Result]) -> Result:
        """Make a change with its event in one transaction; when this returns it is on the disk."""
        return self._writing().write(change)

    def read(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Rows by this thread's own connection. ProblemError."""
        try:
            return self._reader().execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise trouble.explain(error, self.path) from error

    def event(self, kind: str, data: Mapping[str, Any], engagement_id: int | None = None) -> int:
        """Add one entry to the log; returns its number."""
        self.write(lambda _connection: (None, Record(kind, data, engagement_id)))
        return self.moved

    def events(self, after: int = 0) -> list[Event]:
        """The log in order, from the entry behind number `after`."""
        rows = self.read("SELECT * FROM event WHERE seq > ? ORDER BY seq", (after,))
        return [
            Event(seq, at, kind, engagement, json.loads(actor), json.loads(data), linked)
            for seq, at, kind, engagement, actor, data, linked in rows
        ]

    @property
    def moved(self) -> int:
        """The number of the last event: whoever shows the journal reads again when it has grown."""
        return int(self.read("SELECT coalesce(max(seq), 0) FROM event")[0][0])

    def verify(self) -> int | None:
        """The number of the first event that is not as it was written, or None."""
        return verify_connection(self._reader(), self.world_id)

    def close(self) -> None:
        """Finish what is being written, then let the next process have the journal."""
        self._closed = True
        if self._writer is not None:
            self._writer.close()
        for reader in list(self._readers):
            reader.close()
        if self._lock is not None:
            self._lock.release()

    def _writing(self) -> Writer:
        if self._writer is None:
            raise trouble.held(self.path, self.holder)
        return self._writer

    def _reader(self) -> store.Connection:
        found: store.Connection | None = getattr(self._local, "reader", None)
        if found is None:
            if self._closed:
                raise trouble.closed(self.path)
            found = self._local.reader = store.connect(self.path)
            self._readers.add(found)
        return found


def verify_connection(connection: sqlite3.Connection, world_id: str) -> int | None:
    """The number of the first broken event of an open file, or None."""
    connection.execute("BEGIN")  # the head and the events of one moment
    try:
        head = connection.execute("SELECT value FROM meta WHERE key = 'head'").fetchone()
        return chain.first_broken(_entries(connection), world_id, str(head[0]) if head else "")
    finally:
        connection.execute("ROLLBACK")


def _entries(connection: sqlite3.Connection) -> Iterator[tuple[chain.Entry, str]]:
    for row in connection.execute(
        "SELECT seq, at, kind, engagement, actor, data, hash FROM event ORDER BY seq"
    ):
        yield row[:6], row[6]
