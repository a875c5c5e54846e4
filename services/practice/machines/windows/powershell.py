"""Windows PowerShell: sessions that run scripts and commands, as far as the version of the machine goes."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.practice.machines.linux.shell import Answer
from services.practice.machines.windows import dotnet
from services.practice.machines.windows.guest import Guest
from services.practice.machines.windows.nodes import Node
from services.practice.machines.windows.stdin import Input
from services.practice.machines.windows.syntax import Parser
from services.practice.machines.windows.values import PowerShellError, Thing, items, lines, text


class ExitScript(Exception):
    """`exit` in a script."""


class Session:
    """One run of powershell.exe on a machine."""

    def __init__(self, guest: Guest, stdin: Input | None = None) -> None:
        self.guest = guest
        self.stdin = stdin or Input()
        version = Thing(
            {"Major": guest.profile.powershell}, {"tostring": lambda: f"{guest.profile.powershell}.0"}
        )
        self.variables: dict[str, Any] = {
            "true": True,
            "false": False,
            "null": None,
            "psversiontable": Thing({"PSVersion": version}),
            "erroractionpreference": "Continue",
        }
        self.environment = guest.environment()
        self.piped: list[Any] | None = None
        self.errors: list[str] = []
        self._stopping = 0
        self._failed = False

    def run(self, script: str) -> Answer:
        """Run a script: its output as lines, errors on stderr, exit code as powershell.exe gives it."""
        output: list[Any] = []
        try:
            output = items(self._kept(Parser(script).script(), output))
        except (PowerShellError, TypeError, ValueError, IndexError, ArithmeticError, RecursionError) as error:
            # What a value does not allow is an error of the script, as an InvalidOperation would be.
            self.errors.append(str(error))
            return self._answer(output, 1)
        except ExitScript as end:
            return self._answer(output, int(end.args[0]))
        return self._answer(output, 1 if self._failed else 0)

    def _kept(self, body: Node, output: list[Any]) -> list[Any]:
        self._output = output
        body(self)
        return output

    def _answer(self, output: list[Any], code: int) -> Answer:
        shown = "".join(line + "\n" for value in output for line in lines(value))
        return Answer(shown, "".join(f"{error}\n" for error in self.errors), code)

    def guarded(self, statement: Node) -> list[Any]:
        """Run one statement; an error ends it, and the script too where errors stop."""
        top = self._output if self._depth == 0 else None
        self._depth += 1
        try:
            found = items(statement(self))
            self._failed = False
        except PowerShellError as error:
            if self._stopping or text(self.variables["erroractionpreference"]).lower() == "stop":
                raise
            self.errors.append(str(error))
            self._failed, found = True, []
        finally:
            self._depth -= 1
        if top is not None:
            top += found
        return found

    _depth = 0
    _output: list[Any]

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Inside try, every error ends the block."""
        self._stopping += 1
        try:
            yield
        finally:
            self._stopping -= 1

    def command(
        self, name: str, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None
    ) -> Any:
        """Run a cmdlet, or a program."""
        from services.practice.machines.windows.cmdlets import find

        if name.lower() == "exit":
            raise ExitScript(int(arguments[0]) if arguments else 0)
        cmdlet = find(name, self.guest.profile)
        quiet = text(options.pop("erroraction", options.pop("ea", ""))).lower() == "silentlycontinue"
        try:
            if cmdlet is None:
                return self._program(name, arguments, options)
            return cmdlet(self, arguments, options, piped)
        except PowerShellError:
            if quiet:
                return None
            raise

    def _program(self, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        from services.practice.machines.windows import cmd

        words = [text(item) for item in arguments] + [f"-{key}" for key in options]
        answer = cmd.program(self.guest, name, [f'"{word}"' if " " in word else word for word in words])
        if answer is None:
            raise PowerShellError(not_recognized(name, self.guest))
        if answer.stderr:
            self.errors.append(answer.stderr.rstrip("\n"))
        self.variables["lastexitcode"] = answer.code
        return answer.stdout.rstrip("\n").split("\n") if answer.stdout else None

    def property(self, value: Any, name: str) -> Any:
        """A property of a value."""
        if isinstance(value, Thing):
            return value.get(name)
        if name.lower() in ("length", "count") and isinstance(value, str | list | bytes | bytearray):
            return len(value)
        if isinstance(value, list):
            # Properties of a list's items came with PowerShell 3.
            return (
                [self.property(item, name) for item in value] if self.guest.profile.powershell > 2 else None
            )
        return dotnet.date_property(value, name)

    def invoke(self, value: Any, name: str, arguments: list[Any]) -> Any:
        """A method of a value."""
        if isinstance(value, Thing):
            method = value.methods.get(name.lower())
            if method is None and name.lower() == "tostring":
                return text(value)
            if method is None:
                raise PowerShellError(
                    f"Method invocation failed because [{value.kind}] does not contain '{name}'."
                )
            return method(*arguments)
        if value is None:
            raise PowerShellError("You cannot call a method on a null-valued expression.")
        return dotnet.value_method(value, name, arguments)

    def static(self, kind: str, name: str, arguments: list[Any] | None) -> Any:
        """A static property (arguments None) or method of a .NET type."""
        if (kind.lower().removeprefix("system."), name.lower()) == ("console", "openstandardinput"):
            return dotnet.input_stream(self.stdin)
        return dotnet.static(self.guest, kind, name, arguments)

    def static_set(self, kind: str, name: str, value: Any) -> None:
        """Set a static property; only the protocols of TLS can be."""
        del value
        if (kind.lower().removeprefix("system."), name.lower()) != (
            "net.servicepointmanager",
            "securityprotocol",
        ):
            raise PowerShellError(f"Property '{name}' cannot be set.")

    def converted(self, kind: str, value: Any) -> Any:
        """A cast to a .NET type."""
        return dotnet.converted(kind, value)

    def run_block(self, body: Node, value: Any) -> list[Any]:
        """Run a script block with $_ set."""
        before = self.variables.get("_")
        self.variables["_"] = value
        try:
            return items(body(self))
        finally:
            self.variables["_"] = before


def not_recognized(name: str, guest: Guest) -> str:
    """The error for a command that a machine does not have."""
    before = "" if guest.profile.powershell == 2 else f"{name} : "
    return (
        f"{before}The term '{name}' is not recognized as the name of a cmdlet, function, script file, or "
        "operable program. Check the spelling of the name, or if a path was included, verify that the path "
        "is correct and try again.\n"
        "    + CategoryInfo          : ObjectNotFound: "
        f"({name}:String) [], CommandNotFoundException\n    + FullyQualifiedErrorId : CommandNotFoundException\n"
    )


def program(guest: Guest, words: list[str], stdin: Input) -> Answer:
    """powershell.exe with its options: -EncodedCommand or -Command."""
    rest = iter(words)
    for word in rest:
        option = word.lower().lstrip("-/")
        if (option and "encodedcommand".startswith(option)) or option == "ec":
            return _encoded(guest, next(rest, ""), stdin)
        if option and "command".startswith(option):
            return Session(guest, stdin).run(" ".join(rest))
        if re.fullmatch("inputformat|outputformat|executionpolicy|ep|windowstyle|version", option):
            next(rest, "")
        elif not word.startswith(("-", "/")):
            return Session(guest, stdin).run(" ".join([word, *rest]))
    return Answer("Windows PowerShell\n")


def _encoded(guest: Guest, data: str, stdin: Input) -> Answer:
    try:
        script = base64.b64decode(data, validate=True).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError):
        return Answer("", "Cannot process the command because of a wrong encoding of -EncodedCommand.\n", 1)
    return Session(guest, stdin).run(script)
