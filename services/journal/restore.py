"""An exported journal put in the place of an empty one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from services import host
from services.journal import schema, store, trouble
from services.journal.export import Verified, verify_export
from services.journal.lock import Lock
from services.problems.model import Problem, RefusedError
from services.text import _


def restore(folder: Path, world_id: str, path: Path) -> Verified:
    """Make the export `path` the journal of `folder`; returns what it was found to be.

    RefusedError: the export is altered or of another world, the folder has a journal with events, is on a
    network, or is held by another process. Nothing is changed then.
    """
    kind = host.network_file_system(folder)
    if kind:
        raise trouble.networked(folder, kind)
    verified = _whole(path, world_id)
    try:
        host.private_folder(folder)
        lock = Lock.take(folder)
        if not isinstance(lock, Lock):
            raise trouble.held(folder / store.FILE, lock)
        try:
            _replace(folder / store.FILE, path, world_id)
        finally:
            lock.release()
    except (OSError, sqlite3.Error) as error:
        raise trouble.explain(error, folder / store.FILE) from error
    return verified


def _whole(path: Path, world_id: str) -> Verified:
    verified = verify_export(path)
    if verified.world_id != world_id:
        raise trouble.other_world(path, verified.world_id, world_id)
    if verified.broken is not None:
        what = _("This copy is altered: its chain breaks at event {number}.").format(number=verified.broken)
        remedy = _("Restore another copy.")
        raise RefusedError(Problem("journal-altered", str(path), what, remedy=remedy))
    return verified


def _replace(target: Path, path: Path, world_id: str) -> None:
    if target.exists():
        _refuse_used(target, world_id)
        # What an empty journal left in its log must not be played onto the restored one.
        for name in ("-wal", "-shm"):
            target.with_name(target.name + name).unlink(missing_ok=True)
    store.copy_whole(path, target)
    store.prepare(target, world_id)


def _refuse_used(target: Path, world_id: str) -> None:
    connection = store.connect(target)
    try:
        store.check(connection, target, world_id)
        made = schema.version(connection) > 0
        count = connection.execute("SELECT count(*) FROM event").fetchone()[0] if made else 0
    finally:
        connection.close()
    if count:
        what = _("There is a journal with {count} events already; it was left as it is.").format(count=count)
        remedy = _("Name an empty folder with --state, or move this journal away first.")
        raise RefusedError(Problem("journal-not-empty", str(target), what, remedy=remedy))
