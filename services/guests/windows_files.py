"""Files on a Windows machine, sent through its shell's standard input and checked by digest."""

from __future__ import annotations

import hashlib
import re

from services.guests.model import FedShell, Output, Shell
from services.guests.powershell import powershell, quoted
from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import Deadline

# An encoded script looks like this; a message never repeats it.
_LONG = re.compile(r"[A-Za-z0-9+/=]{32,}")
BUFFER = 65_536
SYSTEM, ADMINISTRATORS = "*S-1-5-18", "*S-1-5-32-544"


def run(shell: Shell, command: str, deadline: Deadline, purpose: str) -> Output:
    """Run a command that must succeed; ProblemError `command-failed` names the purpose, never the command."""
    return _succeeded(shell.run(command, deadline), purpose)


def _succeeded(output: Output, purpose: str) -> Output:
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
    for command in closing(folder):
        run(shell, command, deadline, folder)


def closing(folder: str) -> tuple[str, ...]:
    """The commands that do it."""
    rights = f"{SYSTEM}:(OI)(CI)F {ADMINISTRATORS}:(OI)(CI)F"
    return (
        f'icacls "{folder}" /setowner {ADMINISTRATORS}',
        # Rights that somebody gave by name go with /reset, inherited ones with /inheritance:r.
        f'icacls "{folder}" /reset',
        f'icacls "{folder}" /inheritance:r /grant:r {rights}',
    )


def upload(shell: FedShell, path: str, content: bytes, deadline: Deadline) -> None:
    """Write a file beside its place, compare its SHA-256, then give it its name.

    Its bytes go to standard input. Command lines and scripts are recorded by Windows (events 4688 and 4104),
    so nothing of the content stands in one. ProblemError `digest-mismatch`.
    """
    part = path + ".part"
    delete(shell, (path, part), deadline)
    # Methods of .NET only: what is given to a cmdlet is recorded too where module logging is on (4103).
    receive = powershell(
        "$i=[Console]::OpenStandardInput();"
        f"$f=[IO.File]::Open({quoted(part)},'Create');$b=New-Object byte[] {BUFFER};$n=1;"
        f"while($n -gt 0){{$n=$i.Read($b,0,{BUFFER});$f.Write($b,0,$n)}};$f.Close()"
    )
    _succeeded(shell.feed(receive, content, deadline), path)
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
    """Those of the paths that are there, files or folders."""
    listed = ",".join(quoted(path) for path in paths)
    return script(
        shell,
        f"foreach($p in {listed}){{if([IO.File]::Exists($p) -or [IO.Directory]::Exists($p)){{$p}}}}",
        deadline,
        "files",
    )


def delete(shell: Shell, paths: tuple[str, ...], deadline: Deadline) -> None:
    """Delete files; those that are not there are no error."""
    for path in paths:
        script(shell, f"[IO.File]::Delete({quoted(path)})", deadline, path)
