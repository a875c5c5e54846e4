"""A journal as one file that proves itself."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

from services.journal import schema, store, trouble
from services.journal.base import Base, verify_connection
from services.problems.model import Problem, ProblemError, UsageError
from services.text import _


@dataclass(frozen=True)
class Verified:
    """What an exported file says: its world, its last event, and the first broken one (None: it is whole)."""

    world_id: str
    last: int
    broken: int | None


def export(journal: Base, path: Path) -> None:
    """Copy a journal, then say so in its log. ProblemError when `path` exists or cannot be written."""
    if path.exists():
        what = _("There is a file of this name already.")
        raise ProblemError(Problem("file-exists", str(path), what, remedy=_("Name another file.")))
    last = journal.moved
    try:
        store.copy_whole(journal.path, path)
    except (OSError, sqlite3.Error) as error:
        raise _unwritten(trouble.explain(error, path)) from error
    if not journal.read_only:
        journal.event("journal-exported", {"path": str(path), "last": last})


def _unwritten(error: ProblemError) -> ProblemError:
    """The same error, said of the copy and not of the journal in use, which --state names."""
    said = {
        "journal-full": _("The disk is full, so the copy was not written."),
        "journal-read-only": _("The disk is read-only, so the copy was not written."),
        "journal-unusable": _("The copy cannot be written there."),
    }
    problem = error.problems[0]
    if problem.code not in said:
        return error
    remedy = _("Name a file in a folder that can be written.")
    return ProblemError(replace(problem, what=said[problem.code], cause="", remedy=remedy))


def verify_export(path: Path) -> Verified:
    """Check an exported file without changing it. ProblemError when it is no journal or cannot be read."""
    remedy = _("Name a file that 'lifeboat journal export FILE' wrote.")
    if not path.is_file():
        what = _("There is no such file.") if not path.exists() else _("This is not a file.")
        raise UsageError(Problem("no-file", str(path), what, remedy=remedy))
    try:
        return _opened(path)
    except ProblemError as error:
        # Said of the journal in use, these would send the reader to the state folder.
        said = {
            "journal-foreign": _("This file is no copy of a journal."),
            "journal-damaged": _("This file is no whole copy of a journal."),
        }
        problem = error.problems[0]
        if problem.code not in said:
            raise
        raise type(error)(replace(problem, what=said[problem.code], cause="", remedy=remedy)) from error


def _opened(path: Path) -> Verified:
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            return _verify(connection, path)
        finally:
            connection.close()
    except (OSError, sqlite3.Error) as error:
        raise trouble.explain(error, path) from error


def _verify(connection: sqlite3.Connection, path: Path) -> Verified:
    world_id = store.world_of(connection) if schema.version(connection) else ""
    store.check(connection, path, world_id)
    if schema.version(connection) == 0:
        raise trouble.foreign(path)
    last = int(connection.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0])
    return Verified(world_id, last, verify_connection(connection, world_id))
