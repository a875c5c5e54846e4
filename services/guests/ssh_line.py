"""What an SSH connection runs over: a socket of this host, or the child that is a ProxyCommand."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
from typing import Protocol

import paramiko

from services.guests.ssh_config import environment
from services.problems.model import Problem, ProblemError
from services.text import _, plain

GRACE = 1.0
"""Real seconds that a ProxyCommand is given to end."""
SAID = 600
"""Bytes of what a ProxyCommand says on its standard error that are kept; the rest is read and let go."""
HEARD = 0.2
"""Real seconds that its last words are waited for."""


class Line(Protocol):
    """What an SSH connection runs over."""

    sock: socket.socket | paramiko.Channel

    def explained(self, error: ProblemError) -> ProblemError:
        """The problem, with what the way itself says about it."""
        ...

    def close(self) -> None:
        """Let go of the way."""
        ...


class Direct:
    """A connection of this host's own."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock: socket.socket | paramiko.Channel = sock

    def explained(self, error: ProblemError) -> ProblemError:
        return error

    def close(self) -> None:
        self.sock.close()


class Command:
    """A ProxyCommand: a child whose standard input and output are the connection, as OpenSSH runs it."""

    def __init__(self, name: str, command: str) -> None:
        self._name = name
        self._said = b""
        near, far = socket.socketpair()
        try:
            self._child = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                stdin=far.fileno(),
                stdout=far.fileno(),
                stderr=subprocess.PIPE,
                env=environment(),
                start_new_session=True,
            )
        except BaseException:
            near.close()
            raise
        finally:
            far.close()
        self.sock: socket.socket | paramiko.Channel = near
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        """Hear the child to its end: a full pipe would stop it, and a file would grow with it."""
        assert self._child.stderr is not None
        with self._child.stderr as pipe:
            while piece := os.read(pipe.fileno(), 65_536):
                self._said = (self._said + piece)[:SAID]

    def explained(self, error: ProblemError) -> ProblemError:
        """A connection that broke is the command's; it may have said why."""
        if error.problems[0].code not in ("link-lost", "ssh", "no-answer"):
            return error
        self._listener.join(HEARD)
        said = plain(self._said.decode("utf-8", "replace").strip(), 300)
        return ProblemError(
            Problem(
                "proxy-command",
                self._name,
                _("the ProxyCommand of the SSH configuration did not lead to the machine."),
                said or _("It ended or stayed silent without a word."),
                _("Run the same with ssh, and correct ProxyCommand in ~/.ssh/config."),
                raw=said,
            )
        )

    def close(self) -> None:
        """End the child and all that it started."""
        self.sock.close()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(GRACE)
                break
        self._listener.join(HEARD)
