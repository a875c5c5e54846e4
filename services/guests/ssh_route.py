"""The way to a machine: direct, through jump hosts, or over the ProxyCommand of the user's configuration.

The first connection that this host opens always goes through the world's dialer, and what lies behind it is put
to the dialer's rules as well.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import paramiko

from services.guests import ssh_config, trouble
from services.guests.host_keys import HostKeyError, HostKeys
from services.guests.ssh_auth import Login, sign_in
from services.guests.ssh_config import SshConfig
from services.guests.ssh_line import Command, Direct, Line
from services.guests.ssh_link import TICK, Place, connected
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError
from services.text import _, plain
from services.world.deadline import MAX_WAIT, Deadline
from services.world.model import World

Hops = tuple[str, ...]
MEMORY = 10.0
"""Real seconds for which a jump host that failed is not asked again: a sweep would ask it for each machine."""
_HOP = re.compile(r"(?:(?P<user>.+)@)?(?P<host>\[[^\]]+\]|[^:@]+)(?::(?P<port>\d{1,5}))?")


class Behind:
    """A channel through a jump host, whose connection others use too."""

    def __init__(self, channel: paramiko.Channel, link: Link) -> None:
        self.sock: socket.socket | paramiko.Channel = channel
        self._link = link
        self._open = True

    def explained(self, error: ProblemError) -> ProblemError:
        return error

    def close(self) -> None:
        self.sock.close()
        if self._open:
            self._open = False
            self._link.release()


@dataclass
class Link:
    """The connection to a jump host: made by the first who needs it, closed by the last."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    transport: paramiko.Transport | None = None
    line: Line | None = None
    failed: tuple[float, ProblemError] | None = None

    def release(self) -> None:
        """One less uses it."""
        with self.lock:
            self.users -= 1
            if not self.users:
                self.end()

    def end(self) -> None:
        """Close the connection."""
        if self.transport is not None:
            self.transport.close()
        if self.line is not None:
            self.line.close()
        self.transport = self.line = None


class Routes:
    """The ways of one sweep or session: a jump host is connected to once, whoever goes through it.

    Its host key is held against the same files as those of the machines. May be used by several threads.
    """

    def __init__(self, world: World, keys: HostKeys, *, accept_new: bool = False) -> None:
        self._world = world
        self._keys = keys
        self._accept_new = accept_new
        self._guard = threading.Lock()
        self._links: dict[Hops, Link] = {}

    def line(
        self, name: str, config: SshConfig, deadline: Deadline, via: frozenset[Hops] = frozenset()
    ) -> Line:
        """A way to the host of a configuration. ProblemError; `jump-refused`, `proxy-command` and others."""
        try:
            if config.command:
                # Never dialed from here, but an address that this world refuses stays refused.
                self._world.dialer.endpoint(config.host, config.port)
                return Command(name, config.command)
            if config.jumps:
                host, port = self._world.dialer.endpoint(config.host, config.port)
                return self._behind(name, config.jumps, (host, port), deadline, via)
            return Direct(self._world.dialer.connect(config.host, config.port, deadline))
        except OSError as error:
            deadline.check()
            raise trouble.not_reached(error, name, config.host, config.port) from error

    def _behind(
        self, name: str, jumps: Hops, target: tuple[str, int], deadline: Deadline, via: frozenset[Hops]
    ) -> Line:
        if jumps in via:
            what = _("ProxyJump goes in a circle: {hops}.").format(hops=plain(", ".join(jumps), 80))
            remedy = _("Correct it in ~/.ssh/config.")
            raise ProblemError(Problem("ssh-config", name, what, _("It leads back to itself."), remedy))
        with self._guard:
            link = self._links.setdefault(jumps, Link())
        with _held(link.lock, deadline):
            transport = self._linked(name, jumps, link, deadline, via)
            link.users += 1
        try:
            channel = transport.open_channel(
                "direct-tcpip", target, ("127.0.0.1", 0), timeout=deadline.left(MAX_WAIT)
            )
        except (paramiko.SSHException, EOFError, OSError) as error:
            link.release()
            deadline.check()
            raise _closed(name, jumps[-1], target, error) from error
        except BaseException:
            link.release()
            raise
        return Behind(channel, link)

    def _linked(
        self, name: str, jumps: Hops, link: Link, deadline: Deadline, via: frozenset[Hops]
    ) -> paramiko.Transport:
        """The connection to the last of the jump hosts, made if there is none."""
        if link.transport is not None and link.transport.is_active():
            return link.transport
        if link.failed is not None and time.monotonic() - link.failed[0] < MEMORY:
            raise _at(jumps[-1], name, link.failed[1])
        link.end()
        try:
            link.line, link.transport = self._jump(jumps, deadline, via)
        except (CancelledError, DeadlineError):
            raise
        except ProblemError as error:
            link.failed = time.monotonic(), error
            raise _at(jumps[-1], name, error) from error
        return link.transport

    def _jump(self, jumps: Hops, deadline: Deadline, via: frozenset[Hops]) -> tuple[Line, paramiko.Transport]:
        config = self._hop(jumps, deadline)
        keys = self._keys.beside(config.known_hosts, expected=False)
        place = Place(config.host, config.host, config.port, config.known_as)
        line = self.line(config.host, config, deadline, via | {jumps})
        try:
            transport = connected(line.sock, place, keys, deadline, accept_new=self._accept_new)
            try:
                sign_in(transport, place, Login(config.user), config, deadline)
            except BaseException:
                transport.close()
                raise
        except ProblemError as error:
            told = line.explained(error)
            line.close()
            raise told from error
        except BaseException:
            line.close()
            raise
        return line, transport

    def _hop(self, jumps: Sequence[str], deadline: Deadline) -> SshConfig:
        """What the configuration says of a hop `[user@]host[:port]`; those before it lead to it."""
        hop = jumps[-1].removeprefix("ssh://")
        found = _HOP.fullmatch(hop)
        if found is None:
            what = _("ProxyJump names no host.")
            raise ProblemError(
                Problem("ssh-config", plain(hop, 80), what, "", _("Correct it in ~/.ssh/config."))
            )
        host, port = found["host"].strip("[]"), int(found["port"] or 0)
        config = ssh_config.resolve(self._world.ssh, host, found["user"] or "", deadline, port)
        if len(jumps) == 1:
            return config
        return SshConfig(**{**vars(config), "jumps": tuple(jumps[:-1]), "command": ""})


@contextlib.contextmanager
def _held(lock: threading.Lock, deadline: Deadline) -> Iterator[None]:
    while not lock.acquire(timeout=TICK):
        deadline.check()
    try:
        yield
    finally:
        lock.release()


def _at(hop: str, name: str, error: ProblemError) -> ProblemError:
    """A problem of a jump host as that of a machine behind it."""
    first = error.problems[0]
    what = _("the jump host {hop}: {what}").format(hop=plain(hop, 80), what=first.what)
    told = Problem(**{**vars(first), "subject": name, "what": what})
    if isinstance(error, HostKeyError):
        return HostKeyError(told, error.host, error.port, error.key)
    return ProblemError(told)


def _closed(name: str, hop: str, target: tuple[str, int], error: Exception) -> ProblemError:
    """Why a jump host does not lead on."""
    place = f"{target[0]}:{target[1]}"
    if isinstance(error, paramiko.ChannelException) and error.code == 1:
        return ProblemError(
            Problem(
                "jump-refused",
                name,
                _("the jump host {hop} does not lead on to {place}.").format(hop=plain(hop, 80), place=place),
                _("Its sshd_config does not allow it: AllowTcpForwarding or PermitOpen."),
                _("Allow it there, or name another ProxyJump."),
                raw=str(error),
            )
        )
    return ProblemError(
        Problem(
            "unreachable",
            name,
            _("the jump host {hop} does not reach {place}.").format(hop=plain(hop, 80), place=place),
            _("The machine is off, the address is wrong, or a firewall is in the way."),
            _("Check that the machine runs and that the jump host has a route to it."),
            shlex.join(["ssh", hop, "ping", "-c", "3", target[0]]),
            raw=str(error),
        )
    )
