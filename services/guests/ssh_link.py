"""One SSH connection: what it runs over, which algorithms it may use, and the key that the other side shows."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from services.guests import trouble
from services.guests.host_keys import HostKeys, fingerprint
from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import MAX_WAIT, Deadline

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
_LISTS = {
    "kex": ("key exchange", "kex_algo_list"),
    "keys": ("host key", "server_key_algo_list"),
    "ciphers": ("cipher", "server_encrypt_algo_list"),
    "macs": ("MAC", "server_mac_algo_list"),
}
"""Kinds of algorithms: their name for people, and the list of the server's offer (RFC 4253, section 7.1)."""


@dataclass(frozen=True)
class Place:
    """Whom a connection is with: the machine's name for people, its host and port, and its name among keys."""

    name: str
    host: str
    port: int
    known_as: str = ""

    @property
    def key_name(self) -> tuple[str, int]:
        """Host and port under which its key is kept; a HostKeyAlias goes without a port."""
        return (self.known_as, 22) if self.known_as not in ("", self.host) else (self.host, self.port)


class Old(ProblemError):
    """The server offers only algorithms that are off. `helps`: SHA-1 would do."""

    def __init__(self, problem: Problem, helps: bool) -> None:
        super().__init__(problem)
        self.helps = helps


class Link(paramiko.Transport):
    """A connection that keeps what the other side offered, which paramiko forgets when nothing of it is on."""

    offer: Mapping[str, list[str]] = {}

    def _really_parse_kex_init(self, message: paramiko.Message, ignore_first_byte: bool = False) -> Any:
        # A part of paramiko 4 without a public name; tests against OpenSSH hold it.
        parsed: Mapping[str, Any] = super()._really_parse_kex_init(  # type: ignore[misc]
            message, ignore_first_byte
        )
        if not ignore_first_byte:
            self.offer = parsed
        return parsed


def connected(
    sock: socket.socket | paramiko.Channel,
    place: Place,
    keys: HostKeys,
    deadline: Deadline,
    *,
    accept_new: bool | str = False,
    sha1: bool = False,
) -> Link:
    """A connection whose host key is known, not signed in yet. Closes `sock` when that fails.

    ProblemError: HostKeyError, Old, `no-answer`, `link-lost`, `ssh`.
    """
    if isinstance(sock, socket.socket) and sock.family != socket.AF_UNIX:
        # Each command is a few small packets; Nagle's algorithm would hold every one back for 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = Link(sock, disabled_algorithms=_OLD if sha1 else SHA1)
    # Its own timers end its thread; ours end the wait.
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = MAX_WAIT
    try:
        _prefer_known(transport, keys.known(*place.key_name))
        _handshake(transport, place, deadline)
        _check(transport.get_remote_server_key(), place, keys, accept_new)
    except BaseException:
        transport.close()
        raise
    return transport


def await_event(
    done: threading.Event, transport: paramiko.Transport, place: Place, deadline: Deadline
) -> None:
    """Wait until `done` or until the connection ends. ProblemError `no-answer` after 20 s."""
    end = time.monotonic() + MAX_WAIT
    while not done.wait(TICK):
        deadline.check()
        if not transport.is_active():
            return
        if time.monotonic() > end:
            raise trouble.silent(place.name, place.host, place.port)


class Reply(threading.Event):
    """The wait for a channel's reply, for which paramiko has no limit: not past the deadline, and not past 20 s."""

    def __init__(self, place: Place, deadline: Deadline) -> None:
        super().__init__()
        self._place = place
        self._deadline = deadline

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the reply came. CancelledError, DeadlineError; ProblemError `no-answer`."""
        end = time.monotonic() + (MAX_WAIT if timeout is None else timeout)
        while not super().wait(TICK):
            self._deadline.check()
            if time.monotonic() > end:
                raise trouble.silent(self._place.name, self._place.host, self._place.port)
        return True


def _prefer_known(transport: paramiko.Transport, keys: tuple[paramiko.PKey, ...]) -> None:
    # A server with several host keys must show the one that is known, or it looks like a changed key.
    options = transport.get_security_options()
    known = {key.get_name() for key in keys}
    wanted = [kind for kind in options.key_types if kind in known]
    if "ssh-rsa" in known:
        wanted = ["rsa-sha2-512", "rsa-sha2-256", *wanted]
    options.key_types = tuple(wanted) + tuple(kind for kind in options.key_types if kind not in wanted)


def _handshake(transport: Link, place: Place, deadline: Deadline) -> None:
    done = threading.Event()
    transport.start_client(event=done)
    await_event(done, transport, place, deadline)
    if not transport.is_active():
        raise _failed(transport, place)


def _check(key: paramiko.PKey, place: Place, keys: HostKeys, accept_new: bool | str) -> None:
    host, port = place.key_name
    new = not keys.known(host, port)
    if accept_new in (True, fingerprint(key)) and new and key not in keys.revoked(host, port):
        keys.remember(host, port, key)
    keys.check(host, port, key)


def _failed(transport: Link, place: Place) -> ProblemError:
    error = transport.get_exception()
    if isinstance(error, IncompatiblePeer):
        return _old(transport, place, error)
    if error is None or isinstance(error, EOFError | OSError):
        return trouble.link_lost(place.name, str(error or "closed"))
    return ProblemError(
        Problem(
            "ssh",
            place.name,
            _("what listens on {place} does not speak SSH as expected.").format(
                place=f"{place.host}:{place.port}"
            ),
            _("Another service uses that port, or the SSH server is damaged or too old."),
            _("Look at what listens there."),
            f"nc {place.host} {place.port} </dev/null",
            raw=str(error),
        )
    )


def _old(transport: Link, place: Place, error: Exception) -> Old:
    """What the server offers where nothing of it is on here, and whether SHA-1 would do."""
    inner: Any = transport
    known = {
        "kex": set(inner._kex_info),
        "keys": set(inner._key_info),
        "ciphers": set(inner._cipher_info),
        "macs": set(inner._mac_info),
    }
    lacking, helps = [], True
    for kind, (caption, listed) in _LISTS.items():
        offered = [plain(each, 60) for each in transport.offer.get(listed, [])[:20]]
        if not known[kind] & set(offered) - set(SHA1.get(kind, ())):
            lacking.append(f"{caption} {', '.join(offered)}")
            helps = helps and bool(known[kind] & set(offered))
    what = _("the machine's SSH server offers only algorithms that are off here: {offered}.")
    remedy = _("Update OpenSSH on it, or install the Mobility service another way.")
    if helps:
        remedy = _(
            "If you accept SHA-1 for this machine, name it: --allow-sha1 {name}, or readiness.allow-sha1 in the "
            "answers. Otherwise install the Mobility service another way."
        ).format(name=place.name)
    cause = _("It is very old and knows only SHA-1, which can be forged.") if helps else _("It is very old.")
    said = what.format(offered="; ".join(lacking) or plain(str(error), 200))
    return Old(Problem("old-algorithms", place.name, said, cause, remedy, raw=str(error)), helps)
