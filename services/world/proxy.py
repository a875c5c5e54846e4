"""The proxy between this host and Azure, and the hosts that are reached without it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Proxy:
    """A proxy by URL (it may hold credentials, so it is not shown) and the names that bypass it.

    A bypass is `*`, a host name (its subdomains follow), an address or a network such as 10.0.0.0/8; a port
    may follow a name or an address.
    """

    url: str = field(repr=False)
    bypass: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The address without user and password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def serves(self, host: str, port: int) -> bool:
        """Whether connections to this host and port go through the proxy."""
        return not any(_matches(entry, host.lower().strip("[]"), port) for entry in self.bypass)


def _matches(entry: str, host: str, port: int) -> bool:
    entry = entry.strip().lower()
    if entry == "*":
        return True
    network = _network(entry)
    if network is not None:
        address = _network(host)
        return address is not None and address.version == network.version and address.subnet_of(network)
    name, colon, its_port = entry.rpartition(":")
    if colon and its_port.isdigit():
        if int(its_port) != port:
            return False
        entry = name.strip("[]")
    name = entry.lstrip("*").lstrip(".")
    return bool(name) and (host == name or host.endswith("." + name))


def _network(text: str) -> ipaddress.IPv4Network | None:
    # Version 6 networks are compared by their own type, which has the same methods.
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)  # type: ignore[return-value]
    except ValueError:
        return None
