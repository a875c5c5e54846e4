"""Which host keys are known: ours in a file of our own, the user's own read only."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

import paramiko
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey

from services.problems.model import Problem, ProblemError
from services.text import _

REVOKED = "@revoked"
Noted = Callable[[str, int, paramiko.PKey], None]
"""Told of a host, its port and the key that is accepted for it; called from several threads."""


class HostKeyError(ProblemError):
    """A host key that is not known (`host-key-unknown`), another than known (`host-key-changed`), or one that
    was marked as never to be trusted (`host-key-revoked`). `host` and `port` say whose key it is."""

    def __init__(self, problem: Problem, host: str, port: int, key: paramiko.PKey) -> None:
        super().__init__(problem)
        self.host = host
        self.port = port
        self.key = key

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.key)


class HostKeys:
    """Known host keys. `own` is written when a key is accepted; `others` are only read.

    A key whose fingerprint is `expected` is let in and remembered where none was known. `noted` is told of each
    key before it is remembered.
    """

    def __init__(
        self, own: Path, others: Sequence[Path] = (), expected: str = "", noted: Noted | None = None
    ) -> None:
        self._own = own
        self._noted = noted
        self._others = tuple(others)
        self._expected = expected.rstrip("=")

    def beside(self, more: Sequence[Path], *, expected: bool = True) -> HostKeys:
        """These keys and those of more files, which are only read."""
        others = dict.fromkeys((*self._others, *more))
        return HostKeys(self._own, tuple(others), self._expected if expected else "", self._noted)

    def known(self, host: str, port: int) -> tuple[paramiko.PKey, ...]:
        """Known keys of a host, of all types; empty when it was never met. Lines that make no sense are skipped."""
        lines = (line for path in (*self._others, self._own) for line in _lines(path))
        found = (_key(line, _name(host, port)) for line in lines)
        return tuple(key for key in found if key is not None)

    def revoked(self, host: str, port: int) -> tuple[paramiko.PKey, ...]:
        """Keys of a host that a line marked @revoked names: they are refused, whatever else says."""
        lines = (line.split(None, 1) for path in (*self._others, self._own) for line in _lines(path))
        marked = (rest[1] for rest in lines if len(rest) == 2 and rest[0] == REVOKED)
        found = (_key(line, name) for line in marked for name in dict.fromkeys((_name(host, port), host)))
        return tuple(key for key in found if key is not None)

    def check(self, host: str, port: int, key: paramiko.PKey) -> None:
        """Raise HostKeyError unless this key is known for this host."""
        if key in self.revoked(host, port):
            raise HostKeyError(_revoked(host, key), host, port, key)
        known = self.known(host, port)
        if not known and self._expected and fingerprint(key) == self._expected:
            self.remember(host, port, key)
        elif not known:
            raise HostKeyError(_unknown(host, key, self._expected), host, port, key)
        elif key not in known:
            raise HostKeyError(_changed(host, port, key, known, self._own), host, port, key)

    def remember(self, host: str, port: int, key: paramiko.PKey) -> None:
        """Accept a key for a host from now on."""
        if self._noted is not None:
            self._noted(host, port, key)
        self._own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = f"{_name(host, port)} {key.get_name()} {key.get_base64()}\n"
        descriptor = os.open(self._own, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "a", encoding="ascii") as file:
            file.write(line)


def fingerprint(key: paramiko.PKey) -> str:
    """The fingerprint as OpenSSH shows it: SHA256:..."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        # The user's own file may be absent or closed to us; then it knows nothing.
        return []


def _key(line: str, name: str) -> paramiko.PKey | None:
    """The key of a line of known_hosts if it is one of this host; names may be hashed."""
    if not line.strip() or line.startswith(("#", "@")):
        return None
    try:
        entry = HostKeyEntry.from_line(line)
    except (InvalidHostKey, paramiko.SSHException):
        return None
    if entry is None or entry.hostnames is None or entry.key is None:
        return None
    return entry.key if _names(entry.hostnames, name) else None


def _names(patterns: Sequence[str], name: str) -> bool:
    """Whether a line of known_hosts is for this host: hashed names, wildcards, and ! for all but."""
    found = False
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        if bare.startswith("|1|"):
            matched = _hashed(name, bare)
        else:
            matched = fnmatch.fnmatchcase(name.lower(), bare.lower().replace("[", "[[]"))
        if matched and bare != pattern:
            return False
        found = found or matched
    return found


def _hashed(name: str, pattern: str) -> bool:
    try:
        return paramiko.HostKeys.hash_host(name, pattern) == pattern
    except (AssertionError, ValueError):
        return False


def _name(host: str, port: int) -> str:
    return host if port == 22 else f"[{host}]:{port}"


def _unknown(host: str, key: paramiko.PKey, expected: str = "") -> Problem:
    what = _("the machine shows a host key that was never seen here: {kind} {fingerprint}.")
    cause = _("This is the first connection to it from this host.")
    if expected:
        cause = _("The list of machines expects {fingerprint}.").format(fingerprint=expected)
    return Problem(
        "host-key-unknown",
        host,
        what.format(kind=key.get_name(), fingerprint=fingerprint(key)),
        cause,
        _(
            "Compare the fingerprint on the machine's console. If it is the same, put it into the column "
            "fingerprint of the list of machines, or accept all new keys with --accept-new-host-keys."
        ),
        "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        raw=fingerprint(key),
    )


def _revoked(host: str, key: paramiko.PKey) -> Problem:
    return Problem(
        "host-key-revoked",
        host,
        _("the machine shows a host key that is marked as revoked: {kind} {fingerprint}.").format(
            kind=key.get_name(), fingerprint=fingerprint(key)
        ),
        _("Somebody marked it @revoked in known_hosts, as when a private key was stolen."),
        _("Give the machine a new host key; do not connect to it until then."),
        raw=fingerprint(key),
    )


def _changed(
    host: str, port: int, key: paramiko.PKey, known: tuple[paramiko.PKey, ...], own: Path
) -> Problem:
    before = ", ".join(f"{each.get_name()} {fingerprint(each)}" for each in known)
    return Problem(
        "host-key-changed",
        host,
        _("the machine shows another host key than before: {kind} {fingerprint}; known: {known}.").format(
            kind=key.get_name(), fingerprint=fingerprint(key), known=before
        ),
        _("The machine was installed anew, its address went to another machine, or somebody listens."),
        _(
            "Find out why. Only if the change is explained, remove the old key from your known_hosts and from "
            "the file of accepted keys, then accept the new one."
        ),
        f"ssh-keygen -R {shlex.quote(_name(host, port))} -f {shlex.quote(str(own))}",
        raw=fingerprint(key),
    )
