"""The practice server as a process: found, started, stopped, wiped. Standard library only.

One server per state folder, held by a lock that dies with its process. The world file tells the rest.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

START_SECONDS, STOP_SECONDS = 60.0, 20.0


def practice_folder(state: Path) -> Path:
    """STATE/practice, made if need be, for its owner only."""
    folder = state / "practice"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return folder


def server_folder(state: Path) -> Path:
    """STATE/practice/server: what the servers keep."""
    folder = practice_folder(state) / "server"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def world_file(state: Path) -> Path:
    """STATE/practice/world.json."""
    return state / "practice" / "world.json"


def locked(state: Path) -> int | None:
    """Take the lock of the state folder: its file descriptor, or None if a server has it."""
    handle = os.open(server_folder(state) / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle


def running(state: Path) -> dict[str, Any] | None:
    """The world document of a server that runs and is ready; None if there is none."""
    pid = owner(state)
    try:
        world = json.loads(world_file(state).read_text())
    except (OSError, ValueError):
        return None
    return dict(world) if pid is not None and world.get("pid") == pid else None


def owner(state: Path) -> int | None:
    """The process that holds the lock, ready or not; None if nobody does."""
    try:
        handle = os.open(state / "practice" / "server" / "lock", os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        text = os.read(handle, 32).decode()
        return int(text) if text.isdigit() else 0
    finally:
        os.close(handle)
    return None


def awaited(state: Path, child: subprocess.Popen[bytes], since: int) -> dict[str, Any]:
    """Wait until the server of this folder is ready. RuntimeError says why it does not come up.

    `since`: where the log stood when `child` was started.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (world := running(state)) is not None:
            return world
        # One that ended well has found another server, which another start made at the same time.
        if child.poll() is not None and owner(state) is None:
            raise RuntimeError(
                last_words(state, since) or f"The practice servers ended: see {log_file(state)}."
            )
        time.sleep(0.05)
    raise RuntimeError(
        f"The practice servers did not get ready in {START_SECONDS:.0f} s: see {log_file(state)}."
    )


def served(state: Path) -> dict[str, Any] | None:
    """The world of the server that has the lock, once it is ready; None if nobody has it (any more)."""
    deadline = time.monotonic() + START_SECONDS
    while owner(state) is not None and time.monotonic() < deadline:
        if (world := running(state)) is not None:
            return world
        time.sleep(0.05)
    return None


def last_words(state: Path, since: int) -> str:
    """The last line that a detached server wrote after a position in its log; empty if it wrote none."""
    lines = log_file(state).read_bytes()[since:].decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def log_file(state: Path) -> Path:
    """Where a detached server writes what goes wrong."""
    return server_folder(state) / "serve.log"


def detached(state: Path, arguments: list[str]) -> dict[str, Any]:
    """The world of this folder's server, started in a session of its own if none runs."""
    if (world := served(state)) is not None:
        return world
    source = str(Path(__file__).resolve().parents[2])
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    with open(log_file(state), "ab") as log:
        since = log.tell()
        log_file(state).chmod(0o600)
        child = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "services.practice",
                "serve",
                "--state",
                str(state),
                "--quiet",
                *arguments,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    return awaited(state, child, since)


def stop(state: Path) -> bool:
    """Stop this folder's server; was there one? RuntimeError if it does not end."""
    pid = owner(state)
    if not pid:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while owner(state) == pid:
        if time.monotonic() > deadline:
            raise RuntimeError(f"The practice servers (process {pid}) do not end.")
        time.sleep(0.05)
    return True


def reset(state: Path) -> None:
    """Stop the servers and forget their world: the next start makes a new one, with new secrets."""
    stop(state)
    world_file(state).unlink(missing_ok=True)
    shutil.rmtree(state / "practice" / "server", ignore_errors=True)
