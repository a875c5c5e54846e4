"""Starts the practice servers, or finds those that run. They are a process of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.problems.model import Problem, ProblemError
from services.text import _

START_SECONDS = 60.0
EXTRA = ("asyncssh", "trustme", "uvicorn")
"""What the servers need beside the program: the extra `practice`."""
ROOM = 1024 * 1024
"""Bytes that the servers need free for keys, certificates and what they remember."""


@dataclass(frozen=True)
class PracticeOptions:
    """What the practice servers are started with; without effect on servers that run already."""

    speed: float | None = None
    items: int | None = None
    hyperv: int | None = None
    faults: Path | None = None
    record: Path | None = None
    world_file: Path | None = None

    def arguments(self) -> list[str]:
        given = {
            "--speed": self.speed,
            "--items": self.items,
            "--hyperv": self.hyperv,
            "--faults": self.faults and self.faults.absolute(),
            "--record": self.record and self.record.absolute(),
        }
        return [text for name, value in given.items() if value is not None for text in (name, str(value))]


def command(*arguments: str) -> list[str]:
    """The servers' command line. -P: a foreign folder `services` where we stand must not be taken for ours."""
    return [sys.executable, "-P", "-m", "services.practice", *arguments]


def find_or_start(state: Path, options: PracticeOptions) -> dict[str, Any]:
    """The description of the practice world of a state folder."""
    if options.world_file is not None:
        return _joined(options.world_file)
    _prepare(state)
    arguments = command("serve", "--state", str(state), "--detach", *options.arguments())
    try:
        started = subprocess.run(
            arguments,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(_("they did not start within a minute"), "") from error
    if started.returncode:
        said = started.stderr.strip().splitlines()
        raise _failed(said[-1] if said else "", started.stderr)
    return dict(json.loads(started.stdout))


def _prepare(state: Path) -> None:
    """Make the servers' folder and look that they can write there, as they would say it less well."""
    folder = state / "practice"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        why = "" if os.access(folder, os.W_OK) else _("this user, or the disk, lets nothing be written")
        if not why and shutil.disk_usage(folder).free < ROOM:
            why = _("the disk is full")
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        what = _("The practice world cannot be kept in this folder: {why}.").format(why=why)
        remedy = _("Make room or make it writable, or name another folder with --state.")
        raise ProblemError(Problem("state-unusable", str(folder), what, remedy=remedy, raw=why))


def _joined(path: Path) -> dict[str, Any]:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(described, dict):
            raise ValueError(_("it holds no JSON object"))
        return described
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ProblemError(
            Problem(
                "world-file",
                str(path),
                _("is no world file: {why}.").format(why=why),
                remedy=_("Give the file that holds what 'lifeboat practice serve' printed."),
            )
        ) from error


def _failed(why: str, raw: str) -> ProblemError:
    what = _("cannot be started: {why}").format(why=why or _("no reason given"))
    remedy = _("Install with the extra 'practice', or join running ones with --world FILE.")
    installed = all(find_spec(name) for name in EXTRA)
    return ProblemError(
        Problem("practice-start", _("practice servers"), what, remedy="" if installed else remedy, raw=raw)
    )


def serve_here(state: Path, options: PracticeOptions) -> int:
    """Serve in the foreground, in a process of their own, until they end."""
    _prepare(state)
    arguments = command("serve", "--state", str(state), *options.arguments())
    try:
        return subprocess.run(arguments, check=False).returncode
    except KeyboardInterrupt:
        return 0


def reset_world(state: Path) -> tuple[int, Path | None]:
    """Stop the servers and wipe their world; the journal about it is moved aside, since its vault is gone.

    The servers' exit code, and the folder of what was kept; None where there was nothing to keep.
    """
    done = subprocess.run(command("reset", "--state", str(state)), check=False)
    ours = state / "practice"
    left = [path for path in ours.iterdir() if path.name != "server"] if ours.is_dir() else []
    if done.returncode == 0 and left:
        kept = state / f"practice-kept-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        kept.mkdir(mode=0o700)
        for path in left:
            path.rename(kept / path.name)
        return done.returncode, kept
    return done.returncode, None
