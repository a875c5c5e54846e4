"""What can be wrong with the journal's file, as answers."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from services.journal.model import Holder
from services.problems.model import Problem, ProblemError, RefusedError
from services.text import _, plain

_FULL = (errno.ENOSPC, errno.EDQUOT)
_READ_ONLY = (errno.EROFS,)
_ROOM = 64 * 1024
"""Bytes that SQLite needs free to open a journal: its index of the write-ahead log is 32 KiB."""


def explain(error: sqlite3.Error | OSError, path: Path) -> ProblemError:
    """The answer to an error of the disk or of SQLite while working on `path`."""
    if isinstance(error, OSError):
        return _from_number(error.errno, path, str(error))
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, str(error))
    if primary == sqlite3.SQLITE_FULL:
        return _from_number(errno.ENOSPC, path, str(error))
    if primary == sqlite3.SQLITE_READONLY:
        return _from_number(errno.EROFS, path, str(error))
    # A full disk shows at opening as an error of input and output that names no cause.
    return _from_number(errno.ENOSPC if _full(path) else None, path, str(error))


def _full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False


def _from_number(number: int | None, path: Path, raw: str) -> ProblemError:
    remedy = _("Free some space there, or name another folder with --state; then go on where you were.")
    if number in _FULL:
        what, code = _("The disk of the journal is full, so nothing was written."), "journal-full"
    elif number in _READ_ONLY:
        what, code = _("The disk of the journal is read-only, so nothing was written."), "journal-read-only"
        remedy = _("Make it writable, or name another folder with --state.")
    else:
        what, code = _("The journal cannot be used there."), "journal-unusable"
        remedy = _("Check the folder and its permissions, or name another one with --state.")
    cause = _("What was written before is whole.")
    return ProblemError(Problem(code, str(path), what, cause=cause, remedy=remedy, raw=raw))


def damaged(path: Path, raw: str) -> ProblemError:
    """The file is not a whole journal."""
    return ProblemError(
        Problem(
            "journal-damaged",
            str(path),
            _("The journal is damaged; it was left as it is."),
            remedy=_(
                "Move it away and start again, or put the last export in its place: items, jobs and running "
                "drills are read from Azure itself."
            ),
            raw=raw,
        )
    )


def foreign(path: Path) -> ProblemError:
    """The file is a whole database, but not ours."""
    what = _("This file is not a journal; it was left as it is.")
    return RefusedError(
        Problem("journal-foreign", str(path), what, remedy=_("Name another folder with --state."))
    )


def newer(path: Path, found: int, known: int) -> ProblemError:
    """The file was written by a newer version of the program."""
    what = _("The journal has format {found}; this version knows formats up to {known}.")
    remedy = _("Use the newer version of the program, or name another folder with --state.")
    shown = what.format(found=found, known=known)
    return RefusedError(Problem("journal-newer", str(path), shown, remedy=remedy))


def other_world(path: Path, found: str, wanted: str) -> ProblemError:
    """The file belongs to another world."""
    what = _("The journal belongs to {found}, not to {wanted}.").format(found=found, wanted=wanted)
    remedy = _("Name another folder with --state, or start in the world of this journal.")
    return RefusedError(Problem("other-world", str(path), what, remedy=remedy))


def networked(folder: Path, kind: str) -> ProblemError:
    """The folder is on a network file system, where locks and write-ahead logs do not hold."""
    what = _("This folder is on a network file system ({kind}), which cannot hold the journal safely.")
    remedy = _("Name a folder on a local disk with --state.")
    return RefusedError(Problem("journal-network", str(folder), what.format(kind=kind), remedy=remedy))


def held(path: Path, holder: Holder | None) -> ProblemError:
    """A change was asked of a journal that is open for reading only."""
    if holder is None:
        what = _("The journal is open for reading only.")
        remedy = _("Start again without --read-only to make changes.")
    else:
        what = _("The journal is held by {user} on {terminal} (process {pid}) since {since}.").format(
            user=holder.user or "?",
            terminal=holder.terminal or "?",
            pid=holder.pid,
            since=holder.since_shown,
        )
        remedy = _("End the other console, or ask it to leave: lifeboat journal take-over")
    return RefusedError(Problem("journal-held", str(path), what, remedy=remedy))


def writer(holder: Holder) -> str:
    """Who has the journal, so that this console only reads, and how to ask for it."""
    said = _("Read-only: {user} on {terminal} has the journal open since {since}.")
    shown = said.format(
        user=plain(holder.user or "?"), terminal=plain(holder.terminal or "?"), since=holder.since_shown
    )
    return shown + " " + _("'journal take-over' asks them to leave.")


def forbidden(kind: str) -> ProblemError:
    """A secret was about to be written."""
    what = _("A secret was about to be written to the journal; the write was refused.")
    remedy = _("Give the secret as a reference: env:NAME, keyring:SERVICE/USER, file:PATH or prompt.")
    return RefusedError(Problem("secret-in-journal", kind, what, remedy=remedy))


def closed(path: Path) -> ProblemError:
    """The journal was closed before the change was asked."""
    return ProblemError(Problem("journal-closed", str(path), _("The journal is closed.")))
