"""Scheduled tasks: schtasks, and batch files that go on while nobody looks.

What a task has done follows from when it was started and from the clock: whoever looks first lets it catch
up, line by line, each line as of the time at which it began.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from services.practice.machines.linux.shell import Answer
from services.practice.machines.windows import programs
from services.practice.machines.windows.guest import Guest

if TYPE_CHECKING:
    from services.practice.machines.windows.cmd import Console

MISSING = "ERROR: The system cannot find the file specified.\n"
LONGEST_ACTION = 261
log = logging.getLogger("practice")


def schtasks(console: Console, rest: str, words: list[str]) -> Answer:
    """schtasks /create, /run, /query, /end and /delete."""
    del rest
    guest = console.guest
    verb = words[0].lower() if words else ""
    given = {word.lower(): words[at + 1] for at, word in enumerate(words[:-1]) if word.startswith("/")}
    name = "\\" + given.get("/tn", "").lstrip("\\")
    if verb == "/create":
        return _create(guest, name, given)
    if guest.disk.fact(_key(name)) is None:
        return Answer("", MISSING, 1)
    if verb == "/run":
        _start(guest, name)
        return Answer(f'SUCCESS: Attempted to run the scheduled task "{name}".\n')
    if verb == "/query":
        state = "Running" if guest.disk.fact(_run_key(name)) else "Ready"
        return Answer(
            f'"{name}","N/A","{state}"\n' if "/nh" in given or "/nh" in words else _table(name, state)
        )
    if verb == "/end":
        guest.disk.remember(_run_key(name), None)
        return Answer(f'SUCCESS: The scheduled task "{name}" has been terminated successfully.\n')
    if verb == "/delete":
        guest.disk.remember(_key(name), None)
        return Answer(f'SUCCESS: The scheduled task "{name}" was successfully deleted.\n')
    return Answer("", "ERROR: Invalid syntax.\n", 1)


def _create(guest: Guest, name: str, given: dict[str, str]) -> Answer:
    action = given.get("/tr", "")
    if not action or "/sc" not in given:
        return Answer("", "ERROR: Invalid syntax. Mandatory option is missing.\n", 1)
    if len(action) > LONGEST_ACTION:
        return Answer(
            "", "ERROR: Invalid syntax. Value for '/tr' option cannot be more than 261 characters.\n", 1
        )
    guest.disk.remember(_key(name), {"action": action, "user": given.get("/ru", guest.profile.user)})
    warning = "WARNING: Task may not run because /ST is earlier than current time.\n"
    return Answer(f'{warning}SUCCESS: The scheduled task "{name}" has successfully been created.\n')


def _table(name: str, state: str) -> str:
    line = f"{'=' * 40} {'=' * 22} {'=' * 15}"
    return f"\nFolder: \\\nTaskName{' ' * 33}Next Run Time          Status\n{line}\n{name:<40} N/A{' ' * 20}{state}\n"


def _start(guest: Guest, name: str) -> None:
    task = guest.disk.fact(_key(name))
    if guest.disk.fact(_run_key(name)):
        return
    path = task["action"].replace('"', "").removeprefix("cmd.exe /c ").removeprefix("cmd /c ").strip()
    script = guest.disk.read(path)
    if script is None:
        return
    run = {
        "lines": script.decode("utf-8", "replace").splitlines(),
        "line": 0,
        "began": guest.clock.now().timestamp(),
        "environment": guest.environment(),
    }
    guest.disk.remember(_run_key(name), run)
    _catch_up(guest, _run_key(name), run)


def advance(guest: Guest) -> None:
    """Let every running task catch up with the clock."""
    for key, run in guest.disk.facts("run:").items():
        _catch_up(guest, key, run)


def _catch_up(guest: Guest, key: str, run: dict[str, Any]) -> None:
    from services.practice.machines.windows.cmd import Console

    now = guest.clock.now().timestamp()
    while run["line"] < len(run["lines"]):
        line = run["lines"][run["line"]]
        console = Console(guest, run["environment"])
        job = run.get("job") or programs.begin(console, line, run["began"])
        guest.command_lines.append(line)
        if job is None:
            console.run(line)
            if console.exited:
                break
        else:
            programs.follow(guest, job, now)
            if now < job["end"]:
                run["job"] = job
                guest.disk.remember(key, run)
                return
            console.environment["errorlevel"] = str(job["code"])
            run["began"] = job["end"]
            run.pop("job", None)
        run["line"] += 1
        guest.disk.remember(key, run)
    guest.disk.remember(key, None)


def _key(name: str) -> str:
    return f"task:{name.lower()}"


def _run_key(name: str) -> str:
    return f"run:{name.lower()}"
