"""What the practice world remembers: documents, pending effects and settings in one SQLite file.

Everything that was accepted is on the disk before it is answered; what follows from it is computed from the
clock when somebody looks (see effects).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, parent TEXT NOT NULL,
    body TEXT NOT NULL, UNIQUE (kind, key));
CREATE INDEX IF NOT EXISTS by_parent ON documents (kind, parent, seq);
CREATE TABLE IF NOT EXISTS effects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, name TEXT NOT NULL, payload TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_time ON effects (at, seq);
CREATE TABLE IF NOT EXISTS ledger (
    verb TEXT NOT NULL, target TEXT NOT NULL, body TEXT NOT NULL, changes INTEGER NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (verb, target, body));
CREATE TABLE IF NOT EXISTS fired (
    rule TEXT NOT NULL, target TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (rule, target));
"""


class Store:
    """One connection, used by the server's event loop only. Keys are compared without regard to case."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        if path.exists():
            path.chmod(0o600)
        # NORMAL is enough: what must survive is the death of the process, not that of the machine.
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=NORMAL")
        self.database.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, also when the process is killed in between."""
        if self.database.in_transaction:
            yield
            return
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def setting(self, name: str) -> Any:
        """A stored setting, or None."""
        row = self.database.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_setting(self, name: str, value: Any) -> None:
        """Store a setting (anything JSON can hold)."""
        self.database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value)))

    def get(self, kind: str, key: str) -> Document | None:
        """One document, or None."""
        row = self.database.execute(
            "SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key.lower())
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, kind: str, key: str, body: Document, parent: str = "") -> None:
        """Create a document, or replace its body (its place in the order stays)."""
        self.database.execute(
            "INSERT INTO documents (kind, key, parent, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key.lower(), parent.lower(), json.dumps(body)),
        )

    def put_many(self, kind: str, parent: str, rows: Iterator[tuple[str, Document]]) -> None:
        """Create many documents of one parent at once."""
        self.database.executemany(
            "INSERT INTO documents (kind, key, parent, body) VALUES (?, ?, ?, ?)",
            ((kind, key.lower(), parent.lower(), json.dumps(body)) for key, body in rows),
        )

    def delete(self, kind: str, key: str) -> None:
        """Forget a document."""
        self.database.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key.lower()))

    def all(self, kind: str, parent: str | None = None) -> list[Document]:
        """All documents of a kind (under one parent, at any depth), oldest first."""
        return [body for _, body in self.page(kind, parent, 0, -1)]

    def page(self, kind: str, parent: str | None, after: int, limit: int) -> list[tuple[int, Document]]:
        """Documents after a sequence number, at most `limit` (-1: all), with their numbers."""
        where, values = under(parent)
        rows = self.database.execute(
            f"SELECT seq, body FROM documents WHERE kind = ? AND seq > ? {where} ORDER BY seq LIMIT ?",
            [kind, after, *values, limit],
        )
        return [(seq, json.loads(body)) for seq, body in rows]

    def count(self, kind: str, parent: str) -> int:
        """How many documents of a kind stand under one parent, at any depth."""
        where, values = under(parent)
        row = self.database.execute(f"SELECT COUNT(*) FROM documents WHERE kind = ? {where}", [kind, *values])
        return int(row.fetchone()[0])


def under(parent: str | None) -> tuple[str, list[str | int]]:
    """A condition for the documents under a parent, with its values."""
    if parent is None:
        return "", []
    prefix = parent.lower() + "/"
    return "AND (parent = ? OR substr(parent, 1, ?) = ?)", [parent.lower(), len(prefix), prefix]
