"""Why a connection to a service failed, and whether anything can have reached it."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from services.problems.model import Problem
from services.text import _, plain

_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)


_TEXTS = {
    "tls-untrusted": (
        "The server's certificate does not verify.",
        "A company proxy that opens TLS signs with its own authority, which is not trusted here.",
        "Name a file with that authority as trust in the settings; lifeboat doctor shows the chain.",
        "lifeboat doctor",
    ),
    "tls-expired": (
        "The server's certificate is not valid at this host's time.",
        "The clock of this host is wrong, or the certificate has run out.",
        "Set the clock of this host; if it is right, the certificate must be renewed.",
        "date -u",
    ),
    "tls-name": (
        "The server's certificate is for another name.",
        "A proxy or a DNS entry leads to another server.",
        "Check the endpoint's name and where it leads.",
        "lifeboat doctor",
    ),
    "proxy-credentials": (
        "The proxy wants credentials (407).",
        "",
        "Give the proxy's user and password in the settings, or name the host in NO_PROXY.",
        "lifeboat doctor",
    ),
    "proxy": (
        "The proxy cannot be used.",
        "It does not answer, or it refuses this host.",
        "Check HTTPS_PROXY and NO_PROXY.",
        "lifeboat doctor",
    ),
    "dns": (
        "The name of the server was not found.",
        "DNS does not know it, or DNS does not answer.",
        "Check the name, the cloud and the resolver of this host.",
        "",
    ),
    "refused": (
        "The server refuses the connection.",
        "Nothing listens there, or a firewall answers for it.",
        "Check the address and port; if a proxy is needed, set HTTPS_PROXY.",
        "",
    ),
    "no-route": (
        "There is no route to the server.",
        "The network of this host, a firewall, or a missing proxy setting.",
        "Check the network; if a proxy is needed, set HTTPS_PROXY.",
        "",
    ),
    "timeout": (
        "The server did not answer in time.",
        "A firewall drops the packets, or the network is very slow.",
        "Check the network; if a proxy is needed, set HTTPS_PROXY.",
        "",
    ),
    "connection": (
        "The connection broke: {text}",
        "",
        "Try again; what was asked is in the journal and is not asked twice.",
        "",
    ),
}
"""What, cause, remedy and check of each kind of failure, in English."""


@dataclass(frozen=True)
class Failure:
    """A failed connection: stable code, whether it failed before a byte of the request was sent, text.

    `peer` is the host and port that were spoken to, a proxy's where the proxy failed; empty if not known.
    """

    code: str
    unsent: bool
    raw: str
    peer: str = ""


def failure(error: BaseException) -> Failure | None:
    """What broke the connection, found among the causes of `error`; None: it was something else."""
    chain = list(causes(error))
    raw = str(error)
    code = _before_sending(chain)
    if code:
        return Failure(code, True, raw, _peer(chain, proxied=code.startswith("proxy")))
    if any(isinstance(one, (OSError, _urllib3_error())) for one in chain):
        return Failure("connection", False, raw)
    return None


def explain(found: Failure, subject: str) -> Problem:
    """The answer to a failed connection."""
    what, cause, remedy, check = _TEXTS[found.code]
    shown = _(what).replace("{text}", plain(found.raw, 200))
    if found.peer and found.peer.partition(":")[0] not in subject:
        shown = f"{shown.removesuffix('.')}: {plain(found.peer, 200)}."
    return Problem(found.code, subject, shown, cause=_(cause), remedy=_(remedy), check=check, raw=found.raw)


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was made from: causes, contexts, wrapped errors."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [
            getattr(one, "inner_exception", None),
            getattr(one, "reason", None),
            one.__cause__,
            *one.args,
        ]
        if not one.__suppress_context__:
            waiting.append(one.__context__)


def _before_sending(chain: list[BaseException]) -> str:
    for one in chain:
        code = _certificate(one) or _proxy(one)
        if code:
            return code
    for one in chain:
        if isinstance(one, socket.gaierror):
            return "dns"
        if isinstance(one, ConnectionRefusedError):
            return "refused"
        if isinstance(one, OSError) and one.errno in _NO_ROUTE:
            return "no-route"
    # Last, as urllib3 wraps the errors above in these.
    return next((code for one in chain if (code := _never_connected(one))), "")


def _peer(chain: list[BaseException], *, proxied: bool) -> str:
    """Whom urllib3 spoke to, without the credentials that a proxy's address may hold."""
    from urllib3.exceptions import PoolError

    pool = next((one.pool for one in chain if isinstance(one, PoolError)), None)
    spoken = getattr(pool, "proxy", None) if proxied else pool
    host, port = getattr(spoken, "host", ""), getattr(spoken, "port", "")
    return f"{host}:{port}" if host else ""


def _certificate(error: BaseException) -> str:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return ""
    if error.verify_code in (9, 10):  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
        return "tls-expired"
    if error.verify_code in (62, 64):  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
        return "tls-name"
    return "tls-untrusted"


def _proxy(error: BaseException) -> str:
    from urllib3.exceptions import ProxyError

    tunnel = "Tunnel connection failed: " in str(error)
    if tunnel and "failed: 407" in str(error):
        return "proxy-credentials"
    return "proxy" if tunnel or isinstance(error, ProxyError) else ""


def _never_connected(error: BaseException) -> str:
    from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

    if isinstance(error, NameResolutionError):
        return "dns"
    # NewConnectionError is a ConnectTimeoutError in urllib3 1.
    if isinstance(error, NewConnectionError):
        return "no-route"
    return "timeout" if isinstance(error, ConnectTimeoutError) else ""


def _urllib3_error() -> type[Exception]:
    from urllib3.exceptions import HTTPError

    return HTTPError
