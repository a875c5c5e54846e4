"""The durable memory of one world: engagements, answers, facts, findings, waivers, operations, events."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from services import host
from services.journal import store, trouble
from services.journal.base import Base
from services.journal.chain import canonical
from services.journal.lock import Lock
from services.journal.model import (
    Actor,
    AnswerRow,
    Engagement,
    Excused,
    FindingRow,
    Recorded,
    WaiverRow,
    now,
)
from services.journal.writer import Record
from services.problems.model import Problem, ProblemError
from services.text import _

__all__ = ["Actor", "Engagement", "Journal"]

_CREATION = 5.0
"""Real seconds that another process may take to make the file that this one wants to read."""


class Journal(Base):
    """An open journal. Every method raises ProblemError when the disk or the file does not allow it."""

    @classmethod
    def open(cls, folder: Path, world_id: str, actor: Actor, *, read_only: bool = False) -> Journal:
        """Open the journal of a world in `folder`, made where it is missing.

        Where another process holds it, or `read_only` is asked, the result refuses changes. RefusedError
        for a folder on a network, a journal of another world or of a newer format, a foreign file.
        """
        kind = host.network_file_system(folder)
        if kind:
            raise trouble.networked(folder, kind)
        path = folder / store.FILE
        try:
            return cls._open(path, world_id, actor, read_only)
        except (OSError, sqlite3.Error) as error:
            raise trouble.explain(error, path) from error

    @classmethod
    def _open(cls, path: Path, world_id: str, actor: Actor, read_only: bool) -> Journal:
        host.private_folder(path.parent)
        found = None if read_only and path.exists() else Lock.take(path.parent)
        if not isinstance(found, Lock):
            _await_file(path, world_id)
            return cls(path, world_id, actor, None, found)
        try:
            store.prepare(path, world_id)
            if read_only:
                found.release()
            return cls(path, world_id, actor, None if read_only else found, None)
        except BaseException:
            found.release()
            raise

    def engagement(self, name: str, scenario: str) -> Engagement:
        """The engagement of this name, begun where it is missing. ProblemError: it is of another scenario."""

        def begin(connection: sqlite3.Connection) -> tuple[Engagement, Record | None]:
            found = connection.execute("SELECT * FROM engagement WHERE name = ?", (name,)).fetchone()
            if found:
                return Engagement(*found), None
            created = now()
            inserted = connection.execute(
                "INSERT INTO engagement (name, scenario, created) VALUES (?, ?, ?)", (name, scenario, created)
            )
            begun = Engagement(int(inserted.lastrowid or 0), name, scenario, created)
            return begun, Record("engagement", asdict(begun), begun.id)

        known = {one.name: one for one in self.engagements()}
        found = known.get(name) or self.write(begin)
        if found.scenario != scenario:
            what = _("This engagement is of the scenario {found}, not {wanted}.")
            remedy = _("Name another engagement.")
            shown = what.format(found=found.scenario, wanted=scenario)
            raise ProblemError(Problem("other-scenario", name, shown, remedy=remedy))
        return found

    def engagements(self) -> list[Engagement]:
        """All of them, the oldest first."""
        return [Engagement(*row) for row in self.read("SELECT * FROM engagement ORDER BY id")]

    def save_answers(self, engagement_id: int, answers: Mapping[str, tuple[Any, bool]]) -> None:
        """Keep (JSON value, valid) by key, where they changed. Secrets come as references."""

        def save(connection: sqlite3.Connection) -> tuple[None, Record | None]:
            sql = "SELECT key, value, valid FROM answer WHERE engagement = ?"
            known = {row[0]: (row[1], row[2]) for row in connection.execute(sql, (engagement_id,))}
            texts = {key: (canonical(value), int(valid)) for key, (value, valid) in answers.items()}
            changed = {key: row for key, row in texts.items() if known.get(key) != row}
            at = now()
            connection.executemany(
                "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)",
                [(engagement_id, key, value, valid, at) for key, (value, valid) in changed.items()],
            )
            data = {key: {"value": answers[key][0], "valid": answers[key][1]} for key in changed}
            return None, Record("answers", data, engagement_id) if changed else None

        self.write(save)

    def answers(self, engagement_id: int) -> dict[str, AnswerRow]:
        """What was typed, by key."""
        rows = self.read("SELECT key, value, valid, at FROM answer WHERE engagement = ?", (engagement_id,))
        return {key: AnswerRow(json.loads(value), bool(valid), at) for key, value, valid, at in rows}

    def save_facts(self, engagement_id: int, step: str, facts: Mapping[str, Any]) -> None:
        """Keep what a step has left behind: JSON values by key, one key only once in an engagement."""

        def save(connection: sqlite3.Connection) -> tuple[None, Record | None]:
            sql = "SELECT key, step, value FROM fact WHERE engagement = ?"
            known = {row[0]: (row[1], row[2]) for row in connection.execute(sql, (engagement_id,))}
            changed = {
                key: value for key, value in facts.items() if known.get(key) != (step, canonical(value))
            }
            at = now()
            connection.executemany(
                "INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?, ?)",
                [(engagement_id, key, step, canonical(value), at) for key, value in changed.items()],
            )
            return None, Record("facts", {"step": step, "facts": changed}, engagement_id) if changed else None

        self.write(save)

    def facts(self, engagement_id: int) -> dict[str, Any]:
        """What the steps have left behind, by key."""
        rows = self.read("SELECT key, value FROM fact WHERE engagement = ? ORDER BY key", (engagement_id,))
        return {key: json.loads(value) for key, value in rows}

    def drop_facts(self, engagement_id: int, steps: Iterable[str]) -> None:
        """Forget what these steps have left behind, as when they are opened again."""
        wanted = sorted(set(steps))

        def drop(connection: sqlite3.Connection) -> tuple[None, Record | None]:
            marks = ", ".join("?" * len(wanted))
            sql = f"DELETE FROM fact WHERE engagement = ? AND step IN ({marks}) RETURNING key"
            keys = [row[0] for row in connection.execute(sql, (engagement_id, *wanted)).fetchall()]
            record = Record("facts-dropped", {"steps": wanted, "keys": sorted(keys)}, engagement_id)
            return None, record if keys else None

        self.write(drop)

    def save_findings(self, engagement_id: int, step: str, findings: Sequence[Recorded]) -> None:
        """Put these findings in the place of the step's earlier ones."""

        def save(connection: sqlite3.Connection) -> tuple[None, Record | None]:
            sql = "SELECT body FROM finding WHERE engagement = ? AND step = ? ORDER BY id, target"
            known = [row[0] for row in connection.execute(sql, (engagement_id, step))]
            unique = {(found.id, found.target): _body(found) for found in findings}
            bodies = [canonical(unique[key]) for key in sorted(unique)]
            connection.execute("DELETE FROM finding WHERE engagement = ? AND step = ?", (engagement_id, step))
            at = now()
            rows = [
                (engagement_id, step, *key, str(body["status"]), canonical(body), at)
                for key, body in unique.items()
            ]
            connection.executemany("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            record = Record("findings", {"step": step, "findings": list(unique.values())}, engagement_id)
            return None, record if bodies != known else None

        self.write(save)

    def findings(self, engagement_id: int) -> list[FindingRow]:
        """The newest finding of each check, step and target."""
        sql = "SELECT step, id, target, status, body, at FROM finding WHERE engagement = ? ORDER BY rowid"
        rows = self.read(sql, (engagement_id,))
        return [
            FindingRow(step, id_, target, status, json.loads(body), at)
            for step, id_, target, status, body, at in rows
        ]

    def save_waiver(self, engagement_id: int, waiver: Excused) -> None:
        """Keep a waiver in the place of an earlier one for the same check and target."""

        def save(connection: sqlite3.Connection) -> tuple[None, Record | None]:
            row = (waiver.check, waiver.target, waiver.reason, waiver.by, waiver.until)
            sql = 'SELECT "check", target, reason, by, until FROM waiver WHERE engagement = ?'
            if row in connection.execute(sql, (engagement_id,)).fetchall():
                return None, None
            connection.execute(
                "INSERT OR REPLACE INTO waiver VALUES (?, ?, ?, ?, ?, ?, ?)", (engagement_id, *row, now())
            )
            names = ("check", "target", "reason", "by", "until")
            return None, Record("waiver", dict(zip(names, row, strict=True)), engagement_id)

        self.write(save)

    def waivers(self, engagement_id: int) -> list[WaiverRow]:
        """The waivers in force or run out; the reader compares `until`."""
        sql = 'SELECT "check", target, reason, by, until, at FROM waiver WHERE engagement = ? ORDER BY rowid'
        return [WaiverRow(*row) for row in self.read(sql, (engagement_id,))]

    def export(self, path: Path) -> None:
        """Copy the journal whole into one file of mode 0600 that must not exist yet."""
        from services.journal.export import export

        export(self, path)


def _body(found: Recorded) -> dict[str, Any]:
    if not is_dataclass(found) or isinstance(found, type):
        raise TypeError("a finding is a dataclass")
    return asdict(found)


def _await_file(path: Path, world_id: str) -> None:
    """Wait until another process has made the file, and check it."""
    end = time.monotonic() + _CREATION
    while True:
        if path.exists():
            connection = store.connect(path)
            try:
                if store.check(connection, path, world_id) > 0:
                    return
            finally:
                connection.close()
        if time.monotonic() >= end:
            raise OSError(None, "no journal")
        time.sleep(0.05)
