"""Commands that every Windows machine has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from services.practice.machines.linux.shell import Answer
from services.practice.machines.windows import powershell, tasks, tools
from services.practice.machines.windows.cmd import Console
from services.practice.machines.windows.tools import NOT_FOUND

Command = Callable[[Console, str, list[str]], Answer]


def _echo(console: Console, rest: str, words: list[str]) -> Answer:
    del console, words
    return Answer() if rest.strip().lower() in ("off", "on") else Answer(rest + "\n")


def _exit(console: Console, rest: str, words: list[str]) -> Answer:
    del rest
    console.exited = True
    code = next((word for word in words if word.isdigit()), console.environment["errorlevel"])
    return Answer(code=int(code))


def _set(console: Console, rest: str, words: list[str]) -> Answer:
    del words
    name, _equals, value = rest.strip('"').partition("=")
    console.environment[name.lower()] = value
    return Answer()


def _type(console: Console, rest: str, words: list[str]) -> Answer:
    del rest
    data = console.guest.disk.read(words[0]) if words else None
    return Answer("", NOT_FOUND, 1) if data is None else Answer(data.decode("utf-8", "replace"))


def _dir(console: Console, rest: str, words: list[str]) -> Answer:
    del rest
    paths = [word for word in words if not word.startswith("/")]
    if not paths or not console.guest.disk.exists(paths[0]):
        return Answer("", "File Not Found\n", 1)
    found = console.guest.disk.inside(paths[0]) or paths[:1]
    return Answer("".join(path.rpartition("\\")[2] + "\n" for path in found))


def _mkdir(console: Console, rest: str, words: list[str]) -> Answer:
    del rest
    path = words[0]
    if console.guest.disk.exists(path):
        return Answer("", f"A subdirectory or file {path} already exists.\n", 1)
    console.guest.make_folder(path)
    return Answer()


def _rmdir(console: Console, rest: str, words: list[str]) -> Answer:
    path = next((word for word in words if not word.startswith("/")), "")
    if not console.guest.disk.is_folder(path):
        return Answer("", NOT_FOUND, 2)
    if "/s" not in rest.lower() and console.guest.disk.inside(path):
        return Answer("", "The directory is not empty.\n", 145)
    console.guest.disk.delete(path)
    return Answer()


def _del(console: Console, rest: str, words: list[str]) -> Answer:
    del rest
    missing = ""
    for path in (word for word in words if not word.startswith("/")):
        if console.guest.disk.read(path) is None:
            missing += f"Could Not Find {path}\n"
        else:
            console.guest.disk.delete(path)
    return Answer("", missing, 0)


def _move(console: Console, rest: str, words: list[str]) -> Answer:
    del rest
    paths = [word for word in words if not word.startswith("/")]
    data = console.guest.disk.read(paths[0]) if len(paths) == 2 else None
    if data is None:
        return Answer("", NOT_FOUND, 1)
    console.guest.disk.write(paths[1], data)
    console.guest.disk.delete(paths[0])
    return Answer("        1 file(s) moved.\n")


def _copy(console: Console, rest: str, words: list[str]) -> Answer:
    del rest
    paths = [word for word in words if not word.startswith("/")]
    data = console.guest.disk.read(paths[0]) if len(paths) == 2 else None
    if data is None:
        return Answer("", NOT_FOUND, 1)
    console.guest.disk.write(paths[1], data)
    return Answer("        1 file(s) copied.\n")


def _icacls(console: Console, rest: str, words: list[str]) -> Answer:
    path = words[0] if words else ""
    if not console.guest.disk.exists(path):
        return Answer("", f"{path}: {NOT_FOUND}", 2)
    done = f"processed file: {path}\nSuccessfully processed 1 files; Failed processing 0 files\n"
    fact = f"acl:{path.lower()}"
    if len(words) == 1:
        return Answer(_shown_acl(path, console.guest.disk.fact(fact)))
    if "/reset" in rest.lower():
        console.guest.disk.remember(fact, None)
        return Answer(done)
    kept = console.guest.disk.fact(fact) or {"inherited": True, "granted": []}
    if "/setowner" in rest.lower():
        return Answer(done)
    if "/inheritance:r" in rest.lower():
        kept["inherited"] = False
    kept["granted"] += [word for word in words[1:] if word.startswith("*S-")]
    console.guest.disk.remember(fact, kept)
    return Answer(done)


def _shown_acl(path: str, kept: dict[str, object] | None) -> str:
    names = {"*S-1-5-18": "NT AUTHORITY\\SYSTEM", "*S-1-5-32-544": "BUILTIN\\Administrators"}
    entries = ["BUILTIN\\Users:(I)(OI)(CI)(RX)"] if kept is None or kept["inherited"] else []
    for granted in (kept or {}).get("granted", []):  # type: ignore[attr-defined]
        name, _colon, rights = granted.partition(":")
        entries.append(f"{names.get(name, name)}:{rights}")
    pad = "\n" + " " * (len(path) + 1)
    return f"{path} {pad.join(entries)}\n\nSuccessfully processed 1 files; Failed processing 0 files\n"


def _time_of_day(console: Console, form: str) -> Answer:
    return Answer(datetime.strftime(console.guest.now().astimezone(UTC), form) + "\n")


def _powershell(console: Console, rest: str, words: list[str]) -> Answer:
    del rest
    return powershell.program(console.guest, words, console.stdin)


def _cmd(console: Console, rest: str, words: list[str]) -> Answer:
    del words
    found = re.match(r"/[ck]\s+(.*)", rest.strip(), re.I | re.S)
    if found is None:
        return Answer("Microsoft Windows\n")
    inner = found[1].strip()
    whole = len(inner) > 1 and inner.startswith('"') and inner.endswith('"') and inner.count('"') != 2
    return Console(console.guest, stdin=console.stdin).run(inner[1:-1] if whole else inner)


def _ping(console: Console, rest: str, words: list[str]) -> Answer:
    del console
    found = re.search(r"-n\s+(\d+)", rest)
    count = int(found[1]) if found else 4
    rows = f"Reply from {words[-1]}: bytes=32 time<1ms TTL=128\n" * min(count, 4)
    return Answer(f"\nPinging {words[-1]} with 32 bytes of data:\n{rows}\n", seconds=count - 1)


def _whoami(console: Console, rest: str, words: list[str]) -> Answer:
    del rest
    profile = console.guest.profile
    if "/groups" in words:
        return Answer(
            "BUILTIN\\Administrators  Alias  S-1-5-32-544  Mandatory group, Enabled by default, Enabled group\n"
        )
    return Answer(f"{profile.name}\\{profile.user.lower()}\n")


def _nothing(console: Console, rest: str, words: list[str]) -> Answer:
    del console, rest, words
    return Answer()


COMMANDS: dict[str, Command] = {
    "cd": _nothing,
    "certutil": tools.certutil,
    "chcp": lambda _console, _rest, _words: Answer("Active code page: 65001\n"),
    "cmd": _cmd,
    "copy": _copy,
    "date": lambda console, _rest, _words: _time_of_day(console, "%a %m/%d/%Y"),
    "del": _del,
    "dir": _dir,
    "echo": _echo,
    "erase": _del,
    "exit": _exit,
    "hostname": lambda console, _rest, _words: Answer(console.guest.profile.name.upper() + "\n"),
    "icacls": _icacls,
    "md": _mkdir,
    "mkdir": _mkdir,
    "move": _move,
    "netsh": tools.netsh,
    "netstat": tools.netstat,
    "ping": _ping,
    "powershell": _powershell,
    "rd": _rmdir,
    "reg": tools.reg,
    "rem": _nothing,
    "rmdir": _rmdir,
    "schtasks": tasks.schtasks,
    "set": _set,
    "time": lambda console, _rest, _words: _time_of_day(console, "%H:%M:%S"),
    "type": _type,
    "tzutil": tools.tzutil,
    "ver": lambda console, _rest, _words: Answer(
        f"\nMicrosoft Windows [Version {console.guest.profile.version}]\n"
    ),
    "w32tm": tools.w32tm,
    "whoami": _whoami,
    "wmic": tools.wmic,
}
