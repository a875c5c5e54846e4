"""SSH: a shell on a Linux machine, over paramiko, through the world's dialer."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass, replace

import paramiko

from services.guests import ssh_config, trouble
from services.guests.host_keys import HostKeys
from services.guests.model import Machine, Output, Shell
from services.guests.ssh_auth import AGENT, Login, sign_in
from services.guests.ssh_config import SshConfig
from services.guests.ssh_line import Line
from services.guests.ssh_link import TICK, Old, Place, Reply, connected
from services.guests.ssh_route import Routes
from services.guests.sudo import Refused, Sudo
from services.problems.model import ProblemError
from services.text import _
from services.world.deadline import MAX_WAIT, Deadline
from services.world.model import World

PORT = 22
OUTPUT_LIMIT = 1 << 20
"""Bytes of stdout and of stderr that one command may give."""
GRACE = 1.0
"""Real seconds of silence after a command's exit status in which more of its output may come."""
EXPIRED = "Password change required but no TTY available."
"""What OpenSSH says (session.c) to a command of an account whose password has expired."""


def open_ssh(
    machine: Machine,
    secret: str | None,
    world: World,
    deadline: Deadline,
    *,
    host_keys: HostKeys,
    port: int = PORT,
    accept_new: bool | str = False,
    allow_sha1: bool = False,
    agent: bool = False,
    passphrase: str | None = None,
    routes: Routes | None = None,
    sudo: Refused | None = None,
    turn: contextlib.AbstractContextManager[None] | None = None,
) -> SshShell:
    """Log in: with the machine's key, else with a password, else with the keys that the configuration names.

    `agent` stands for the key `agent`. With a key, `secret` is only for sudo. `accept_new`: True remembers the
    key of a machine never met; a fingerprint does so only for that key. `allow_sha1`: where nothing newer is
    offered. `routes` shares jump hosts with others, `sudo` what sudo refused;
    `turn` is held while signing in.

    Raises HostKeyError (`host-key-unknown` unless `accept_new`, `host-key-changed`, `host-key-revoked`) and
    ProblemError: `unreachable`, `refused`, `no-answer`, `wrong-password`, `password-off`, `password-expired`,
    `no-secret`, `old-algorithms`, `ssh`, `ssh-config`, `proxy-command`, `jump-refused`, `key-*`.
    """
    if agent:
        machine = replace(machine, key=AGENT)
    routes = routes or Routes(world, host_keys, accept_new=accept_new is True)
    config = ssh_config.for_machine(world.ssh, machine, port, deadline)
    approach = _Approach(machine, config, host_keys.beside(config.known_hosts), routes, deadline, accept_new)
    login = Login(machine.user or config.user, secret, machine.key, passphrase)
    line, transport, old = approach.connect(allow_sha1)
    try:
        with turn or contextlib.nullcontext():
            means = sign_in(transport, approach.place, login, config, deadline)
    except BaseException:
        transport.close()
        line.close()
        raise
    notes = [*_route_notes(config), _("signed in by {means}").format(means=means)]
    if old:
        notes.append(_("with SHA-1, as it was allowed for this machine"))
    entered = replace(machine, user=login.user)
    return SshShell(transport, entered, approach.place, secret, line, tuple(notes), sudo)


def meet(
    machine: Machine,
    world: World,
    deadline: Deadline,
    *,
    host_keys: HostKeys,
    routes: Routes,
    allow_sha1: bool = False,
) -> None:
    """Connect only to see the host key, and sign in nowhere but on jump hosts. Raises as `open_ssh` does."""
    config = ssh_config.for_machine(world.ssh, machine, PORT, deadline)
    approach = _Approach(machine, config, host_keys.beside(config.known_hosts), routes, deadline)
    line, transport, _old = approach.connect(allow_sha1)
    transport.close()
    line.close()


@dataclass(frozen=True)
class _Approach:
    """The way up to the point where somebody has to sign in."""

    machine: Machine
    config: SshConfig
    keys: HostKeys
    routes: Routes
    deadline: Deadline
    accept_new: bool | str = False

    @property
    def place(self) -> Place:
        return Place(self.machine.name, self.config.host, self.config.port, self.config.known_as)

    def connect(self, allow_sha1: bool) -> tuple[Line, paramiko.Transport, bool]:
        """A connection whose host key is known; whether SHA-1 was needed for it, which must be allowed."""
        try:
            return *self._connected(sha1=False), False
        except Old as old:
            if not (allow_sha1 and old.helps):
                raise
        return *self._connected(sha1=True), True

    def _connected(self, sha1: bool) -> tuple[Line, paramiko.Transport]:
        line = self.routes.line(self.machine.name, self.config, self.deadline)
        try:
            return line, connected(
                line.sock, self.place, self.keys, self.deadline, accept_new=self.accept_new, sha1=sha1
            )
        except ProblemError as error:
            told = line.explained(error)
            line.close()
            raise told from error
        except BaseException:
            line.close()
            raise


def _route_notes(config: SshConfig) -> list[str]:
    """How the machine is reached, where that is not simply its address."""
    notes = []
    if config.jumps:
        notes.append(_("through {hops}").format(hops=", ".join(config.jumps)))
    if config.command:
        notes.append(_("over the ProxyCommand of the SSH configuration"))
    if config.by == ssh_config.SUBSET:
        notes.append(
            _(
                "there is no ssh program on this host, so Include and Match of the SSH configuration did not count"
            )
        )
    return notes


class SshShell:
    """An open session; each command runs in a channel of its own."""

    def __init__(
        self,
        transport: paramiko.Transport,
        machine: Machine,
        place: Place,
        password: str | None = None,
        line: Line | None = None,
        notes: tuple[str, ...] = (),
        sudo: Refused | None = None,
    ) -> None:
        self._sudo = {} if sudo is None else sudo
        self._transport = transport
        self._machine = machine
        self._place = place
        self._password = password
        self._line = line
        self.notes = notes
        """How the machine was entered, for people."""

    @property
    def greeting(self) -> str:
        """The line by which the server of port 22 has introduced itself; empty for another port."""
        return self._transport.remote_version if self._place.port == PORT else ""

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
            free.prove(deadline)
            return free
        except ProblemError as error:
            if error.problems[0].code != "no-sudo" or self._password is None:
                raise
        account = self._machine.name, self._machine.user
        if account in self._sudo:
            # Each more attempt comes nearer to a locked account.
            raise self._sudo[account]
        asked = Sudo(self, self._machine.name, self._password)
        try:
            asked.prove(deadline)
        except ProblemError as error:
            if error.problems[0].code == "sudo-password":
                self._sudo[account] = error
            raise
        return asked

    def _ran(self, command: str, given: bytes, deadline: Deadline) -> Output:
        deadline.check()
        try:
            channel = self._transport.open_session(timeout=deadline.left(MAX_WAIT))
            try:
                channel.settimeout(deadline.left(MAX_WAIT))
                channel.event = Reply(self._place, deadline)
                channel.exec_command(command)
                if given:
                    channel.sendall(given)
                    channel.shutdown_write()
                out, err = self._collected(channel, deadline)
                return self._output(command, out, err, channel.recv_exit_status())
            finally:
                channel.close()
        except (paramiko.SSHException, EOFError, OSError) as error:
            deadline.check()
            raise trouble.link_lost(self._machine.name, str(error)) from error

    def _output(self, command: str, out: bytes, err: bytes, code: int) -> Output:
        said = _text(err)
        if code == 1 and EXPIRED in said:
            # sshd lets the account in and then runs its passwd instead of the command.
            raise trouble.password_expired(self._machine.name, self._machine.user)
        return Output(command, _text(out), said, code)

    def close(self) -> None:
        """Close the connection, and the way to it."""
        self._transport.close()
        if self._line is not None:
            self._line.close()

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
            elif _await_more(channel, out):
                heard = time.monotonic()
            if len(out) > OUTPUT_LIMIT or len(err) > OUTPUT_LIMIT:
                raise trouble.too_much(self._machine.name, OUTPUT_LIMIT)
            deadline.check()
            if time.monotonic() - heard > MAX_WAIT:
                raise trouble.silent(self._machine.name, self._place.host, self._place.port)


def _await_more(channel: paramiko.Channel, out: bytearray) -> bool:
    """Wait a moment for output, or for the exit status once the output has ended; whether output came.

    Not by the channel's descriptor: paramiko's own thread would write to it after it was closed, and take the
    whole connection down.
    """
    if channel.eof_received or channel.closed:
        channel.status_event.wait(TICK)
        return False
    before = len(out)
    with contextlib.suppress(socket.timeout):
        out += channel.recv(32_768)
    return len(out) > before


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
