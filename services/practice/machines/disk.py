"""What machines remember: files, scheduled tasks and facts in one SQLite file, by machine."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS files (machine TEXT, key TEXT, path TEXT, data BLOB, PRIMARY KEY (machine, key));
CREATE TABLE IF NOT EXISTS facts (machine TEXT, name TEXT, value TEXT, PRIMARY KEY (machine, name));
"""


class Disks:
    """One connection for all machines, used by the server's event loop only."""

    def __init__(self, state_dir: Path) -> None:
        path = state_dir / "machines.db"
        self._database = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        # NORMAL is enough: what must survive is the death of the process, not that of the host.
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(SCHEMA)

    def of(self, machine: str) -> Disk:
        """The memory of one machine."""
        return Disk(self._database, machine)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


class Disk:
    """The memory of one machine. Paths are found without regard to case; a folder holds None."""

    def __init__(self, database: sqlite3.Connection, machine: str) -> None:
        self._database = database
        self._machine = machine

    def read(self, path: str) -> bytes | None:
        """The content of a file; None when there is no such file."""
        row = self._row(path)
        return None if row is None else row[0]

    def exists(self, path: str) -> bool:
        """Whether a file or a folder of that name exists."""
        return self._row(path) is not None

    def is_folder(self, path: str) -> bool:
        """Whether a folder of that name exists."""
        row = self._row(path)
        return row is not None and row[0] is None

    def write(self, path: str, data: bytes) -> None:
        """Create a file or replace its content."""
        self._put(path, data)

    def make_folder(self, path: str) -> None:
        """Create a folder."""
        self._put(path, None)

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all that is in it."""
        key = _key(path)
        inside = key.replace("%", "\\%").replace("_", "\\_")
        self._database.execute(
            "DELETE FROM files WHERE machine = ? AND (key = ? OR key LIKE ? ESCAPE '\\')",
            (self._machine, key, inside + "/%"),
        )

    def inside(self, folder: str) -> list[str]:
        """Paths of all that is in a folder, at any depth."""
        rows = self._database.execute("SELECT key, path FROM files WHERE machine = ?", (self._machine,))
        return sorted(path for key, path in rows if key.startswith(_key(folder) + "/"))

    def fact(self, name: str) -> Any:
        """A remembered fact, or None."""
        row = self._database.execute(
            "SELECT value FROM facts WHERE machine = ? AND name = ?", (self._machine, name)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def remember(self, name: str, value: Any) -> None:
        """Remember a fact (anything JSON can hold); None forgets it."""
        if value is None:
            self._database.execute("DELETE FROM facts WHERE machine = ? AND name = ?", (self._machine, name))
            return
        self._database.execute(
            "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", (self._machine, name, json.dumps(value))
        )

    def facts(self, prefix: str) -> dict[str, Any]:
        """All facts whose name begins with `prefix`."""
        rows = self._database.execute("SELECT name, value FROM facts WHERE machine = ?", (self._machine,))
        return {name: json.loads(value) for name, value in rows if name.startswith(prefix)}

    def _row(self, path: str) -> tuple[bytes | None] | None:
        row: tuple[bytes | None] | None = self._database.execute(
            "SELECT data FROM files WHERE machine = ? AND key = ?", (self._machine, _key(path))
        ).fetchone()
        return row

    def _put(self, path: str, data: bytes | None) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", (self._machine, _key(path), path, data)
        )


def _key(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").lower()
