"""Files of a Linux machine: read and replaced byte by byte, with what every system since CentOS 5 has.

A file is read by od, since text that is not UTF-8 would not survive a terminal. It is replaced by a new one
written beside it and moved over it, so that the old one stays whole on a full disk or when the link breaks.
"""

from __future__ import annotations

import hashlib
import re
import shlex

from services.guests.model import Output, Shell
from services.guests.sudo import SEARCH
from services.problems.model import Problem, ProblemError, RefusedError
from services.readiness.fixes.model import UndoRecord
from services.text import _, plain
from services.world.deadline import Deadline

PIECE = 8_000
"""Bytes written by one command; escaped they stay far under the longest argument of Linux, 128 KiB."""
LARGEST = 256 * 1024
"""Bytes of a configuration file that is touched; a larger one is not what it is taken for."""
NEW = ".lifeboat-new"
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,./:=_#@+\n")
"""Without the hyphen: a format that begins with one is taken for an option."""


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def backup_path(path: str, before: str) -> str:
    """Where the file as it was is kept: beside it, under a name that no program takes for its own."""
    return f"{path}.lifeboat-{before[:8]}"


def real_path(shell: Shell, path: str, deadline: Deadline) -> str:
    """The path behind links: a link must not be replaced by a file."""
    output = shell.run(f"readlink -f {shlex.quote(path)}", deadline)
    found = output.stdout.strip()
    return found if output.code == 0 and found.startswith("/") and "\n" not in found else path


def read(shell: Shell, path: str, deadline: Deadline) -> bytes | None:
    """The bytes of a file; None when there is none. ProblemError `file-unreadable`, `file-too-large`."""
    quoted = shlex.quote(path)
    output = shell.run(
        f"LC_ALL=C test -e {quoted} && LC_ALL=C od -An -v -tx1 {quoted} || test ! -e {quoted}", deadline
    )
    # What stands on stderr alone is no failure: sudo complains of a host name that /etc/hosts lacks.
    if output.code:
        raise _problem("file-unreadable", path, _("{path} cannot be read.").format(path=path), output)
    if not output.stdout.strip():
        there = shell.run(f"test -e {quoted}", deadline)
        return b"" if there.code == 0 else None
    if not re.fullmatch(r"[0-9a-f\s]+", output.stdout):
        raise _problem(
            "file-unreadable", path, _("{path} could not be read byte by byte.").format(path=path), output
        )
    data = bytes.fromhex(output.stdout)
    if len(data) > LARGEST:
        raise ProblemError(
            Problem("file-too-large", path, _("{path} is too large to be changed here.").format(path=path))
        )
    return data


def back_up(shell: Shell, record: UndoRecord, deadline: Deadline) -> None:
    """Copy the file with its mode and owner, and see that the copy is whole."""
    _run(shell, f"cp -p {shlex.quote(record.path)} {shlex.quote(record.backup)}", record.path, deadline)
    copied = read(shell, record.backup, deadline)
    if copied is None or digest(copied) != record.before:
        raise _changed(record.path)


def write_beside(shell: Shell, path: str, content: bytes, deadline: Deadline) -> str:
    """Write the new file beside the old one, with its mode and owner; returns its path. It is read back."""
    new = path + NEW
    quoted = shlex.quote(new)
    try:
        # The copy brings mode and owner; its content is replaced.
        _run(shell, f"cp -p {shlex.quote(path)} {quoted}", path, deadline)
        _run(shell, f": > {quoted}", path, deadline)
        for start in range(0, len(content), PIECE):
            _run(shell, f"printf {_escaped(content[start : start + PIECE])} >> {quoted}", path, deadline)
        if read(shell, new, deadline) != content:
            raise _problem(
                "disk-full", path, _("the new {path} did not reach the disk whole.").format(path=path)
            )
    except ProblemError:
        drop(shell, new, deadline)
        raise
    return new


def move_over(shell: Shell, new: str, path: str, deadline: Deadline) -> None:
    """Put the new file in the place of the old one in one step, with the label that SELinux has given the old one."""
    quoted, beside = shlex.quote(path), shlex.quote(new)
    # cp -p does not bring the label. Systems without SELinux refuse chcon, and many have no restorecon.
    kept = shell.run(f"chcon --reference={quoted} {beside} 2>/dev/null", deadline)
    _run(shell, f"mv -f {beside} {quoted}", path, deadline)
    if kept.code:
        shell.run(f"{SEARCH}; restorecon {quoted} 2>/dev/null", deadline)


def drop(shell: Shell, path: str, deadline: Deadline) -> None:
    """Remove a file of ours; one that is gone already is no error."""
    shell.run(f"rm -f {shlex.quote(path)}", deadline)


def restore(shell: Shell, record: UndoRecord, deadline: Deadline) -> bool:
    """Put the file back as it was, byte by byte; whether anything was to be done.

    Raises RefusedError `changed-since` when somebody changed the file after the fix, and ProblemError
    `backup-gone`.
    """
    drop(shell, record.path + NEW, deadline)
    present = read(shell, record.path, deadline)
    if present is not None and digest(present) == record.before:
        drop(shell, record.backup, deadline)
        return False
    if present is None or digest(present) != record.after:
        raise _changed_since(record)
    kept = read(shell, record.backup, deadline)
    if kept is None or digest(kept) != record.before:
        what = _("the backup {path} is gone or was changed.").format(path=record.backup)
        raise ProblemError(
            Problem("backup-gone", record.machine, what, remedy=_("Take the change back by hand."))
        )
    # Moved, not copied: the disk may be full, and the backup has mode, owner and time of the file.
    move_over(shell, record.backup, record.path, deadline)
    return True


def _escaped(data: bytes) -> str:
    """A printf format in single quotes: every byte that any shell could mind as an octal escape."""
    return "'" + "".join(chr(byte) if byte in _PLAIN else f"\\{byte:03o}" for byte in data) + "'"


def _run(shell: Shell, command: str, path: str, deadline: Deadline) -> None:
    output = shell.run(f"LC_ALL=C; export LC_ALL; {command}", deadline)
    if output.code == 0:
        return
    said = output.stderr.lower()
    if "read-only file system" in said:
        what = _("{path} lies on a file system that is read-only.").format(path=path)
        raise _problem("read-only-file-system", path, what, output, _("Mount it writable, then try again."))
    if "no space left" in said or "disk quota" in said:
        what = _("there is no room for a new {path}; the old one is as it was.").format(path=path)
        raise _problem("disk-full", path, what, output, _("Free space on that file system, then try again."))
    if "permission denied" in said or "not permitted" in said:
        what = _("the account may not change {path}.").format(path=path)
        raise _problem("no-rights", path, what, output, _("Sign in as root, or let the account use sudo."))
    if "busy" in said:
        what = _("{path} is mounted from elsewhere and cannot be replaced.").format(path=path)
        raise _problem("file-busy", path, what, output, _("Change it where it comes from."))
    raise _problem("fix-failed", path, _("a command failed on the machine."), output)


def _problem(code: str, path: str, what: str, output: Output | None = None, remedy: str = "") -> ProblemError:
    raw = plain(output.stderr or output.stdout) if output else ""
    return ProblemError(Problem(code, path, what, remedy=remedy, raw=raw))


def _changed(path: str) -> ProblemError:
    what = _("{path} changed while it was being backed up.").format(path=path)
    return ProblemError(Problem("file-changed", path, what, remedy=_("Look at a new preview.")))


def _changed_since(record: UndoRecord) -> RefusedError:
    return RefusedError(
        Problem(
            "changed-since",
            record.machine,
            _("{path} has been changed since the fix, so it is not put back.").format(path=record.path),
            _("Somebody edited it, and that work would be lost."),
            _("Compare it with {backup}, and take the change back by hand.").format(backup=record.backup),
            f"diff {record.backup} {record.path}",
        )
    )
