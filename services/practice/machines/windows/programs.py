"""Programs that are not part of Windows: Unified Setup and what it brings, and those that take their time."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from services.practice.machines.linux.shell import Answer
from services.practice.machines.windows import setup
from services.practice.machines.windows.guest import Guest

if TYPE_CHECKING:
    from services.practice.machines.windows.cmd import Console

EXTRACTION = 30.0
DOWNLOAD = 60.0
"""World seconds."""
Job = dict[str, Any]


def by_path(guest: Guest, path: str, words: list[str]) -> Answer | None:
    """Run a program by its path; None when there is no such file."""
    if path.lower() == setup.PASSPHRASE.lower() and guest.disk.fact("installed"):
        if words and words[0] in ("-n", "-v"):
            return Answer(str(guest.disk.fact("installed")["passphrase"]) + "\n")
        return Answer("", "Usage: genpassphrase.exe -n | -v\n", 1)
    if guest.disk.read(path) is None:
        return None
    return Answer()


def begin(console: Console, line: str, began: float) -> Job | None:
    """A job for a line that takes time, or None for one that is done at once.

    A job has `end` (world seconds) and `code`; what it writes is up to follow().
    """
    from services.practice.machines.windows.cmd import words

    guest = console.guest
    plain = line.strip().lstrip("@")
    found = re.match(r'"([^"]+\.exe)"\s*(.*)', plain, re.I) or re.match(
        r"(\S*powershell)(?:\.exe)?\s+(.*)", plain, re.I
    )
    if found is None:
        return None
    name = found[1].lower()
    output = re.search(r'1?>>\s*"([^"]+)"', found[2])
    arguments = words(re.sub(r'[12]?>>?\s*("[^"]+"|&1|\S+)', "", found[2]))
    if name.endswith("powershell"):
        return _download(line, arguments, began)
    if guest.disk.read(found[1]) is None:
        return None
    if name.endswith("microsoftazuresiterecoveryunifiedsetup.exe"):
        folder = next((word[3:] for word in arguments if word.lower().startswith("/x:")), "")
        return {"kind": "extract", "folder": folder, "end": began + EXTRACTION, "code": 0 if folder else 2}
    if name.endswith("unifiedsetup.exe"):
        return setup.planned(guest, arguments, began, output[1] if output else "")
    return None


def _download(line: str, arguments: list[str], began: float) -> Job | None:
    try:
        script = base64.b64decode(arguments[-1]).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError, IndexError):
        return None
    if "DownloadFile" not in script:
        return None
    return {"kind": "download", "line": line, "end": began + DOWNLOAD, "code": 0}


def follow(guest: Guest, job: Job, now: float) -> None:
    """Do what a job has done by now; the job's `end` and `code` may change."""
    if job["kind"] == "setup":
        setup.follow(guest, job, now)
    elif now >= job["end"] and job["kind"] == "extract":
        guest.make_folder(job["folder"])
        guest.disk.write(job["folder"] + "\\UNIFIEDSETUP.EXE", b"MZ Unified Setup, Microsoft Corporation")
    elif now >= job["end"] and job["kind"] == "download":
        from services.practice.machines.windows.cmd import Console

        job["code"] = Console(guest).run(job["line"]).code
