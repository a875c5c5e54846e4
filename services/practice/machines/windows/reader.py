"""Reading a script's text: where we are, what comes next, what was expected."""

from __future__ import annotations

import re

from services.practice.machines.windows.values import PowerShellError

SPACE = re.compile(r"(?:[ \t\r]|`\r?\n|#[^\n]*)*")
ANY_SPACE = re.compile(r"(?:\s|`\r?\n|#[^\n]*)*")
VARIABLE = re.compile(r"\$(?:(env):)?([A-Za-z_]\w*|[_?])|\$\{([^}]+)\}", re.I)
NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+(?:\.\d+)?")
UNITS = {"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
TYPE = re.compile(r"\[([A-Za-z][\w.]*(?:\[\])?)\]")
COMMAND = re.compile(r"[A-Za-z][\w.-]*|[?%](?=\s*\{)")
PARAMETER = re.compile(r"-([A-Za-z]\w*)(:?)")
BARE = re.compile(r"[^\s;|(){}'\",$&]+")
OPERATOR = re.compile(r"-([a-z]+)\b", re.I)


class Reader:
    """A place in a text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def error(self) -> PowerShellError:
        shown = self.source[self.at : self.at + 20].split("\n")[0]
        return PowerShellError(
            f"At char:{self.at + 1}\nUnexpected token '{shown}' in expression or statement."
        )

    def skip(self, pattern: re.Pattern[str] = SPACE) -> None:
        found = pattern.match(self.source, self.at)
        self.at = found.end() if found else self.at

    def take(self, sign: str) -> bool:
        """Step over a sign, if it comes next."""
        self.skip()
        if not self.source.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def need(self, sign: str) -> None:
        self.skip(ANY_SPACE)
        if not self.take(sign):
            raise self.error()

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.source, self.at)
        if found:
            self.at = found.end()
        return found

    def word(self, name: str) -> bool:
        """Step over a keyword, if it comes next."""
        self.skip(ANY_SPACE)
        return self.match(re.compile(rf"{name}\b", re.I)) is not None
