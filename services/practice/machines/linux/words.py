"""Commands on text and files."""

from __future__ import annotations

import re

from services.practice.machines.linux.guest import Guest
from services.practice.machines.linux.shell import Answer, Shell


def _contents(guest: Guest, name: str, paths: list[str], piped: str) -> tuple[str, str]:
    if not paths:
        return piped, ""
    found, missing = "", ""
    for path in paths:
        content = guest.read(path)
        found += content or ""
        if content is None:
            missing += f"{name}: {path}: No such file or directory\n"
    return found, missing


def cat(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """cat FILE..."""
    del shell
    found, missing = _contents(guest, "cat", [item for item in arguments if item[:1] != "-"], piped)
    return Answer(found, missing, 1 if missing else 0)


def echo(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """echo [-n] WORD..."""
    del guest, piped, shell
    end = "" if arguments[:1] == ["-n"] else "\n"
    return Answer(" ".join(arguments[0 if end else 1 :]) + end)


def export(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """export NAME=VALUE..."""
    del guest, piped
    for item in arguments:
        name, equals, value = item.partition("=")
        if equals:
            shell.variables[name] = value
    return Answer()


def grep(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """grep [-EFHicoqsvn] PATTERN [FILE...]"""
    del shell
    flags = "".join(item[1:] for item in arguments if re.fullmatch("-[A-Za-z]+", item))
    plain = [item for item in arguments if not re.fullmatch("-[A-Za-z]+", item)]
    if not plain:
        return Answer("", "Usage: grep [OPTION]... PATTERN [FILE]...\n", 2)
    source = re.escape(plain[0]) if "F" in flags else plain[0].replace("[[:space:]]", r"\s")
    pattern = re.compile(source, re.I if "i" in flags else 0)
    found, missing = [], ""
    for path in plain[1:] or [""]:
        text, lost = _contents(guest, "grep", [path] if path else [], piped)
        missing += lost
        mark = f"{path}:" if "H" in flags or len(plain) > 2 else ""
        found += [(mark, line) for line in text.splitlines() if bool(pattern.search(line)) != ("v" in flags)]
    code = 2 if missing else (0 if found else 1)
    error = "" if "s" in flags else missing
    if "q" in flags:
        return Answer("", error, code)
    if "c" in flags:
        return Answer(f"{len(found)}\n", error, code)
    if "o" in flags:
        found = [(mark, match[0]) for mark, line in found for match in pattern.finditer(line)]
    return Answer("".join(f"{mark}{line}\n" for mark, line in found), error, code)


def head(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """head [-n N] [FILE...]"""
    del shell
    count, paths = _count(arguments)
    text, missing = _contents(guest, "head", paths, piped)
    return Answer("".join(text.splitlines(keepends=True)[:count]), missing, 1 if missing else 0)


def tail(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """tail [-n N] [FILE...]"""
    del shell
    count, paths = _count(arguments)
    text, missing = _contents(guest, "tail", paths, piped)
    return Answer("".join(text.splitlines(keepends=True)[-count:]), missing, 1 if missing else 0)


def _count(arguments: list[str]) -> tuple[int, list[str]]:
    count, paths, rest = 10, [], iter(arguments)
    for item in rest:
        if item == "-n":
            count = int(next(rest, "10"))
        elif found := re.fullmatch(r"-n?(\d+)", item):
            count = int(found[1])
        else:
            paths.append(item)
    return count, paths


def wc(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """wc -l [FILE]"""
    del shell
    paths = [item for item in arguments if item[:1] != "-"]
    text, missing = _contents(guest, "wc", paths, piped)
    name = f" {paths[0]}" if paths else ""
    return Answer("" if missing else f"{text.count(chr(10))}{name}\n", missing, 1 if missing else 0)


def cut(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """cut -dX -fN"""
    del guest, shell
    options = dict(re.findall(r"-([df])\s?(\S| )", " ".join(arguments)))
    sign, number = options.get("d", "\t"), int(options.get("f", "1"))
    fields = [line.split(sign) for line in piped.splitlines()]
    return Answer("".join((row[number - 1] if len(row) >= number else "") + "\n" for row in fields))


def ls(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """ls PATH..."""
    del piped, shell
    paths = [item for item in arguments if item[:1] != "-"]
    there = "".join(f"{path}\n" for path in paths if guest.exists(path))
    missing = "".join(
        f"ls: cannot access '{path}': No such file or directory\n" for path in paths if not guest.exists(path)
    )
    return Answer(there, missing, 2 if missing else 0)


def test(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """test -e|-f|-d|-r|-s PATH; -n|-z WORD; A = B; A != B"""
    del piped, shell
    items = [item for item in arguments if item != "]"]
    if items[:1] == ["!"]:
        return Answer(code=0 if not _holds(guest, items[1:]) else 1)
    return Answer(code=0 if _holds(guest, items) else 1)


def _holds(guest: Guest, items: list[str]) -> bool:
    if len(items) == 2 and items[0] in ("-e", "-f", "-d", "-r", "-s", "-x"):
        is_file = guest.read(items[1]) is not None
        return {"-f": is_file, "-s": is_file}.get(items[0], guest.exists(items[1]))
    if len(items) == 2 and items[0] in ("-n", "-z"):
        return bool(items[1]) == (items[0] == "-n")
    if len(items) == 3 and items[1] in ("=", "==", "!="):
        return (items[0] == items[2]) == (items[1] != "!=")
    return len(items) == 1 and bool(items[0])
