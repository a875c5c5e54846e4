"""cmd.exe: command lines with &, &&, ||, |, if, quotes, %variables% and redirections."""

from __future__ import annotations

import re

from services.practice.machines.linux.shell import Answer
from services.practice.machines.windows.guest import Guest
from services.practice.machines.windows.stdin import Input

REDIRECTION = re.compile(r'([12]?)(>>|>)\s*(&1|"[^"]+"|[^\s"&|]+)')


def run(guest: Guest, line: str, stdin: Input | None = None) -> Answer:
    """Run one command line in a fresh cmd.exe; `stdin` is what it and its programs read."""
    return Console(guest, stdin=stdin).run(line)


def program(guest: Guest, name: str, words: list[str]) -> Answer | None:
    """Run a program from PowerShell; None when there is none of that name."""
    return Console(guest).program(name, " ".join(words))


class Console:
    """One cmd.exe. `environment` is by lower-case name; `exited` is set by exit."""

    def __init__(
        self, guest: Guest, environment: dict[str, str] | None = None, stdin: Input | None = None
    ) -> None:
        self.guest = guest
        self.stdin = stdin or Input()
        self.environment = guest.environment() if environment is None else environment
        self.exited = False

    def run(self, line: str) -> Answer:
        """Run a line; the code is that of the last command."""
        self.guest.command_lines.append(line)
        return self._sequence(self._expanded(line.strip().lstrip("@")))

    def _expanded(self, line: str) -> str:
        def value(found: re.Match[str]) -> str:
            return self.environment.get(found[1].lower(), found[0])

        return re.sub(r"%([^%\s]+)%", value, line)

    def _sequence(self, line: str) -> Answer:
        total = Answer()
        for part in _split(line, "&"):
            if not part.strip() or self.exited:
                continue
            done = self._alternatives(part)
            total.stdout += done.stdout
            total.stderr += done.stderr
            total.code = done.code
            total.seconds += done.seconds
        return total

    def _alternatives(self, line: str) -> Answer:
        total = Answer(code=1)
        for part in _split(line, "||"):
            for each in _split(part, "&&"):
                done = self._piped(each.lstrip())
                seconds = total.seconds + done.seconds
                total = Answer(total.stdout + done.stdout, total.stderr + done.stderr, done.code, seconds)
                if done.code:
                    break
            if total.code == 0:
                break
        return total

    def _piped(self, line: str) -> Answer:
        if line.startswith("(") and line.rstrip().endswith(")"):
            return self._sequence(line.strip()[1:-1])
        if line[:3].lower() == "if ":
            return self._conditional(line[3:].strip())
        stages = _split(line, "|")
        done = self._redirected(stages[0])
        for stage in stages[1:]:
            done = _filtered(done, stage.strip())
        self.environment["errorlevel"] = str(done.code)
        return done

    def _conditional(self, rest: str) -> Answer:
        found = re.match(
            r'(/i\s+)?(not\s+)?(?:(exist)\s+("[^"]+"|\S+)|(errorlevel)\s+(\d+)|("[^"]*"|\S+?)\s*==\s*("[^"]*"|\S+))\s*',
            rest,
            re.I,
        )
        if found is None:
            return Answer("", f"{rest.split(' ')[0]} was unexpected at this time.\n", 255)
        if found[3]:
            holds = self.guest.disk.exists(found[4].strip('"'))
        elif found[5]:
            holds = int(self.environment["errorlevel"]) >= int(found[6])
        else:
            holds = found[7].lower() == found[8].lower() if found[1] else found[7] == found[8]
        then, other = _branches(rest[found.end() :])
        chosen = then if holds != bool(found[2]) else other
        return self._sequence(chosen) if chosen else Answer()

    def _redirected(self, line: str) -> Answer:
        targets = [(found[1] or "1", found[2], found[3].strip('"')) for found in _redirections(line)]
        plain = _without_redirections(line).lstrip()
        name, rest = _first(plain)
        done = self.program(name, rest) if name else Answer()
        if done is None:
            text = f"'{name}' is not recognized as an internal or external command,"
            # cmd.exe itself ends with 1 where a batch file would see 9009.
            done = Answer("", f"{text}\noperable program or batch file.\n", 9009)
        if any(target == "&1" for _stream, _how, target in targets):
            done.stdout, done.stderr = done.stdout + done.stderr, ""
        for stream, how, target in targets:
            self._to_file(done, stream, how, target)
        return done

    def _to_file(self, done: Answer, stream: str, how: str, target: str) -> None:
        if target == "&1":
            return
        content = done.stdout if stream == "1" else done.stderr
        if stream == "1":
            done.stdout = ""
        else:
            done.stderr = ""
        if target.lower() == "nul":
            return
        before = self.guest.disk.read(target) or b"" if how == ">>" else b""
        self.guest.disk.write(target, before + content.replace("\n", "\r\n").encode())

    def program(self, name: str, rest: str) -> Answer | None:
        """Run a program or a command of cmd.exe by name."""
        from services.practice.machines.windows.commands import COMMANDS
        from services.practice.machines.windows.programs import by_path

        key = name.lower()
        short = re.sub(r"^c:\\windows\\(system32\\)?", "", key).removesuffix(".exe")
        if key.startswith("echo."):
            return Answer("\n")
        command = COMMANDS.get(short)
        if command is not None:
            return command(self, rest, words(rest))
        return by_path(self.guest, name, words(rest))


def words(rest: str) -> list[str]:
    """Arguments without their quotes."""
    return [found.replace('"', "") for found in re.findall(r'(?:[^\s"]|"[^"]*"?)+', rest)]


def _first(line: str) -> tuple[str, str]:
    found = re.match(r'"([^"]+)"\s*(.*)|(echo)([.\s(].*)?$|([^\s/]+)\s*(.*)', line, re.S | re.I)
    if found is None:
        return line, ""
    if found[3]:
        tail = found[4] or ""
        return ("echo.", "") if tail == "." else (found[3], tail[1:])
    return (found[1], found[2]) if found[1] else (found[5], found[6])


def _split(line: str, operator: str) -> list[str]:
    """Parts between an operator outside of quotes and parentheses; `&` is no `&&`, `|` no `||`."""
    parts, start, at, depth, quoted = [], 0, 0, 0, False
    while at < len(line):
        sign = line[at]
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif not quoted and depth <= 0 and sign in "&|":
            double = line[at : at + 2] == sign * 2
            found = sign * 2 if double else sign
            if found == operator and not (sign == "&" and line[at - 1 : at] == ">"):
                parts.append(line[start:at])
                start = at + len(found)
            at += len(found) - 1
        at += 1
    return [*parts, line[start:]]


def _outside(line: str) -> str:
    """The line with what is in quotes blanked, for finding signs by position."""
    return re.sub(r'"[^"]*"', lambda found: "\x01" * len(found[0]), line)


def _redirections(line: str) -> list[re.Match[str]]:
    mask = _outside(line)
    return [found for found in REDIRECTION.finditer(line) if mask[found.start(2)] != "\x01"]


def _without_redirections(line: str) -> str:
    for found in reversed(_redirections(line)):
        # A digit belongs to the redirection only after a blank.
        line = line[: found.start()] + line[found.end() :]
    return line


def _branches(rest: str) -> tuple[str, str]:
    if not rest.startswith("("):
        return rest, ""
    depth = 0
    for at, sign in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            other = re.sub(r"^\s*else\s*", "", rest[at + 1 :], flags=re.I).strip()
            return rest[1:at], other[1:-1] if other.startswith("(") else other
    return rest, ""


def _filtered(done: Answer, stage: str) -> Answer:
    name, rest = _first(stage)
    given = [word for word in words(rest) if not word.startswith("/")]
    if name.lower().removesuffix(".exe") not in ("find", "findstr") or not given:
        return Answer("", f"'{name}' is not recognized as an internal or external command,\n", 255)
    fold = "/i" in rest.lower()
    wanted = given[0].lower() if fold else given[0]
    kept = [line for line in done.stdout.splitlines() if wanted in (line.lower() if fold else line)]
    return Answer("".join(line + "\n" for line in kept), done.stderr, 0 if kept else 1)
