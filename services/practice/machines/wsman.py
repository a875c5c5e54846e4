"""WS-Management for command shells (MS-WSMV): Create, Command, Send, Receive, Signal and Delete."""

from __future__ import annotations

import asyncio
import base64
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from services.practice.machines.linux.shell import Answer
from services.practice.machines.windows.stdin import Input, Starved

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
ADDRESSING = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
WSMAN = "{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}"
RSP = "{" + SHELL + "}"
SHELL_NOT_FOUND = 2150858843
COMMAND_NOT_FOUND = 2150858844
TIMED_OUT = 2150858793
PIPE_CLOSING = 232
"""ERROR_NO_DATA: nobody reads what is sent; the command has ended or its input was closed."""
PIECE = 60_000
"""Bytes of output in one Receive answer; base64 of both streams stays under the usual envelope size."""

ENVELOPE = (
    '<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"'
    ' xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"'
    ' xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"'
    f' xmlns:rsp="{SHELL}"><s:Header><a:Action>{{action}}</a:Action>'
    "<a:MessageID>uuid:{message}</a:MessageID>"
    "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
    "<a:RelatesTo>{relates}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
)


class FaultError(Exception):
    """A request that is answered with a SOAP fault."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass
class Command:
    """A command, and what of its output is still to be fetched. `ends` is None while it waits for input."""

    line: str
    input: Input
    stdout: bytes = b""
    stderr: bytes = b""
    code: int = 0
    ends: datetime | None = None


@dataclass
class Service:
    """The shells of one machine. `run` is the machine's command interpreter, `now` the world's time."""

    run: Callable[[str, Input], Answer]
    now: Callable[[], datetime]
    shells: dict[str, dict[str, Command]] = field(default_factory=dict)

    async def answer(self, request: bytes) -> tuple[int, bytes]:
        """HTTP status and SOAP answer for a SOAP request; Receive waits for a command that still runs."""
        root = ElementTree.fromstring(request)
        action, relates = _text(root, ADDRESSING + "Action"), _text(root, ADDRESSING + "MessageID")
        try:
            if action == f"{SHELL}/Receive":
                await self._ended(root)
            status, body = 200, self._act(action, root)
        except FaultError as fault:
            status, body, action = 500, _fault(fault), "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
        else:
            action += "Response"
        text = ENVELOPE.format(
            action=escape(action), message=str(uuid.uuid4()).upper(), relates=escape(relates), body=body
        )
        return status, text.encode()

    def _act(self, action: str, root: ElementTree.Element) -> str:
        if action == f"{TRANSFER}/Create":
            return self._create()
        shell = _text(root, WSMAN + "Selector").upper()
        if shell not in self.shells:
            raise FaultError(SHELL_NOT_FOUND, f"The shell was not found on the server: {shell}")
        if action == f"{TRANSFER}/Delete":
            del self.shells[shell]
            return ""
        commands = self.shells[shell]
        if action == f"{SHELL}/Command":
            return self._command(commands, root)
        if action == f"{SHELL}/Send":
            return self._send(commands, root)
        if action == f"{SHELL}/Receive":
            return _received(commands, _attribute(root, RSP + "DesiredStream", "CommandId"))
        if action == f"{SHELL}/Signal":
            commands.pop(_attribute(root, RSP + "Signal", "CommandId"), None)
            return "<rsp:SignalResponse/>"
        raise FaultError(2150858752, f"The action is not supported: {action}")

    async def _ended(self, root: ElementTree.Element) -> None:
        commands = self.shells.get(_text(root, WSMAN + "Selector").upper(), {})
        command = commands.get(_attribute(root, RSP + "DesiredStream", "CommandId"))
        found = re.fullmatch(r"PT(\d+)(?:\.\d+)?S", _text(root, WSMAN + "OperationTimeout"))
        patience = time.monotonic() + (int(found[1]) if found else 20)
        while command is not None and (command.ends is None or self.now() < command.ends):
            if time.monotonic() > patience:
                raise FaultError(
                    TIMED_OUT, "The WS-Management service cannot complete the operation in time."
                )
            await asyncio.sleep(0.05)

    def _create(self) -> str:
        shell = str(uuid.uuid4()).upper()
        self.shells[shell] = {}
        selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'
        return (
            f"<x:ResourceCreated><a:ReferenceParameters>{selector}</a:ReferenceParameters></x:ResourceCreated>"
            f"<rsp:Shell><rsp:ShellId>{shell}</rsp:ShellId></rsp:Shell>"
        )

    def _command(self, commands: dict[str, Command], root: ElementTree.Element) -> str:
        words = [node.text or "" for node in root.iter() if node.tag in (RSP + "Command", RSP + "Arguments")]
        # A console on which nobody types gives nothing; a pipe gives what is sent until it is closed.
        piped = _option(root, "WINRS_CONSOLEMODE_STDIN").upper() == "FALSE"
        command = str(uuid.uuid4()).upper()
        commands[command] = Command(" ".join(words), Input(ended=not piped))
        self._begin(commands[command])
        return f"<rsp:CommandResponse><rsp:CommandId>{command}</rsp:CommandId></rsp:CommandResponse>"

    def _begin(self, command: Command) -> None:
        """Run a command to its end. One that wants input that is not there yet begins anew when it is."""
        command.input.rewind()
        try:
            done = self.run(command.line, command.input)
        except Starved:
            return
        command.stdout, command.stderr = _encoded(done.stdout), _encoded(done.stderr)
        command.code, command.ends = done.code, self.now() + timedelta(seconds=done.seconds)

    def _send(self, commands: dict[str, Command], root: ElementTree.Element) -> str:
        command = commands.get(_attribute(root, RSP + "Stream", "CommandId"))
        if command is None:
            raise FaultError(COMMAND_NOT_FOUND, "The command identifier is not known.")
        if command.ends is not None:
            raise FaultError(PIPE_CLOSING, "The pipe is being closed.")
        command.input.data += base64.b64decode(_text(root, RSP + "Stream"))
        if _attribute(root, RSP + "Stream", "End").lower() in ("true", "1"):
            command.input.ended = True
            self._begin(command)
        return "<rsp:SendResponse/>"


def _encoded(text: str) -> bytes:
    # The shell is opened with code page 65001 by our client and 437 by default; ASCII is the same in both.
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8")


def _received(commands: dict[str, Command], name: str) -> str:
    command = commands.get(name)
    if command is None:
        raise FaultError(COMMAND_NOT_FOUND, "The command identifier is not known.")
    streams = ""
    for stream in ("stdout", "stderr"):
        piece: bytes = getattr(command, stream)[:PIECE]
        setattr(command, stream, getattr(command, stream)[PIECE:])
        if piece:
            data = base64.b64encode(piece).decode()
            streams += f'<rsp:Stream Name="{stream}" CommandId="{name}">{data}</rsp:Stream>'
    if command.stdout or command.stderr:
        state = f'<rsp:CommandState CommandId="{name}" State="{SHELL}/CommandState/Running"/>'
    else:
        streams += f'<rsp:Stream Name="stdout" CommandId="{name}" End="true"/>'
        streams += f'<rsp:Stream Name="stderr" CommandId="{name}" End="true"/>'
        state = f'<rsp:CommandState CommandId="{name}" State="{SHELL}/CommandState/Done">'
        state += f"<rsp:ExitCode>{command.code}</rsp:ExitCode></rsp:CommandState>"
    return f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"


def _fault(fault: FaultError) -> str:
    reason = escape(str(fault))
    return (
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
        f'<s:Detail><f:WSManFault Code="{fault.code}" Machine="localhost"><f:Message>{reason}</f:Message>'
        "</f:WSManFault></s:Detail></s:Fault>"
    )


def _text(root: ElementTree.Element, tag: str) -> str:
    return next((node.text or "" for node in root.iter(tag)), "")


def _attribute(root: ElementTree.Element, tag: str, name: str) -> str:
    return next((node.get(name, "") for node in root.iter(tag)), "")


def _option(root: ElementTree.Element, name: str) -> str:
    return next((node.text or "" for node in root.iter(WSMAN + "Option") if node.get("Name") == name), "")
