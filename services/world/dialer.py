"""One dialer opens every connection to a machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Protocol

from services.problems.model import Problem, RefusedError
from services.text import _
from services.world.deadline import MAX_WAIT, Deadline


class Dialer(Protocol):
    """How a documented address and port is reached in this world."""

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        """A connected TCP socket; OSError when the machine does not answer."""
        ...

    def endpoint(self, host: str, port: int) -> tuple[str, int]:
        """Where a client that opens its own socket has to go."""
        ...

    def datagram(self, host: str, port: int) -> tuple[str, int]:
        """Where a UDP client has to go."""
        ...


class DirectDialer:
    """The host's own network: names are resolved, addresses are dialed as given.

    Loopback is refused: a live world must not be led to servers of a rehearsal on this host.
    """

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        sock = socket.create_connection(self.endpoint(host, port), timeout=deadline.left(MAX_WAIT))
        # A name, or a short form such as 127.1, may lead here too.
        if on_loopback(sock.getpeername()[0]):
            sock.close()
            refuse_loopback("localhost", host)
        return sock

    def endpoint(self, host: str, port: int) -> tuple[str, int]:
        refuse_loopback(host)
        return host, port

    def datagram(self, host: str, port: int) -> tuple[str, int]:
        return self.endpoint(host, port)


class MappedDialer:
    """The practice network: documented addresses and ports lead to loopback, all others to nowhere."""

    def __init__(self, streams: Mapping[str, str], datagrams: Mapping[str, str]) -> None:
        self._streams = dict(streams)
        self._datagrams = dict(datagrams)

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        return socket.create_connection(self.endpoint(host, port), timeout=deadline.left(MAX_WAIT))

    def endpoint(self, host: str, port: int) -> tuple[str, int]:
        return _found(self._streams.get(f"{host}:{port}"), host, port)

    def datagram(self, host: str, port: int) -> tuple[str, int]:
        return _found(self._datagrams.get(host), host, port)


def on_loopback(host: str) -> bool:
    """Whether a name or address stands for this host itself."""
    if host.lower().rstrip(".") in ("localhost", "localhost.localdomain"):
        return True
    try:
        address = ipaddress.ip_address(host)
        return address.is_loopback or address.is_unspecified
    except ValueError:
        return False


def refuse_loopback(host: str, called: str = "") -> None:
    """Raise for an address of this host, `called` so in the problem: practice and live never meet."""
    if on_loopback(host):
        raise RefusedError(
            Problem(
                "loopback",
                called or host,
                _("is this host itself; the live world does not go there."),
                remedy=_("To rehearse, start with --practice."),
            )
        )


def refuse_elsewhere(host: str) -> None:
    """Raise for an address that is not of this host: a rehearsal touches nothing real."""
    if not on_loopback(host):
        what = _("leads away from this host; the practice world does not go there.")
        raise RefusedError(
            Problem(
                "not-loopback",
                host,
                what,
                remedy=_("A rehearsal stays on this host. To go there, start without --practice."),
            )
        )


def _found(target: str | None, host: str, port: int) -> tuple[str, int]:
    if target is None:
        raise OSError(113, f"No route to {host} port {port}")
    address, _, real_port = target.rpartition(":")
    return address, int(real_port)
