"""The tables, and the way from each older version of them to the newest."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

APPLICATION_ID = 0x4C694665
"""Marks an SQLite file as a journal (PRAGMA application_id)."""

_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE engagement (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, scenario TEXT NOT NULL, created TEXT NOT NULL) STRICT;
CREATE TABLE answer (
    engagement INTEGER NOT NULL REFERENCES engagement(id), key TEXT NOT NULL, value TEXT NOT NULL,
    valid INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (engagement, key)) STRICT;
CREATE TABLE fact (
    engagement INTEGER NOT NULL REFERENCES engagement(id), key TEXT NOT NULL, step TEXT NOT NULL,
    value TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (engagement, key)) STRICT;
CREATE TABLE finding (
    engagement INTEGER NOT NULL REFERENCES engagement(id), step TEXT NOT NULL, id TEXT NOT NULL,
    target TEXT NOT NULL, status TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (engagement, step, id, target)) STRICT;
CREATE TABLE waiver (
    engagement INTEGER NOT NULL REFERENCES engagement(id), "check" TEXT NOT NULL, target TEXT NOT NULL,
    reason TEXT NOT NULL, by TEXT NOT NULL, until TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (engagement, "check", target)) STRICT;
CREATE TABLE operation (
    id INTEGER PRIMARY KEY, engagement INTEGER NOT NULL REFERENCES engagement(id), step TEXT NOT NULL,
    verb TEXT NOT NULL, method TEXT NOT NULL, target TEXT NOT NULL, digest TEXT NOT NULL,
    client_request_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    job_id TEXT NOT NULL, service_date TEXT NOT NULL, adopted TEXT NOT NULL, outcome TEXT NOT NULL,
    error TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL) STRICT;
CREATE INDEX operation_key ON operation (engagement, verb, target, digest);
CREATE TABLE event (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, engagement INTEGER,
    actor TEXT NOT NULL, data TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TRIGGER event_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are kept'); END;
CREATE TRIGGER event_fixed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are kept'); END;
"""


def _create(connection: sqlite3.Connection) -> None:
    run_script(connection, _FIRST)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


Migration = Callable[[sqlite3.Connection], None]

MIGRATIONS: list[Migration] = [_create]
"""The step at index N leads from version N to N + 1; version 0 is an empty file."""


def newest() -> int:
    """The version that this program writes."""
    return len(MIGRATIONS)


def version(connection: sqlite3.Connection) -> int:
    """The version of an open file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an open file to the newest version; the caller holds the transaction."""
    for number, step in enumerate(MIGRATIONS[version(connection) :], start=version(connection) + 1):
        step(connection)
        connection.execute(f"PRAGMA user_version = {number}")


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run several statements inside the open transaction, which executescript would end."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
