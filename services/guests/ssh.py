"""SSH: a shell on a Linux machine, over paramiko, through the world's dialer."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import paramiko

from services.guests import trouble
from services.guests.host_keys import HostKeys, fingerprint
from services.guests.model import Machine, Output, Shell
from services.guests.sudo import Sudo
from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.deadline import MAX_WAIT, Deadline
from services.world.model import World

OUTPUT_LIMIT = 1 << 20
"""Bytes of stdout and of stderr that one command may give."""
GRACE = 1.0
"""Real seconds of silence after a command's exit status in which more of its output may come."""
TICK = 0.2
"""Real seconds between looks at the cancel token."""

SHA1 = {
    "kex": [
        "diffie-hellman-group1-sha1",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group-exchange-sha1",
    ],
    "keys": ["ssh-rsa", "ssh-dss"],
    "pubkeys": ["ssh-rsa", "ssh-dss"],
    "macs": ["hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
}
"""Algorithms that only very old servers need; off unless the user allowed them for this host."""
# A server that old verifies no rsa-sha2 signature and does not say so.
_OLD = {"pubkeys": ["rsa-sha2-256", "rsa-sha2-512"]}


def open_ssh(
    machine: Machine,
    secret: str | None,
    world: World,
    deadline: Deadline,
    *,
    host_keys: HostKeys,
    port: int = 22,
    accept_new: bool | str = False,
    allow_sha1: bool = False,
    agent: bool = False,
) -> Shell:
    """Log in with a password or, when `secret` is None and `agent`, with the keys of the SSH agent.

    `accept_new`: True remembers the key of a machine never met; a fingerprint does so only for that key.
    Raises HostKeyError (`host-key-unknown` unless `accept_new`, `host-key-changed`, `host-key-revoked`) and
    ProblemError: `unreachable`, `refused`, `no-answer`, `wrong-password`, `password-off`, `no-secret`,
    `old-algorithms`, `ssh`.
    """
    transport = _transport(machine, port, world, deadline, allow_sha1)
    try:
        _prefer_known(transport, host_keys.known(machine.address, port))
        _handshake(transport, machine, port, deadline)
        key = transport.get_remote_server_key()
        new = not host_keys.known(machine.address, port)
        if (
            accept_new in (True, fingerprint(key))
            and new
            and key not in host_keys.revoked(machine.address, port)
        ):
            host_keys.remember(machine.address, port, key)
        host_keys.check(machine.address, port, key)
        _authenticate(transport, machine, port, secret, deadline, agent)
    except BaseException:
        transport.close()
        raise
    return SshShell(transport, machine, port, secret)


def _transport(
    machine: Machine, port: int, world: World, deadline: Deadline, allow_sha1: bool
) -> paramiko.Transport:
    try:
        sock = world.dialer.connect(machine.address, port, deadline)
    except OSError as error:
        deadline.check()
        raise trouble.not_reached(error, machine.name, machine.address, port) from error
    # Each command is a few small packets; Nagle's algorithm would hold every one back for 40 ms.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = paramiko.Transport(sock, disabled_algorithms=_OLD if allow_sha1 else SHA1)
    # Its own timers end its thread; ours end the wait.
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = MAX_WAIT
    return transport


def _prefer_known(transport: paramiko.Transport, keys: tuple[paramiko.PKey, ...]) -> None:
    # A server with several host keys must show the one that is known, or it looks like a changed key.
    options = transport.get_security_options()
    known = {key.get_name() for key in keys}
    wanted = [kind for kind in options.key_types if kind in known]
    if "ssh-rsa" in known:
        wanted = ["rsa-sha2-512", "rsa-sha2-256", *wanted]
    options.key_types = tuple(wanted) + tuple(kind for kind in options.key_types if kind not in wanted)


def _handshake(transport: paramiko.Transport, machine: Machine, port: int, deadline: Deadline) -> None:
    done = threading.Event()
    transport.start_client(event=done)
    _wait(done, transport, machine, port, deadline)
    if not transport.is_active():
        raise _failed(transport.get_exception(), machine, port)


def _authenticate(
    transport: paramiko.Transport,
    machine: Machine,
    port: int,
    secret: str | None,
    deadline: Deadline,
    agent: bool,
) -> None:
    if secret is not None:
        done = threading.Event()
        transport.auth_password(machine.user, secret, event=done)
        _wait(done, transport, machine, port, deadline)
    elif agent:
        for key in paramiko.Agent().get_keys():
            deadline.check()
            with contextlib.suppress(paramiko.AuthenticationException):
                transport.auth_publickey(machine.user, key)
            if transport.is_authenticated():
                break
    else:
        raise ProblemError(Problem("no-secret", machine.name, _("there is no password for this machine.")))
    if transport.is_authenticated():
        return
    refused = transport.get_exception() if secret is not None else None
    if isinstance(refused, paramiko.BadAuthenticationType):
        raise trouble.password_off(machine.name, refused.allowed_types)
    raise trouble.wrong_password(machine.name, machine.user)


def _wait(
    done: threading.Event, transport: paramiko.Transport, machine: Machine, port: int, deadline: Deadline
) -> None:
    end = time.monotonic() + MAX_WAIT
    while not done.wait(TICK):
        deadline.check()
        if not transport.is_active():
            return
        if time.monotonic() > end:
            raise trouble.silent(machine.name, machine.address, port)


def _failed(error: Exception | None, machine: Machine, port: int) -> ProblemError:
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return ProblemError(
            Problem(
                "old-algorithms",
                machine.name,
                _("the machine's SSH server offers only algorithms that are off here."),
                _("It is very old and knows only SHA-1."),
                _("Allow SHA-1 for this machine, or install the Mobility service another way."),
                raw=str(error),
            )
        )
    if error is None or isinstance(error, EOFError | OSError):
        return trouble.link_lost(machine.name, str(error or "closed"))
    return ProblemError(
        Problem(
            "ssh",
            machine.name,
            _("what listens on {place} does not speak SSH as expected.").format(
                place=f"{machine.address}:{port}"
            ),
            raw=str(error),
        )
    )


class SshShell:
    """An open session; each command runs in a channel of its own."""

    def __init__(
        self, transport: paramiko.Transport, machine: Machine, port: int, password: str | None = None
    ) -> None:
        self._transport = transport
        self._machine = machine
        self._port = port
        self._password = password

    def run(self, command: str, deadline: Deadline) -> Output:
        """Run one command; problems `link-lost`, `no-answer` (20 s of silence) and `output-too-long`."""
        return self._ran(command, b"", deadline)

    def feed(self, command: str, data: bytes, deadline: Deadline) -> Output:
        """Run one command with `data` (a few hundred bytes at most) as its standard input."""
        return self._ran(command, data, deadline)

    def elevated(self, deadline: Deadline) -> Shell:
        """This shell for root; by sudo for others, without a password where the rules need none."""
        if self._machine.user == "root":
            return self
        try:
            free = Sudo(self, self._machine.name, None)
            free.run("true", deadline)
            return free
        except ProblemError as error:
            if error.problems[0].code != "no-sudo" or self._password is None:
                raise
        asked = Sudo(self, self._machine.name, self._password)
        asked.run("true", deadline)
        return asked

    def _ran(self, command: str, given: bytes, deadline: Deadline) -> Output:
        deadline.check()
        try:
            channel = self._transport.open_session(timeout=deadline.left(MAX_WAIT))
            try:
                channel.settimeout(deadline.left(MAX_WAIT))
                channel.exec_command(command)
                if given:
                    channel.sendall(given)
                    channel.shutdown_write()
                out, err = self._collected(channel, deadline)
                return Output(command, _text(out), _text(err), channel.recv_exit_status())
            finally:
                channel.close()
        except (paramiko.SSHException, EOFError, OSError) as error:
            deadline.check()
            raise trouble.link_lost(self._machine.name, str(error)) from error

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _collected(self, channel: paramiko.Channel, deadline: Deadline) -> tuple[bytes, bytes]:
        out, err = bytearray(), bytearray()
        heard = time.monotonic()
        channel.settimeout(TICK)
        while True:
            ended = channel.closed or _ended(channel, time.monotonic() - heard)
            if _drain(channel, out, err):
                heard = time.monotonic()
            elif ended:
                return bytes(out), bytes(err)
            else:
                _await_more(channel, out)
            if len(out) > OUTPUT_LIMIT or len(err) > OUTPUT_LIMIT:
                raise trouble.too_much(self._machine.name, OUTPUT_LIMIT)
            deadline.check()
            if time.monotonic() - heard > MAX_WAIT:
                raise trouble.silent(self._machine.name, self._machine.address, self._port)


def _await_more(channel: paramiko.Channel, out: bytearray) -> None:
    """Wait a moment for output, or for the exit status once the output has ended.

    Not by the channel's descriptor: paramiko's own thread would write to it after it was closed, and take the
    whole connection down.
    """
    if channel.eof_received or channel.closed:
        channel.status_event.wait(TICK)
        return
    with contextlib.suppress(socket.timeout):
        out += channel.recv(32_768)


def _ended(channel: paramiko.Channel, silence: float) -> bool:
    # OpenSSH may tell the exit status before the last of the output; a service started by the command may
    # keep the output open for good.
    return channel.exit_status_ready() and (bool(channel.eof_received) or silence > GRACE)


def _drain(channel: paramiko.Channel, out: bytearray, err: bytearray) -> bool:
    before = len(out) + len(err)
    with contextlib.suppress(socket.timeout):
        while channel.recv_ready() and len(out) <= OUTPUT_LIMIT:
            out += channel.recv(32_768)
        while channel.recv_stderr_ready() and len(err) <= OUTPUT_LIMIT:
            err += channel.recv_stderr(32_768)
    return len(out) + len(err) > before


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
