"""One dialer opens every connection to a machine."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Protocol

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
    """The host's own network: names are resolved, addresses are dialed as given."""

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        return socket.create_connection((host, port), timeout=deadline.left(MAX_WAIT))

    def endpoint(self, host: str, port: int) -> tuple[str, int]:
        return host, port

    def datagram(self, host: str, port: int) -> tuple[str, int]:
        return host, port


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


def _found(target: str | None, host: str, port: int) -> tuple[str, int]:
    if target is None:
        raise OSError(113, f"No route to {host} port {port}")
    address, _, real_port = target.rpartition(":")
    return address, int(real_port)
