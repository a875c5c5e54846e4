"""Commands that read and change files byte by byte."""

from __future__ import annotations

import re

from services.practice.machines.linux.guest import Guest
from services.practice.machines.linux.shell import Answer, Shell

FULL = "No space left on device"


def od(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """od -An -v -tx1 FILE"""
    del piped, shell
    path = arguments[-1]
    content = guest.read(path)
    if content is None:
        return Answer("", f"od: {path}: No such file or directory\n", 1)
    data = content.encode()
    rows = [data[start : start + 16] for start in range(0, len(data), 16)]
    return Answer("".join(f" {row.hex(' ')}\n" for row in rows))


def printf(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """printf FORMAT [WORD...], with %s, %% and escapes, octal ones too."""
    del guest, piped, shell
    values = iter(arguments[1:])
    escapes = {"n": "\n", "t": "\t", "\\": "\\"}

    def meant(found: re.Match[str]) -> str:
        text = found[0]
        if text == "%s":
            return next(values, "")
        if text == "%%":
            return "%"
        return chr(int(text[1:], 8)) if text[1:].isdigit() else escapes[text[1]]

    return Answer(re.sub(r"%[s%]|\\[0-7]{1,3}|\\[nt\\]", meant, arguments[0] if arguments else ""))


def cp(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """cp [-p] FROM TO"""
    del piped, shell
    source, target = [item for item in arguments if not item.startswith("-")][-2:]
    content = guest.read(source)
    if content is None:
        return Answer("", f"cp: cannot stat '{source}': No such file or directory\n", 1)
    guest.write(target, content, append=False)
    return Answer()


def mv(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """mv [-f] FROM TO"""
    source, target = [item for item in arguments if not item.startswith("-")][-2:]
    found = cp(guest, [source, target], piped, shell)
    if found.code:
        return Answer("", found.stderr.replace("cp:", "mv:"), 1)
    guest.delete(source)
    return found


def rm(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """rm [-f] FILE..."""
    del piped, shell
    paths = [item for item in arguments if not item.startswith("-")]
    missing = [path for path in paths if not guest.delete(path)]
    if not missing or "-f" in arguments:
        return Answer()
    return Answer(
        "", "".join(f"rm: cannot remove '{path}': No such file or directory\n" for path in missing), 1
    )


def chmod(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """chmod MODE FILE: the disk keeps no modes."""
    del piped, shell
    return Answer() if guest.exists(arguments[-1]) else Answer("", "chmod: No such file or directory\n", 1)


def readlink(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """readlink -f FILE: there are no links here."""
    del guest, piped, shell
    return Answer(f"{arguments[-1]}\n")
