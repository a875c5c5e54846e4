"""A program on a pseudo-terminal of its own: what it writes, when, and how it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import resource
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class PtyProcess:
    """A child with the terminal as its stdin, stdout and stderr; it leads its own session."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        columns: int = 80,
        rows: int = 24,
        cwd: Path = ROOT,
    ) -> None:
        self.written = b""
        self.started = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            try:
                _set_size(0, columns, rows)
                os.chdir(cwd)
                os.execvpe(command[0], list(command), dict(environment))
            finally:
                os._exit(127)
        self.status: int | None = None
        self.usage: resource.struct_rusage | None = None

    # Reading ----------------------------------------------------------------------------------------

    def read_until(self, marker: bytes, seconds: float = 20.0) -> float:
        """Read until the marker has been written; returns seconds since the start. AssertionError without."""
        end = time.perf_counter() + seconds
        while marker not in self.written:
            left = end - time.perf_counter()
            if left <= 0 or not self._read(left):
                raise AssertionError(f"{marker!r} was not written, but {self.written[-2000:]!r}")
        return time.perf_counter() - self.started

    def read_for(self, seconds: float) -> bytes:
        """What is written during so many seconds."""
        before, end = len(self.written), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0 and self._read(left):
            pass
        return self.written[before:]

    def read_quiet(self, quiet: float = 0.7, seconds: float = 20.0) -> None:
        """Read until nothing has been written for a while."""
        end = time.perf_counter() + seconds
        while self.read_for(quiet):
            assert time.perf_counter() < end, "it never falls silent"

    def _read(self, seconds: float) -> bool:
        """Read once; False when the other end is closed."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return True
        try:
            piece = os.read(self._master, 65536)
        except OSError:
            return False
        self.written += piece
        return bool(piece)

    # Doing ------------------------------------------------------------------------------------------

    def send(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def resize(self, columns: int, rows: int) -> None:
        _set_size(self._master, columns, rows)
        self.signal(signal.SIGWINCH)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal, as a dropped link does; the kernel sends SIGHUP."""
        os.close(self._master)
        self._master = -1

    def wait(self, seconds: float = 10.0) -> int:
        """The exit status (negative: the signal that ended it); AssertionError when it does not end."""
        end = time.perf_counter() + seconds
        while self.status is None:
            found, status, usage = os.wait4(self.pid, os.WNOHANG)
            if found:
                self.usage = usage
                self.status = os.waitstatus_to_exitcode(status)
            elif time.perf_counter() > end:
                raise AssertionError(f"it has not ended in {seconds} s")
            elif self._master >= 0:
                self._read(0.02)
            else:
                select.select([], [], [], 0.02)
        while self._master >= 0 and select.select([self._master], [], [], 0.05)[0]:
            if not self._drain():
                break
        return self.status

    def _drain(self) -> bool:
        before = len(self.written)
        return self._read(0.05) and len(self.written) > before

    def stopped(self, seconds: float = 10.0) -> bool:
        """Whether the child stops (ctrl+z) within so many seconds."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            found, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if found and os.WIFSTOPPED(status):
                return True
            self._read(0.02)
        return False

    def memory(self) -> float:
        """Resident memory now, in MiB (proc_pid_statm(5))."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def close(self) -> None:
        """End it however it is."""
        if self.status is None:
            for number in (signal.SIGCONT, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, number)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
        if self._master >= 0:
            os.close(self._master)


def _set_size(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def environment(**changes: str) -> dict[str, str]:
    """The environment of a child: as the tests', with some changes; an empty value removes a name."""
    merged = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
    return {key: value for key, value in merged.items() if value != "" or key not in changes}
