"""A small POSIX shell: lists, pipes, redirections, quotes, variables and command substitution."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from services.practice.machines.linux.grammar import Redirection, Simple, lists, parenthesis_end, quote_end


@dataclass
class Answer:
    """What a command gave. `seconds` of world time pass before it ends (Windows shells only)."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0
    seconds: float = 0.0


class System(Protocol):
    """What the shell runs on."""

    def command(self, name: str) -> Callable[[list[str], str, Shell], Answer] | None:
        """The command of that name, or None when this system has none."""
        ...

    def read(self, path: str) -> str | None:
        """The content of a file, or None."""
        ...

    def write(self, path: str, content: str, append: bool) -> None:
        """Write a file."""
        ...

    def reaches(self, host: str, port: int) -> bool:
        """Whether a TCP connection from this machine would be accepted."""
        ...

    def drops(self, host: str, port: int) -> bool:
        """Whether a firewall swallows a TCP connection from this machine."""
        ...

    def globbed(self, pattern: str) -> list[str]:
        """Paths that a pattern stands for."""
        ...


KEYWORDS = ("if", "then", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "function")
"""Compound commands are not understood, and refused rather than taken for names."""
DROPPED = 127.0
"""Seconds that a connection without an answer takes."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Shell:
    """Runs command lines. `dialect` is `bash` or, for sh on Ubuntu, `sh` (dash)."""

    def __init__(self, system: System, dialect: str = "bash") -> None:
        self.system = system
        self.dialect = dialect
        self.variables: dict[str, str] = {"HOME": "/root", "USER": "root"}
        self.status = 0

    def run(self, line: str) -> Answer:
        """Run a command line; a line this shell cannot read ends as a syntax error, code 2."""
        try:
            steps = list(lists(line))
        except ValueError as error:
            return Answer("", f"{self.dialect}: -c: line 0: syntax error near {error}\n", 2)
        total = Answer()
        for operator, pipeline in steps:
            if (operator == "&&" and self.status) or (operator == "||" and not self.status):
                continue
            result = self._pipeline(pipeline)
            total.stdout += result.stdout
            total.stderr += result.stderr
            total.seconds += result.seconds
            self.status = result.code
        total.code = self.status
        return total

    def _pipeline(self, commands: list[Simple]) -> Answer:
        piped, errors, result = "", "", Answer()
        for simple in commands:
            result = self._simple(simple, piped)
            piped, errors = result.stdout, errors + result.stderr
        return Answer(piped, errors, result.code, result.seconds)

    def _simple(self, simple: Simple, piped: str) -> Answer:
        words = [found for word in simple.words for found in self._globbed(word)]
        while words and (found := re.match(r"([A-Za-z_]\w*)=(.*)", words[0], re.S)):
            self.variables[found[1]] = found[2]
            words.pop(0)
        for redirection in simple.redirections:
            if redirection.how in ("<", "<>"):
                given = self._input(self.expand(redirection.target))
                if isinstance(given, Answer):
                    return given
                piped = given
        return self._redirected(self.call(words, piped) if words else Answer(), simple.redirections)

    def call(self, words: list[str], piped: str = "") -> Answer:
        """Run one command given as words."""
        command = self.system.command(words[0])
        if command is None:
            if words[0] in KEYWORDS:
                return Answer("", f"{self.dialect}: -c: line 0: syntax error near `{words[0]}'\n", 2)
            text = "1: {}: not found" if self.dialect == "sh" else "{}: command not found"
            return Answer("", f"{self.dialect}: {text.format(words[0])}\n", 127)
        return command(words[1:], piped, self)

    def _globbed(self, word: str) -> list[str]:
        quoted = "'" in word or '"' in word
        return (not quoted and "*" in word and self.system.globbed(word)) or [self.expand(word)]

    def _input(self, path: str) -> str | Answer:
        if path.startswith("/dev/tcp/"):
            host, _slash, port = path.removeprefix("/dev/tcp/").partition("/")
            if self.system.drops(host, int(port)):
                timed = "Connection timed out"
                return Answer("", f"bash: connect: {timed}\nbash: {path}: {timed}\n", 1, DROPPED)
            if self.system.reaches(host, int(port)):
                return ""
            return Answer("", f"bash: connect: Connection refused\nbash: {path}: Connection refused\n", 1)
        content = "" if path == "/dev/null" else self.system.read(path)
        return Answer("", f"bash: {path}: No such file or directory\n", 1) if content is None else content

    def _redirected(self, result: Answer, redirections: list[Redirection]) -> Answer:
        for redirection in redirections:
            if redirection.how in ("<", "<>"):
                continue
            text = result.stdout if redirection.stream == 1 else result.stderr
            if redirection.target == "&1":
                result.stdout, result.stderr = result.stdout + result.stderr, ""
                continue
            if redirection.target != "&2":
                path = self.expand(redirection.target)
                if path != "/dev/null":
                    self.system.write(path, text, redirection.how == ">>")
                text = ""
            if redirection.stream == 1:
                result.stdout, result.stderr = "", result.stderr + text
            else:
                result.stderr = text
        return result

    def expand(self, raw: str) -> str:
        """A raw word without its quotes, with variables and command substitutions replaced."""
        out, position = "", 0
        while position < len(raw):
            character = raw[position]
            if character == "'":
                end = raw.index("'", position + 1)
                out, position = out + raw[position + 1 : end], end + 1
            elif character == '"':
                end = quote_end(raw, position)
                out, position = out + self._dollars(raw[position + 1 : end], quoted=True), end + 1
            elif character == "\\":
                out, position = out + raw[position + 1 : position + 2], position + 2
            elif character == "$":
                value, position = self._dollar(raw, position)
                out += value
            else:
                out, position = out + character, position + 1
        return out

    def _dollars(self, text: str, quoted: bool) -> str:
        out, position = "", 0
        while position < len(text):
            if (
                text[position] == "\\"
                and quoted
                and text[position + 1 : position + 2] in ("$", '"', "\\", "`")
            ):
                out, position = out + text[position + 1], position + 2
            elif text[position] == "$":
                value, position = self._dollar(text, position)
                out += value
            else:
                out, position = out + text[position], position + 1
        return out

    def _dollar(self, text: str, position: int) -> tuple[str, int]:
        if text.startswith("$(", position):
            end = parenthesis_end(text, position + 1)
            inner = Shell(self.system, self.dialect)
            inner.variables = dict(self.variables)
            return inner.run(text[position + 2 : end]).stdout.rstrip("\n"), end + 1
        if text.startswith("$?", position):
            return str(self.status), position + 2
        if text.startswith("${", position) and "}" in text[position:]:
            end = text.index("}", position)
            return self.variables.get(text[position + 2 : end], ""), end + 1
        name = NAME.match(text, position + 1)
        if name is None:
            return "$", position + 1
        return self.variables.get(name[0], ""), name.end()
