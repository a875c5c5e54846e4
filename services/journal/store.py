"""The journal's file: made, checked, brought to the newest format, opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from services import host
from services.journal import chain, schema, trouble

FILE = "journal.sqlite"
BUSY = 5.0
"""Real seconds to wait for a reader of another process that holds a page."""


class Connection(sqlite3.Connection):
    """A connection that can be kept in a WeakSet."""


def connect(path: Path, *, write: bool = False) -> Connection:
    """A connection in autocommit mode; without `write` it refuses every change. sqlite3.Error."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(
        address, uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False, factory=Connection
    )
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA foreign_keys = ON")
    if write:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    else:
        connection.execute("PRAGMA query_only = ON")
    return connection


def prepare(path: Path, world_id: str) -> None:
    """Make the file, or check it and bring it to the newest format. The caller holds the lock.

    Raises ProblemError; a file that is refused is left as it is.
    """
    _make(path)
    connection = connect(path)
    try:
        found = check(connection, path, world_id)
    finally:
        connection.close()
    if found == schema.newest():
        return
    if found > 0:
        copy_whole(path, path.with_name(f"journal.v{found}.bak"))
    connection = connect(path, write=True)
    try:
        _bring_up(connection, world_id)
    finally:
        connection.close()


def check(connection: sqlite3.Connection, path: Path, world_id: str) -> int:
    """The format of an open file that is whole, ours and of this world; 0 for an empty one. ProblemError."""
    found = schema.version(connection)
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise trouble.damaged(path, str(verdict))
    if found == 0 and not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        return 0
    if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
        raise trouble.foreign(path)
    if found > schema.newest():
        raise trouble.newer(path, found, schema.newest())
    belongs = world_of(connection)
    if belongs != world_id:
        raise trouble.other_world(path, belongs, world_id)
    return found


def world_of(connection: sqlite3.Connection) -> str:
    """The world that an open journal belongs to."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'world'").fetchone()
    return str(row[0]) if row else ""


def _make(path: Path) -> None:
    if path.exists():
        path.chmod(0o600)
        return
    # SQLite gives its -wal and -shm files the mode of the file itself.
    os.close(host.private_file(path))
    host.sync_folder(path.parent)


def _bring_up(connection: sqlite3.Connection, world_id: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        fresh = schema.version(connection) == 0
        schema.migrate(connection)
        if fresh:
            rows = [("world", world_id), ("head", chain.genesis(world_id))]
            connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def copy_whole(path: Path, target: Path) -> None:
    """Copy a journal whole, write-ahead log included, to a file of mode 0600 that is on the disk."""
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    descriptor = host.private_file(unfinished)
    source, copy = connect(path), sqlite3.connect(unfinished, isolation_level=None)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
        source.close()
    os.fsync(descriptor)
    os.close(descriptor)
    unfinished.replace(target)
    host.sync_folder(target.parent)
