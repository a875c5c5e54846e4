"""Looking at the certificates that a server presents, without believing them or sending it anything."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import Deadline
from services.world.model import World
from services.world.proxy import Proxy

_DOUBTED = ("tls-untrusted", "tls-expired", "tls-name")
_PEER = re.compile(r"host='([^']+)', port=(\d+)")
_LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class Certificate:
    """One certificate of a chain. Names are RFC 4514 text, times UTC; `names` are those it is for."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime
    sha256: str
    pem: str

    @property
    def self_signed(self) -> bool:
        return self.subject == self.issuer


def presented(host: str, port: int, world: World, deadline: Deadline) -> list[Certificate]:
    """The chain that a server shows, its own certificate first; OSError when it cannot be reached.

    Nothing is verified and nothing is sent after the handshake: this is for looking only.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    raw = _connected(host, port, world.proxy, deadline)
    with raw, context.wrap_socket(raw, server_hostname=host) as secured:
        return [_read(der) for der in _chain(secured)]


def describe(chain: Sequence[Certificate]) -> list[str]:
    """The chain in lines for a person, who can compare the fingerprint with the one that the owner tells."""
    lines = []
    for number, one in enumerate(chain, 1):
        lines += [
            _("{number}. for {subject}").format(number=number, subject=one.subject),
            _("   signed by {issuer}").format(issuer=one.issuer),
            _("   valid {begins:%Y-%m-%d} to {ends:%Y-%m-%d} UTC").format(begins=one.begins, ends=one.ends),
            _("   SHA-256 {digest}").format(digest=one.sha256),
        ]
    return lines


def with_chain(error: ProblemError, world: World, deadline: Deadline, trust: str = "") -> ProblemError:
    """The same error; where a certificate was not believed, with the issuer's name and what to do.

    `trust` says where a bundle is named, if not in the settings.
    """
    problem = error.problems[0]
    peer = _PEER.search(problem.raw)
    if problem.code not in _DOUBTED or peer is None:
        return error
    chain: list[Certificate] = []
    with contextlib.suppress(OSError, ValueError, ProblemError):
        chain = presented(peer[1], int(peer[2]), world, deadline)
    return type(error)(_explained(problem, f"{peer[1]}:{peer[2]}", chain, trust)) if chain else error


def _explained(problem: Problem, peer: str, chain: Sequence[Certificate], trust: str) -> Problem:
    first, last, host = chain[0], chain[-1], peer.rpartition(":")[0]
    if problem.code == "tls-expired":
        cause = _("It is valid from {begins:%Y-%m-%d} to {ends:%Y-%m-%d} UTC.").format(
            begins=first.begins, ends=first.ends
        )
        return replace(problem, cause=f"{host}: {cause} {problem.cause}")
    if problem.code == "tls-name":
        names = ", ".join(first.names) or first.subject
        return replace(
            problem, cause=_("{host} shows a certificate for {names}.").format(host=host, names=names)
        )
    return replace(
        problem,
        cause=_("{host} shows a certificate signed by {issuer}, which is not trusted here.").format(
            host=host, issuer=last.issuer
        ),
        remedy=trust
        or _(
            'If that is your company\'s authority, save its certificate and name the file: trust = "FILE" '
            "under [network] in the file given with --config."
        ),
        check=f"openssl s_client -showcerts -connect {peer} </dev/null",
    )


def _connected(host: str, port: int, proxy: Proxy | None, deadline: Deadline) -> socket.socket:
    if proxy is None or not proxy.serves(host, port):
        return socket.create_connection((host, port), timeout=deadline.left(_LOOK_SECONDS))
    return _tunnelled(host, port, proxy, deadline)


def _tunnelled(host: str, port: int, proxy: Proxy, deadline: Deadline) -> socket.socket:
    """A connection through an HTTP proxy, by CONNECT (RFC 9110, 9.3.6)."""
    parts = urlsplit(proxy.url)
    address = (parts.hostname or "", parts.port or 8080)
    stream = socket.create_connection(address, timeout=deadline.left(_LOOK_SECONDS))
    try:
        lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
        if parts.username:
            named = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            lines.append(f"Proxy-Authorization: Basic {b64encode(named).decode()}")
        stream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        answer = b""
        while b"\r\n\r\n" not in answer and len(answer) < 65536:
            received = stream.recv(4096)
            if not received:
                break
            answer += received
        if answer.split(b" ", 2)[1:2] != [b"200"]:
            raise OSError(f"The proxy answered {plain(answer[:40].decode('latin-1'))}")
    except OSError:
        stream.close()
        raise
    return stream


def _chain(secured: ssl.SSLSocket) -> list[bytes]:
    """The presented chain in DER. Python 3.13 made public what 3.10 has on the inner object."""
    source: Any = secured if hasattr(secured, "get_unverified_chain") else secured._sslobj  # type: ignore[attr-defined]
    chain = source.get_unverified_chain() or []
    return [one if isinstance(one, bytes) else bytes(one.public_bytes(_DER)) for one in chain]


_DER = 2
"""The `_ssl.ENCODING_DER` of a certificate's public_bytes."""


def _read(der: bytes) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    one = x509.load_der_x509_certificate(der)
    try:
        extension = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = tuple(plain(str(name.value), 200) for name in extension)
    except x509.ExtensionNotFound:
        names = ()
    return Certificate(
        subject=plain(one.subject.rfc4514_string(), 300),
        issuer=plain(one.issuer.rfc4514_string(), 300),
        names=names,
        begins=one.not_valid_before_utc,
        ends=one.not_valid_after_utc,
        sha256=one.fingerprint(hashes.SHA256()).hex(":").upper(),
        pem=one.public_bytes(serialization.Encoding.PEM).decode("ascii"),
    )
