"""What differs between operating systems: file modes, locks, file systems, who and where the user is."""

from __future__ import annotations

import getpass
import os
import re
import subprocess
import sys
from pathlib import Path

NETWORK_FILE_SYSTEMS = frozenset(
    (
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "afpfs",
        "webdav",
        "davfs",
        "9p",
        "afs",
        "ceph",
        "lustre",
        "glusterfs",
        "gpfs",
        "ncpfs",
        "ocfs2",
        "gfs2",
        "beegfs",
        "virtiofs",
        "vboxsf",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.cephfs",
        "fuse.s3fs",
        "fuse.rclone",
        "fuse.davfs2",
    )
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def private_folder(folder: Path) -> None:
    """Make `folder` with mode 0700. One that exists is tightened only where it is empty or ours already.

    Ours: it belongs to this user and holds a journal. Any other folder keeps its mode, as it was not made
    for us. Raises OSError.
    """
    missing = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if missing or (folder / "journal.sqlite").exists() or not any(folder.iterdir()):
        folder.chmod(0o700)


def private_file(path: Path) -> int:
    """A descriptor of `path` for reading and writing, made with mode 0600 where it is missing; OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    if sys.platform != "win32":
        os.fchmod(descriptor, 0o600)
    return descriptor


def sync_folder(folder: Path) -> None:
    """Put the names in `folder` on the disk, so that a new file survives a power loss."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def try_lock(descriptor: int) -> bool:
    """Take the exclusive lock of an open file, or say that another process has it.

    The operating system drops it when the process ends, however it ends.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            # Far behind the text, so that the holder's name can still be read.
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def user() -> str:
    """The name of the operating system's user."""
    try:
        return getpass.getuser() if sys.platform == "win32" else _account_name()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def _account_name() -> str:
    import pwd

    # Not getpass: it believes LOGNAME, which anybody may set.
    return pwd.getpwuid(os.getuid()).pw_name


def terminal() -> str:
    """The terminal of standard input, output or error, or an empty string."""
    for descriptor in (0, 1, 2):
        try:
            return os.ttyname(descriptor)
        except (OSError, AttributeError):
            continue
    return ""


def network_file_system(path: Path) -> str:
    """The type of the network file system that holds `path`, or an empty string for a local one."""
    found = path.resolve()
    while not found.exists() and found != found.parent:
        found = found.parent
    kind = mounted_type(_mounts(), found)
    return kind if kind in NETWORK_FILE_SYSTEMS else ""


def mounted_type(mounts: list[tuple[str, str]], path: Path) -> str:
    """The file system type of `path`, given (mount point, type) in the order of mounting."""
    best, kind = "", ""
    for point, its_kind in mounts:
        inside = path == Path(point) or Path(point) in path.parents
        if inside and len(point) >= len(best):  # a later mount on the same point hides the earlier
            best, kind = point, its_kind
    return kind


def parse_mountinfo(text: str) -> list[tuple[str, str]]:
    """(mount point, type) from the text of /proc/self/mountinfo (proc_pid_mountinfo(5))."""
    found = []
    for line in text.splitlines():
        left, separator, right = line.partition(" - ")
        fields, kinds = left.split(), right.split()
        if separator and len(fields) >= 5 and kinds:
            point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4])
            found.append((point, kinds[0].lower()))
    return found


def parse_mount(text: str) -> list[tuple[str, str]]:
    """(mount point, type) from the output of mount(8) on macOS: `source on /point (type, options)`."""
    found = []
    for line in text.splitlines():
        matched = re.match(r".+? on (?P<point>/.*) \((?P<kind>[^,)]+)[^()]*\)$", line)
        if matched:
            found.append((matched["point"], matched["kind"].strip().lower()))
    return found


def _mounts() -> list[tuple[str, str]]:
    try:
        return parse_mountinfo(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        pass
    try:
        answer = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return []
    return parse_mount(answer.stdout)
