"""The file and its lock: who may open it, and what is said when it cannot be used."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from services import host
from services.journal import schema
from services.journal.journal import Journal
from services.journal.lock import take_over
from services.journal.model import Holder
from services.journal.trouble import writer
from services.problems.model import ProblemError, RefusedError
from tests.journal.conftest import ACTOR, WORLD


def _code(attempt: Callable[[], object]) -> str:
    with pytest.raises(ProblemError) as caught:
        attempt()
    return caught.value.problems[0].code


def test_a_second_console_reads_and_says_who_writes(folder: Path, journal: Journal) -> None:
    engagement = journal.engagement("contoso", "a")
    second = Journal.open(folder, WORLD, ACTOR)
    assert second.read_only
    assert second.holder is not None
    assert (second.holder.pid, second.holder.user) == (os.getpid(), host.user())
    assert second.engagement("contoso", "a") == engagement
    assert _code(lambda: second.event("x", {})) == "journal-held"
    journal.event("moved", {})
    assert [event.kind for event in second.events(after=1)] == ["moved"]
    second.close()


def test_since_when_it_is_held_is_said_to_the_minute_with_its_zone() -> None:
    assert Holder(since="2026-11-21T17:10:07.927160+01:00").since_shown == "2026-11-21 16:10 UTC"
    assert Holder(since="lately").since_shown == "?"


def test_who_writes_is_named_with_the_command_that_asks_them_to_leave() -> None:
    said = writer(Holder("op\x1b[2J", "/dev/pts/2", 7, "2026-11-21T16:10:07+00:00"))
    assert "\x1b" not in said
    assert "/dev/pts/2 has the journal open since 2026-11-21 16:10 UTC." in said
    assert "'journal take-over'" in said


def test_the_lock_ends_with_close(folder: Path, journal: Journal) -> None:
    journal.close()
    second = Journal.open(folder, WORLD, ACTOR)
    assert not second.read_only
    second.close()


def test_the_lock_ends_with_a_killed_process(folder: Path) -> None:
    ready, done = os.pipe()
    child = os.fork()
    if child == 0:
        Journal.open(folder, WORLD, ACTOR).event("x", {})
        os.write(done, b"1")
        signal.pause()
    assert os.read(ready, 1) == b"1"
    held = Journal.open(folder, WORLD, ACTOR)
    assert held.holder is not None
    assert held.holder.pid == child
    held.close()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    journal = Journal.open(folder, WORLD, ACTOR)
    assert not journal.read_only
    assert [event.kind for event in journal.events()] == ["x"]
    journal.close()


def test_a_second_console_can_ask_to_take_over(folder: Path, journal: Journal) -> None:
    assert journal.takeover_requested is None
    take_over(folder)
    asked = journal.takeover_requested
    assert asked is not None
    assert asked.pid == os.getpid()
    journal.close()
    second = Journal.open(folder, WORLD, ACTOR)
    assert second.takeover_requested is None
    second.close()


def test_read_only_takes_no_lock(folder: Path) -> None:
    reader = Journal.open(folder, WORLD, ACTOR, read_only=True)
    writer = Journal.open(folder, WORLD, ACTOR)
    assert (reader.read_only, reader.holder, writer.read_only) == (True, None, False)
    with pytest.raises(RefusedError) as caught:
        reader.event("x", {})
    assert caught.value.problems[0].code == "journal-held"
    assert "without --read-only" in caught.value.problems[0].remedy
    writer.close()
    reader.close()


def test_another_worlds_journal_is_refused_with_both_named(folder: Path, journal: Journal) -> None:
    journal.close()
    for read_only in (False, True):
        with pytest.raises(RefusedError) as caught:
            Journal.open(folder, "AzureCloud/t/s", ACTOR, read_only=read_only)
        problem = caught.value.problems[0]
        assert problem.code == "other-world"
        assert WORLD in problem.what
        assert "AzureCloud/t/s" in problem.what


def test_a_newer_format_is_refused_with_both_numbers(folder: Path, journal: Journal) -> None:
    journal.close()
    _sql(folder, "PRAGMA user_version = 77")
    before = (folder / "journal.sqlite").read_bytes()
    with pytest.raises(RefusedError) as caught:
        Journal.open(folder, WORLD, ACTOR)
    assert caught.value.problems[0].code == "journal-newer"
    assert "77" in caught.value.problems[0].what
    assert str(schema.newest()) in caught.value.problems[0].what
    assert (folder / "journal.sqlite").read_bytes() == before


def _grow(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE engagement ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def test_an_older_format_is_copied_then_migrated(
    folder: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.event("x", {})
    journal.close()
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, _grow])
    again = Journal.open(folder, WORLD, ACTOR)
    assert again.verify() is None
    assert again.read("SELECT note FROM engagement") == []
    again.close()
    copy = sqlite3.connect(folder / "journal.v1.bak")
    assert schema.version(copy) == 1
    assert copy.execute("SELECT kind FROM event").fetchall() == [("x",)]
    copy.close()
    assert (folder / "journal.v1.bak").stat().st_mode & 0o777 == 0o600


def test_a_migration_that_fails_changes_nothing(
    folder: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.event("x", {})
    journal.close()

    def broken(connection: sqlite3.Connection) -> None:
        _grow(connection)
        connection.execute("INSERT INTO nowhere VALUES (1)")

    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, broken])
        assert _code(lambda: Journal.open(folder, WORLD, ACTOR)) == "journal-unusable"
    again = Journal.open(folder, WORLD, ACTOR)
    assert [event.kind for event in again.events()] == ["x"]
    again.close()


@pytest.mark.parametrize("where", [0, 100, 4096, 8192])
def test_a_damaged_file_is_refused_and_left(folder: Path, journal: Journal, where: int) -> None:
    for number in range(50):
        journal.event("x", {"number": number, "filler": "y" * 500})
    journal.close()
    path = folder / "journal.sqlite"
    content = bytearray(path.read_bytes())
    content[where : where + 2048] = b"\xa5" * 2048
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(ProblemError) as caught:
            Journal.open(folder, WORLD, ACTOR, read_only=read_only)
        assert caught.value.problems[0].code == "journal-damaged"
        assert "export" in caught.value.problems[0].remedy
    assert path.read_bytes() == bytes(content)


def test_a_file_that_is_no_journal_is_refused_and_left(folder: Path) -> None:
    folder.mkdir()
    _sql(folder, "CREATE TABLE t (x)")
    before = (folder / "journal.sqlite").read_bytes()
    assert _code(lambda: Journal.open(folder, WORLD, ACTOR)) == "journal-foreign"
    assert (folder / "journal.sqlite").read_bytes() == before


def test_a_file_whose_making_was_cut_off_is_made_again(folder: Path) -> None:
    folder.mkdir()
    (folder / "journal.sqlite").touch()
    journal = Journal.open(folder, WORLD, ACTOR)
    journal.event("x", {})
    assert journal.verify() is None
    journal.close()


def test_a_full_disk_is_said_and_nothing_is_lost(folder: Path, journal: Journal) -> None:
    """The limit on the size of files stands in for the disk's end; it holds for the child alone."""
    engagement = journal.engagement("contoso", "a")
    journal.close()
    child = os.fork()
    if child == 0:
        os._exit(_write_until_full(folder, engagement.id))
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    again = Journal.open(folder, WORLD, ACTOR)
    assert again.verify() is None
    written = again.facts(engagement.id)
    assert written.keys() == {f"k{number}" for number in range(len(written))}
    assert len(written) == again.moved - 1
    assert written
    again.close()


def _write_until_full(folder: Path, engagement_id: int) -> int:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    opened = Journal.open(folder, WORLD, ACTOR)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    for number in range(1000):
        try:
            opened.save_facts(engagement_id, "s", {f"k{number}": "x" * 2000})
        except ProblemError as error:
            said = error.problems[0].sentence()
            still = len(opened.facts(engagement_id)) == number
            return 0 if "--state" in said and still else 3
    return 2


@pytest.mark.parametrize("when", ["while it is open", "before it is opened"])
def test_a_really_full_disk(tmp_path: Path, when: str) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(small)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        if when == "while it is open":
            _fill(small)
        else:
            _open_when_full(small)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def _fill(small: Path) -> None:
    journal = Journal.open(small / "state", WORLD, ACTOR)
    engagement = journal.engagement("contoso", "a")
    code, count = "", 0
    while not code and count < 1000:
        try:
            journal.save_facts(engagement.id, "s", {f"k{count}": "x" * 2000})
            count += 1
        except ProblemError as error:
            code = error.problems[0].code
    assert code == "journal-full"
    assert len(journal.facts(engagement.id)) == count
    subprocess.run(["mount", "-o", "remount,size=2m", str(small)], check=True)
    journal.save_facts(engagement.id, "s", {"after": 1})
    assert journal.verify() is None
    journal.close()


def _open_when_full(small: Path) -> None:
    """There is no room even for the index of the write-ahead log, which SQLite reports without a cause."""
    Journal.open(small / "state", WORLD, ACTOR).close()
    (small / "rest").write_bytes(b"x" * shutil.disk_usage(small).free)
    assert _code(lambda: Journal.open(small / "state", WORLD, ACTOR)) == "journal-full"
    (small / "rest").unlink()
    journal = Journal.open(small / "state", WORLD, ACTOR)
    journal.event("x", {})
    assert journal.verify() is None
    journal.close()


def test_a_read_only_disk_is_said(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(small)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a read-only file system cannot be mounted here")
    try:
        assert _code(lambda: Journal.open(small / "state", WORLD, ACTOR)) == "journal-read-only"
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_network_file_system_is_refused_and_state_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "_mounts", lambda: [("/", "ext4"), (str(folder.parent), "nfs4")])
    with pytest.raises(RefusedError) as caught:
        Journal.open(folder, WORLD, ACTOR)
    assert caught.value.problems[0].code == "journal-network"
    assert "--state" in caught.value.problems[0].remedy
    assert "nfs4" in caught.value.problems[0].what
    assert not folder.exists()


MOUNTINFO = """\
22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
40 22 0:35 / /home rw,relatime shared:20 - nfs4 server:/home rw,vers=4.2
41 40 0:36 / /home/my\\040box rw,nosuid shared:21 - fuse.sshfs op@host: rw
42 22 0:37 / /data rw - cifs //server/share rw
43 22 0:38 / /data rw - xfs /dev/sdb1 rw
broken line
"""
MOUNT = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//op@server/share on /Volumes/The Share (smbfs, nodev, nosuid, mounted by op)
server:/home on /net/home (nfs)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/op/.local", "nfs4"),
        ("/home/my box/state", "fuse.sshfs"),
        ("/homely", "ext4"),
        ("/data/x", "xfs"),
    ],
)
def test_the_mount_that_holds_a_path_on_linux(path: str, kind: str) -> None:
    assert host.mounted_type(host.parse_mountinfo(MOUNTINFO), Path(path)) == kind


@pytest.mark.parametrize(
    ("path", "kind"), [("/Users/op", "apfs"), ("/Volumes/The Share/x", "smbfs"), ("/net/home/op", "nfs")]
)
def test_the_mount_that_holds_a_path_on_macos(path: str, kind: str) -> None:
    assert host.mounted_type(host.parse_mount(MOUNT), Path(path)) == kind


def _sql(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "journal.sqlite")
    connection.execute(statement)
    connection.commit()
    connection.close()
