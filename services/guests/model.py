"""A machine as the product sees it: an account, a way in, and commands with their output."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from services.world.deadline import Deadline


@dataclass(frozen=True)
class Machine:
    """A machine to replicate or to run a server on. `address` is its private IPv4 address."""

    name: str
    address: str
    os_type: str
    """`Windows` or `Linux`, as Azure spells it."""
    user: str = ""
    secret: str = field(default="", repr=False)
    """A reference such as env:NAME or practice:NAME; never the value."""
    secret_key: str = ""
    """Which answer the reference stands in, so that what is asked for is asked once for each."""
    mobility: str = "push"
    """`push` (the process server installs the Mobility service) or `installed` (it came another way)."""
    fingerprint: str = ""
    """The host key that is expected, as `SHA256:...`; empty when it is not known beforehand."""
    key: str = ""
    """The private key to sign in with: a file's path, or `agent`; empty for the password."""
    passphrase: str = field(default="", repr=False)
    """A reference to the passphrase of `key`; never the value."""
    winrm: str = ""
    """How WinRM is spoken: a word of `services.guests.winrm_ways`; empty for NTLM over HTTP."""


@dataclass(frozen=True)
class Output:
    """What a command gave. Text is decoded with replacement and bounded; not yet harmless to show."""

    command: str
    stdout: str
    stderr: str
    code: int


class Shell(Protocol):
    """An open session on a machine."""

    def run(self, command: str, deadline: Deadline) -> Output:
        """Run one command; raises ProblemError when the session breaks, never for a failing command."""
        ...

    def close(self) -> None: ...


class FedShell(Shell, Protocol):
    """A shell whose commands can be given bytes to read, as secrets travel: never in a command line."""

    def feed(self, command: str, data: bytes, deadline: Deadline) -> Output:
        """Run one command with `data` on its standard input, then the end of it; otherwise as `run`."""
        ...
