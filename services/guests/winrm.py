"""WinRM: a shell on a Windows machine, over pywinrm: sealed messages over HTTP, or HTTPS."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import requests
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)
from winrm.protocol import Protocol

from services.guests import trouble
from services.guests.dialed_http import DialedAdapter
from services.guests.model import Machine, Output
from services.guests.winrm_tls import secured
from services.guests.winrm_ways import DEFAULT, WAYS, Way, entry_notes, need_extra, refused_logon
from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import MAX_WAIT, Deadline
from services.world.model import World

OUTPUT_LIMIT = 1 << 20
"""Bytes of stdout and of stderr that one command may give."""
HOLD = 5
"""Seconds that the machine may hold a Receive before it says that there is nothing yet."""
FAREWELL = 3.0
"""Real seconds for deleting the shell at the end."""
UTF8 = 65001
PIECE = 60_000
"""Bytes in one Send: base64 of it stays under 150 KiB, the envelope size of the oldest WinRM."""
READER_GONE, BUSY = (109, 232), 170
"""Win32 errors of a Send: the pipe is closed at the other end; what was sent before is still being taken."""
BUSY_WAIT = 0.5

Result = TypeVar("Result")
# What pywinrm lets through when the link breaks or the other side is no WinRM.
_BROKEN = (
    requests.RequestException,
    OSError,
    EOFError,
    WinRMError,
    WinRMTransportError,
    PermissionError,
    SyntaxError,
    ValueError,
    KeyError,
    StopIteration,
    AssertionError,
)


def open_winrm(
    machine: Machine,
    secret: str | None,
    world: World,
    deadline: Deadline,
    *,
    port: int = 0,
    allow_tls1: bool = False,
) -> WinRmShell:
    """Log in (one attempt) the machine's way of WinRM, and open one shell for several commands.

    `allow_tls1`: TLS 1.0 where nothing newer is offered. Raises ProblemError: `unreachable`, `refused`,
    `no-answer`, `wrong-password`, `account-locked`, `password-expired`, `no-secret`, `extra-missing`,
    `certificate`, `certificate-name`, `old-tls`, `winrm`.
    """
    way = WAYS[machine.winrm or DEFAULT]
    port = port or way.port
    if not secret or not machine.user:
        raise trouble.no_account(machine.name)
    need_extra(machine, way)
    found = None
    if way.secure:
        found = secured(machine, port, world, deadline, tls1=allow_tls1)
    else:
        knock(machine, port, world, deadline)
    adapter = DialedAdapter(world.dialer, *((found.context, found.name) if found else ()))
    protocol = _protocol(machine, secret, port, way)
    try:
        with adapter.within(deadline):
            _prepare(protocol, adapter, world, way)
            shell = str(protocol.open_shell(codepage=UTF8, noprofile=True))
    except InvalidCredentialsError as error:
        protocol.transport.close_session()
        raise trouble.wrong_password(machine.name, machine.user) from error
    except _BROKEN as error:
        protocol.transport.close_session()
        deadline.check()
        if isinstance(error, requests.Timeout):
            raise trouble.silent(machine.name, machine.address, port) from error
        raise refused_logon(machine, error) or _no_winrm(machine, port, error) from error
    except BaseException:
        protocol.transport.close_session()
        raise
    return WinRmShell(protocol, adapter, shell, machine, entry_notes(way, found))


class WinRmShell:
    """An open shell. Once a call broke, every later one says so: the sealed session cannot go on."""

    def __init__(
        self,
        protocol: Protocol,
        adapter: DialedAdapter,
        shell: str,
        machine: Machine,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.notes = notes
        """How the machine was entered, for people."""
        self._protocol = protocol
        self._adapter = adapter
        self._shell = shell
        self._machine = machine
        self._broken = False

    def run(self, command: str, deadline: Deadline) -> Output:
        """Run one command line through cmd.exe; problems `link-lost` and `output-too-long`."""
        deadline.check()
        name = self._call(lambda: str(self._protocol.run_command(self._shell, command)), deadline)
        return self._ended(command, name, deadline)

    def feed(self, command: str, data: bytes, deadline: Deadline) -> Output:
        """Run one command line and send it bytes on its standard input, which is a pipe and then closed."""
        deadline.check()
        start = partial(self._protocol.run_command, self._shell, command, console_mode_stdin=False)
        name = str(self._call(start, deadline))
        return self._ended(command, name, deadline, data)

    def _ended(self, command: str, name: str, deadline: Deadline, data: bytes | None = None) -> Output:
        try:
            if data is not None:
                self._send(name, data, deadline)
            out, err, code = self._collected(name, deadline)
        finally:
            if not self._broken:
                self._call(lambda: self._protocol.cleanup_command(self._shell, name), Deadline(FAREWELL))
        return Output(command, _text(out), _text(err), code)

    def close(self) -> None:
        """Delete the shell and close the connection; a link that is gone already is no error."""
        if not self._broken:
            with contextlib.suppress(ProblemError):
                self._call(lambda: self._protocol.close_shell(self._shell), Deadline(FAREWELL))
        self._protocol.transport.close_session()

    def _send(self, name: str, data: bytes, deadline: Deadline) -> None:
        """Send all of it; a command that has ended already says why in its output."""
        for offset in range(0, len(data) or 1, PIECE):
            piece, last = data[offset : offset + PIECE], offset + PIECE >= len(data)
            while (fault := self._call(partial(self._send_piece, name, piece, last), deadline)) == BUSY:
                deadline.wait(BUSY_WAIT)
            if fault in READER_GONE:
                return

    def _send_piece(self, name: str, piece: bytes, last: bool) -> int:
        """Send one piece; the Win32 error when it was not taken, else 0."""
        try:
            self._protocol.send_command_input(self._shell, name, piece, end=last)
        except WinRMOperationTimeoutError:
            # The server has it and the command is slow to read it; whoever sends compares a digest.
            return 0
        except WSManFaultError as error:
            if error.wsman_fault_code in (*READER_GONE, BUSY):
                return int(error.wsman_fault_code)
            raise
        return 0

    def _collected(self, name: str, deadline: Deadline) -> tuple[bytes, bytes, int]:
        out, err = bytearray(), bytearray()
        while True:
            try:
                more_out, more_err, code, done = self._call(
                    lambda: self._protocol.get_command_output_raw(self._shell, name), deadline
                )
            except WinRMOperationTimeoutError:
                deadline.check()
                continue
            out += more_out
            err += more_err
            if done:
                return bytes(out), bytes(err), int(code)
            if len(out) > OUTPUT_LIMIT or len(err) > OUTPUT_LIMIT:
                raise trouble.too_much(self._machine.name, OUTPUT_LIMIT)
            deadline.check()

    def _call(self, call: Callable[[], Result], deadline: Deadline) -> Result:
        if self._broken:
            raise trouble.link_lost(self._machine.name, "closed")
        try:
            with self._adapter.within(deadline):
                return call()
        except WinRMOperationTimeoutError:
            raise
        except ProblemError:
            self._broken = True
            raise
        except _BROKEN as error:
            self._broken = True
            deadline.check()
            raise trouble.link_lost(self._machine.name, type(error).__name__) from None


def _text(data: bytes) -> str:
    # Some versions begin their first output with a byte order mark.
    return data.decode("utf-8", "replace").lstrip("\ufeff")


def port_of(machine: Machine) -> int:
    """The port of the machine's way of WinRM."""
    return WAYS[machine.winrm or DEFAULT].port


def knock(machine: Machine, port: int, world: World, deadline: Deadline) -> None:
    """Connect and leave: ProblemError `unreachable` or `refused` before anybody waits for more."""
    try:
        world.dialer.connect(machine.address, port, deadline).close()
    except OSError as error:
        deadline.check()
        raise trouble.not_reached(error, machine.name, machine.address, port) from error


def _protocol(machine: Machine, secret: str, port: int, way: Way) -> Protocol:
    # Built without encryption and proxies, which _prepare puts right once our adapter is in place.
    return Protocol(
        f"{way.scheme}://{machine.address}:{port}/wsman",
        transport=way.auth,
        username=machine.user,
        password=secret,
        message_encryption="never",
        operation_timeout_sec=HOLD,
        read_timeout_sec=int(MAX_WAIT),
        proxy=None,
        send_cbt=False,
        ca_trust_path=None,
        kerberos_hostname_override=machine.name if way.auth == "kerberos" else None,
    )


def _prepare(protocol: Protocol, adapter: DialedAdapter, world: World, way: Way) -> None:
    session = protocol.transport.build_session()
    session.proxies = {}
    session.trust_env = world.obey_proxy
    session.mount(f"{way.scheme}://", adapter)
    if not way.secure:
        protocol.transport.message_encryption = "always"
        protocol.transport.setup_encryption(session)


def _no_winrm(machine: Machine, port: int, error: BaseException) -> ProblemError:
    return ProblemError(
        Problem(
            "winrm",
            machine.name,
            _("what listens on {place} does not speak WinRM as expected.").format(
                place=f"{machine.address}:{port}"
            ),
            _("WinRM is not set up there, this way to sign in is off, or a proxy answers."),
            _("Run winrm quickconfig on the machine; check the proxy settings of this host."),
            "winrm get winrm/config/service",
            raw=plain(f"{type(error).__name__}: {error}"),
        )
    )
