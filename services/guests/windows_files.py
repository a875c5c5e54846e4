"""Files on a Windows machine, moved through its shell in pieces and checked by digest."""

from __future__ import annotations

import base64
import hashlib
import re

from services.guests.model import Output, Shell
from services.guests.powershell import powershell, quoted
from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import Deadline

PIECE = 1_800
"""Bytes in one command line; base64 twice over and UTF-16 make about 7,500 characters of it."""
# Pieces of files travel as base64 in command lines; nothing that looks like one is ever repeated.
_LONG = re.compile(r"[A-Za-z0-9+/=]{32,}")
SYSTEM, ADMINISTRATORS = "*S-1-5-18", "*S-1-5-32-544"


def run(shell: Shell, command: str, deadline: Deadline, purpose: str) -> Output:
    """Run a command that must succeed; ProblemError `command-failed` names the purpose, never the command."""
    output = shell.run(command, deadline)
    if output.code:
        raise ProblemError(
            Problem(
                "command-failed",
                purpose,
                _("the machine answered with code {code}: {text}").format(
                    code=output.code, text=_reason(output)
                ),
            )
        )
    return output


def _reason(output: Output) -> str:
    """What went wrong in the machine's words, without the script that PowerShell repeats below them."""
    said = output.stderr.strip() or output.stdout.strip()
    told = re.split(r"^\s*(?:At |\+ )", said, maxsplit=1, flags=re.M)[0]
    return plain(_LONG.sub("...", told).strip(), 300)


def script(shell: Shell, text: str, deadline: Deadline, purpose: str) -> list[str]:
    """Run a PowerShell script that must succeed; the lines it gave."""
    return run(shell, powershell(text), deadline, purpose).stdout.splitlines()


def make_private_folder(shell: Shell, folder: str, deadline: Deadline) -> None:
    """An empty folder that only SYSTEM and Administrators may open.

    Whatever had that name is removed first: anybody may create folders in ProgramData.
    """
    run(shell, f'if exist "{folder}" rmdir /s /q "{folder}"', deadline, folder)
    run(shell, f'mkdir "{folder}"', deadline, folder)
    close_to_others(shell, folder, deadline)


def close_to_others(shell: Shell, folder: str, deadline: Deadline) -> None:
    """Make Administrators the owner of a folder, and SYSTEM and Administrators the only ones who may open it."""
    rights = f"/grant:r {SYSTEM}:(OI)(CI)F {ADMINISTRATORS}:(OI)(CI)F"
    run(shell, f'icacls "{folder}" /setowner {ADMINISTRATORS}', deadline, folder)
    # Rights that somebody gave by name go with /reset, inherited ones with /inheritance:r.
    run(shell, f'icacls "{folder}" /reset', deadline, folder)
    run(shell, f'icacls "{folder}" /inheritance:r {rights}', deadline, folder)


def upload(shell: Shell, path: str, content: bytes, deadline: Deadline) -> None:
    """Write a file in pieces beside its place, compare its SHA-256, then give it its name.

    A piece may be sent again without harm: it goes to its own offset. ProblemError `digest-mismatch`.
    """
    part = path + ".part"
    delete(shell, (path, part), deadline)
    for offset in range(0, len(content) or 1, PIECE):
        data = base64.b64encode(content[offset : offset + PIECE]).decode("ascii")
        script(
            shell,
            f"$b=[Convert]::FromBase64String({quoted(data)});"
            f"$f=[IO.File]::Open({quoted(part)},'OpenOrCreate');$f.Position={offset};"
            "$f.Write($b,0,$b.Length);$f.Close()",
            deadline,
            path,
        )
    expected = hashlib.sha256(content).hexdigest()
    if digest(shell, part, deadline) != expected:
        delete(shell, (part,), deadline)
        raise ProblemError(
            Problem(
                "digest-mismatch",
                path,
                _("the file did not arrive as it was sent; it was deleted there."),
                _("Something on the way or on the machine changed it."),
                _("Try again; if it happens again, look at the machine's antivirus and disk."),
            )
        )
    script(shell, f"[IO.File]::Move({quoted(part)},{quoted(path)})", deadline, path)


def digest(shell: Shell, path: str, deadline: Deadline) -> str:
    """The SHA-256 of a file there, in lower-case hex."""
    found = script(
        shell,
        f"$s=[IO.File]::OpenRead({quoted(path)});$h=[Security.Cryptography.SHA256]::Create();"
        "[BitConverter]::ToString($h.ComputeHash($s));$s.Close()",
        deadline,
        path,
    )
    # A console may wrap the line.
    return re.sub(r"[^0-9a-f]", "", "".join(found).lower())


def existing(shell: Shell, paths: tuple[str, ...], deadline: Deadline) -> list[str]:
    """Those of the paths that are files there."""
    listed = ",".join(quoted(path) for path in paths)
    return script(shell, f"foreach($p in {listed}){{if([IO.File]::Exists($p)){{$p}}}}", deadline, "files")


def delete(shell: Shell, paths: tuple[str, ...], deadline: Deadline) -> None:
    """Delete files; those that are not there are no error."""
    for path in paths:
        script(shell, f"[IO.File]::Delete({quoted(path)})", deadline, path)
