"""Bytes through the terminal: to the first page, for a change of step, idle, and while a job runs."""

from __future__ import annotations

import sys
import tempfile

from tests.terminal.pty_process import PtyProcess, environment

IDLE = 30.0
"""Real seconds of silence that are measured on each page."""


def report(idle: float = IDLE) -> list[str]:
    """The figures as lines, at 80x24 with truecolor."""
    with tempfile.TemporaryDirectory() as folder:
        child = PtyProcess([sys.executable, "-m", "tests.terminal.program", folder], environment())
        try:
            return _measured(child, idle)
        finally:
            child.close()


def _measured(child: PtyProcess, idle: float) -> list[str]:
    child.read_until(b"A small set-up")
    child.read_quiet()
    lines = [f"first page   {len(child.written)} bytes"]
    lines.append(f"idle         {len(child.read_for(idle))} bytes in {idle:.0f} s on the welcome page")
    lines.append(f"into a step  {_bytes_of(child, chr(13))} bytes")
    child.send(b"n" if b"[ Next ]" in child.written else b"c")
    child.read_quiet()
    lines.append(f"next step    {_bytes_of(child, 'n')} bytes")
    lines.append(f"idle         {len(child.read_for(idle))} bytes in {idle:.0f} s on a step with fields")
    lines.append(f"F1 and back  {_bytes_of(child, chr(27) + 'OP')} and {_bytes_of(child, chr(27))} bytes")
    return lines


def _bytes_of(child: PtyProcess, keys: str) -> int:
    before = len(child.written)
    child.send(keys.encode())
    child.read_quiet()
    return len(child.written) - before


if __name__ == "__main__":
    print("\n".join(report(float(sys.argv[1]) if len(sys.argv) > 1 else IDLE)))
