"""A batch file that runs on a Windows machine as a scheduled task under SYSTEM, and outlives every link.

The task's name follows from what it is for, so that whoever comes later finds it again. It leaves its exit
code in a file; its log is read from an offset.
"""

from __future__ import annotations

import base64
import csv
import re
from dataclasses import dataclass

from services.guests import windows_files
from services.guests.model import FedShell
from services.guests.powershell import powershell, quoted
from services.world.deadline import Deadline

PIECE = 32_768
ROUNDS = 16
"""At most 512 KiB of log in one look; the next look goes on from there."""

ABSENT, READY, RUNNING, FINISHED, LOST = "absent", "ready", "running", "finished", "lost"


@dataclass(frozen=True)
class Progress:
    """One look at a task.

    `state`: `absent` (no such task), `ready` (made, not started), `running`, `finished`, or `lost` (it was
    started and is gone without an exit code, as after a restart of the machine). `offset` is where the next
    look begins, in bytes.
    """

    lines: tuple[str, ...]
    offset: int
    state: str
    exit_code: int | None = None


class RemoteTask:
    """One task with a private folder. `log` is the file to follow, which may be older than the task."""

    def __init__(self, shell: FedShell, name: str, folder: str, log: str) -> None:
        self.shell = shell
        self.name = name
        self.folder = folder
        self._log = log

    def prepare(self, deadline: Deadline) -> None:
        """Make the folder and the one above it private, and note where the log ends now."""
        home = self.folder.rpartition("\\")[0]
        windows_files.run(self.shell, f'if not exist "{home}" mkdir "{home}"', deadline, home)
        windows_files.close_to_others(self.shell, home, deadline)
        windows_files.make_private_folder(self.shell, self.folder, deadline)
        size = windows_files.script(
            self.shell,
            f"$l={quoted(self._log)};if([IO.File]::Exists($l))"
            "{$s=[IO.File]::Open($l,'Open','Read','ReadWrite');$s.Length;$s.Close()}else{0}",
            deadline,
            self._log,
        )
        windows_files.upload(self.shell, self._file("base.txt"), size[0].strip().encode(), deadline)

    def start(self, commands: list[str], always: list[str], deadline: Deadline) -> None:
        """Run commands one after the other, then those of `always`; the exit code is that of the last command.

        Started twice it runs once: the batch file looks for its own mark.
        """
        script = "\r\n".join(self._batch(commands, always)) + "\r\n"
        windows_files.upload(self.shell, self._file("run.cmd"), script.encode("ascii"), deadline)
        action = f"cmd.exe /c {self._file('run.cmd')}"
        # A start time in the past: the task never starts by itself, only by /run.
        create = (
            f'schtasks /create /tn "{self.name}" /tr "{action}" /sc ONCE /st 00:00 /ru SYSTEM /rl HIGHEST /f'
        )
        windows_files.run(self.shell, create, deadline, self.name)
        windows_files.run(self.shell, f'schtasks /run /tn "{self.name}"', deadline, self.name)

    def progress(self, offset: int, deadline: Deadline) -> Progress:
        """What the log holds from an offset on, and how the task stands."""
        # The task first, its exit code after: a task that ends in between is seen as finished or running.
        state = self._task_state(deadline)
        found = self._looked(offset, state, deadline)
        if found.state == LOST and self._task_state(deadline) == RUNNING:
            # It was started between the two questions.
            return self._looked(offset, RUNNING, deadline)
        # Or it ended between them; only a second look tells a run that is gone from one that has just ended.
        return self._looked(offset, READY, deadline) if found.state == LOST else found

    def _looked(self, offset: int, state: str, deadline: Deadline) -> Progress:
        data, facts = b"", {"exit": "", "started": ""}
        for _round in range(ROUNDS):
            piece = self._look(offset + len(data), facts, deadline)
            data += piece
            if len(piece) < PIECE:
                break
        if facts["exit"]:
            text, used = _whole_lines(data, everything=True)
            return Progress(text, offset + used, FINISHED, int(facts["exit"]))
        text, used = _whole_lines(data, everything=False)
        if state == READY and facts["started"]:
            state = LOST
        return Progress(text, offset + used, state)

    def remove(self, deadline: Deadline) -> None:
        """Delete the task and its folder."""
        self.shell.run(f'schtasks /delete /tn "{self.name}" /f', deadline)
        windows_files.run(
            self.shell, f'if exist "{self.folder}" rmdir /s /q "{self.folder}"', deadline, self.folder
        )

    def _file(self, name: str) -> str:
        return f"{self.folder}\\{name}"

    def _batch(self, commands: list[str], always: list[str]) -> list[str]:
        mark, result = self._file("started.txt"), self._file("exit.txt")
        return [
            "@echo off",
            f'if exist "{mark}" exit /b 0',
            f'>"{mark}" echo started',
            *commands,
            "set RC=%ERRORLEVEL%",
            *always,
            # In this order: `echo 0>file` would redirect stream 0.
            f'>"{result}.part" echo %RC%',
            f'move /y "{result}.part" "{result}"',
        ]

    def _task_state(self, deadline: Deadline) -> str:
        output = self.shell.run(f'schtasks /query /tn "{self.name}" /fo CSV /nh', deadline)
        if output.code:
            return ABSENT
        rows = [row for row in csv.reader(output.stdout.splitlines()) if len(row) > 2]
        return RUNNING if rows and rows[0][2] in ("Running", "Queued") else READY

    def _look(self, offset: int, facts: dict[str, str], deadline: Deadline) -> bytes:
        text = (
            f"$l={quoted(self._log)};$d={quoted(self.folder)};$o=0;"
            'if([IO.File]::Exists("$d\\base.txt")){$o=[int64][IO.File]::ReadAllText("$d\\base.txt")};'
            "if([IO.File]::Exists(\"$d\\started.txt\")){'started=1'};"
            "if([IO.File]::Exists($l)){$s=[IO.File]::Open($l,'Open','Read','ReadWrite');"
            # A log shorter than it was is a new one.
            f"if($s.Length -lt $o){{$o=0}};$o=$o+{offset};"
            f"if($s.Length -gt $o){{$s.Position=$o;$b=New-Object byte[] {PIECE};$n=$s.Read($b,0,{PIECE});"
            "'data='+[Convert]::ToBase64String($b,0,$n)};$s.Close()};"
            'if([IO.File]::Exists("$d\\exit.txt")){\'exit=\'+[IO.File]::ReadAllText("$d\\exit.txt").Trim()}'
        )
        output = windows_files.run(self.shell, powershell(text), deadline, self.name)
        found = _facts(output.stdout)
        facts["started"] = found.get("started", "")
        facts["exit"] = found.get("exit", "")
        return base64.b64decode(found.get("data", ""))


def _facts(text: str) -> dict[str, str]:
    """Lines NAME=VALUE; what a console has wrapped goes to the line before it."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        start = re.match(r"(started|data|exit)=", line)
        name = start[1] if start else name
        found[name] = found.get(name, "") + (line[start.end() :] if start else line).strip()
    return found


def _whole_lines(data: bytes, everything: bool) -> tuple[tuple[str, ...], int]:
    """Complete lines, and how many bytes they took; a line that grows beyond a piece counts as complete."""
    end = len(data) if everything or len(data) >= PIECE else data.rfind(b"\n") + 1
    return tuple(data[:end].decode("utf-8", "replace").splitlines()), end
