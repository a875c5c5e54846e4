"""A ProxyCommand that says more than anybody wants to know."""

from __future__ import annotations

import select
from pathlib import Path

from services.guests.ssh_line import SAID, Command
from services.problems.model import Problem, ProblemError

MUCH = 3_000_000
LOST = ProblemError(Problem("link-lost", "app-01", "the connection broke."))


def files_of(pid: int) -> list[str]:
    """Plain files and deleted ones that a process has open."""
    opened = [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]
    return [one for one in opened if one.startswith("/") and not one.startswith("/dev/")]


def test_what_it_says_is_heard_to_the_end_and_kept_in_part() -> None:
    loud = f"echo no way >&2; head -c {MUCH} /dev/zero | tr '\\0' x >&2; echo done; read line"
    line = Command("app-01", f"sh -c {loud!r}")
    try:
        # It got to its end, so no full pipe held it.
        assert select.select([line.sock], [], [], 30)[0]
        assert line.sock.recv(10) == b"done\n"
        assert files_of(line._child.pid) == []
        assert line.explained(LOST).problems[0].cause.startswith("no way")
        assert len(line._said) == SAID
    finally:
        line.close()
    assert not line._listener.is_alive()
