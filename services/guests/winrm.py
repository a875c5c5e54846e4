"""WinRM: a shell on a Windows machine, over pywinrm with NTLM and sealed messages."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
)
from winrm.protocol import Protocol

from services.guests import trouble
from services.guests.model import Machine, Output, Shell
from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import MAX_WAIT, Deadline
from services.world.dialer import Dialer
from services.world.model import World

OUTPUT_LIMIT = 1 << 20
"""Bytes of stdout and of stderr that one command may give."""
ANSWER_LIMIT = 2 << 20
"""Bytes of one answer; Windows sends at most 500 KiB unless it was set higher."""
HOLD = 5
"""Seconds that the machine may hold a Receive before it says that there is nothing yet."""
FAREWELL = 3.0
"""Real seconds for deleting the shell at the end."""
UTF8 = 65001

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
    machine: Machine, secret: str | None, world: World, deadline: Deadline, *, port: int = 5985
) -> Shell:
    """Log in (one attempt) and open one shell for several commands.

    Raises ProblemError: `unreachable`, `refused`, `no-answer`, `wrong-password`, `no-secret`, `winrm`.
    """
    if not secret or not machine.user:
        raise ProblemError(Problem("no-secret", machine.name, _("there is no account for this machine.")))
    _knock(machine, port, world, deadline)
    adapter = DialedAdapter(world.dialer)
    protocol = _protocol(machine, secret, port)
    try:
        with adapter.within(deadline):
            _seal(protocol, adapter, world)
            shell = str(protocol.open_shell(codepage=UTF8, noprofile=True))
    except InvalidCredentialsError as error:
        protocol.transport.close_session()
        raise trouble.wrong_password(machine.name, machine.user) from error
    except _BROKEN as error:
        protocol.transport.close_session()
        deadline.check()
        if isinstance(error, requests.Timeout):
            raise trouble.silent(machine.name, machine.address, port) from error
        raise _no_winrm(machine, port, error) from error
    except BaseException:
        protocol.transport.close_session()
        raise
    return WinRmShell(protocol, adapter, shell, machine)


class Body(io.BytesIO):
    """An answer that was read already."""

    def release_conn(self) -> None:
        """Nothing is held any more."""


class DialedAdapter(HTTPAdapter):
    """Sends to where the dialer leads, under the documented name, and never waits past the deadline."""

    def __init__(self, dialer: Dialer) -> None:
        super().__init__(max_retries=0)
        self._dialer = dialer
        self._deadline = Deadline()

    @contextlib.contextmanager
    def within(self, deadline: Deadline) -> Any:
        """Requests made inside end with this deadline."""
        self._deadline, before = deadline, self._deadline
        try:
            yield
        finally:
            self._deadline = before

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Host and port as dialed; the Host header stays as documented."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        host["host"], host["port"] = self._dialer.endpoint(str(host["host"]), int(host["port"]))
        return host, pool

    def add_headers(self, request: requests.PreparedRequest, **kwargs: Any) -> None:
        """Name the machine, not the way to it."""
        del kwargs
        request.headers["Host"] = str(request.url).split("/")[2]

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send within the deadline, whatever timeout was asked for."""
        del stream, timeout
        wait = self._deadline.left(MAX_WAIT)
        response = super().send(request, True, wait, verify, cert, proxies)
        try:
            body = self._body(response)
        except BaseException:
            response.close()
            raise
        response.raw.release_conn()
        response.raw = Body(body)
        return response

    def _body(self, response: requests.Response) -> bytes:
        """Read the answer, so that no server can make it last or grow without end."""
        body = bytearray()
        try:
            while piece := response.raw.read1(65_536):
                body += piece
                self._deadline.check()
                if len(body) > ANSWER_LIMIT:
                    raise requests.ConnectionError("the answer is too long")
        except ReadTimeoutError as error:
            raise requests.Timeout(str(error)) from error
        except HTTPError as error:
            raise requests.ConnectionError(str(error)) from error
        return bytes(body)


class WinRmShell:
    """An open shell. Once a call broke, every later one says so: the sealed session cannot go on."""

    def __init__(self, protocol: Protocol, adapter: DialedAdapter, shell: str, machine: Machine) -> None:
        self._protocol = protocol
        self._adapter = adapter
        self._shell = shell
        self._machine = machine
        self._broken = False

    def run(self, command: str, deadline: Deadline) -> Output:
        """Run one command line through cmd.exe; problems `link-lost` and `output-too-long`."""
        deadline.check()
        name = self._call(lambda: str(self._protocol.run_command(self._shell, command)), deadline)
        try:
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


def _knock(machine: Machine, port: int, world: World, deadline: Deadline) -> None:
    try:
        world.dialer.connect(machine.address, port, deadline).close()
    except OSError as error:
        deadline.check()
        raise trouble.not_reached(error, machine.name, machine.address, port) from error


def _protocol(machine: Machine, secret: str, port: int) -> Protocol:
    # Built without encryption and proxies, which _seal puts right once our adapter is in place.
    return Protocol(
        f"http://{machine.address}:{port}/wsman",
        transport="ntlm",
        username=machine.user,
        password=secret,
        message_encryption="never",
        operation_timeout_sec=HOLD,
        read_timeout_sec=int(MAX_WAIT),
        proxy=None,
        send_cbt=False,
        ca_trust_path=None,
    )


def _seal(protocol: Protocol, adapter: DialedAdapter, world: World) -> None:
    session = protocol.transport.build_session()
    session.proxies = {}
    session.trust_env = world.obey_proxy
    session.mount("http://", adapter)
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
            _("WinRM is not set up there, NTLM is off, or a proxy answers."),
            _("Run winrm quickconfig on the machine; check the proxy settings of this host."),
            "winrm get winrm/config/service",
            raw=plain(f"{type(error).__name__}: {error}"),
        )
    )
