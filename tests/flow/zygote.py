"""Runs `lifeboat run` again and again in forked children of a process that has imported everything once.

A child can be told to kill itself with SIGKILL at its n-th journal commit or after its n-th line of output: that
is a real death of a real process, without paying for the imports each time. Requests come as JSON lines on stdin:
{"argv": [...], "commit": n or null, "line": n or null, "said": text or null}; answers are JSON lines on stdout:
{"status", "lines"}. With `said`, commits count from the first event on whose kind and data, as text, have that in it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import Any


def preload() -> None:
    """Import what a run imports."""
    import importlib

    for name in (
        "azure.core",
        "azure.identity",
        "azure.mgmt.recoveryservices",
        "azure.mgmt.recoveryservicessiterecovery",
        "cryptography.hazmat.primitives.serialization.pkcs12",
        "paramiko",
        "requests_ntlm",
        "services.guests.ssh",
        "services.guests.winrm",
        "services.scenario.registry",
        "services.recovery.finishing",
        "tui.cli.ended",
        "tui.cli.failover",
        "tui.cli.recover",
        "tui.cli.plans",
        "tui.cli.walk",
        "tui.main",
        "winrm",
    ):
        importlib.import_module(name)


def die() -> None:
    """End as by kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(commit: int | None, line: int | None, said: str | None) -> None:
    """Set the traps of this child."""
    from services.journal.journal import Journal
    from tui.cli import consent, ended, plans, recover, walk

    counts = {"commit": 0, "line": 0}

    def counted(kind: str, at: int | None) -> None:
        counts[kind] += 1
        if counts[kind] == at:
            die()

    def committed(journal: Journal, number: int) -> None:
        if said and not counts["commit"]:
            [(event,)] = journal.read("SELECT kind || ' ' || data FROM event WHERE seq = ?", (number,))
            if said not in event:
                return
        counted("commit", commit or (1 if said else None))

    original: Callable[..., Journal] = Journal.open

    def opened(*given: Any, **named: Any) -> Journal:
        journal = original(*given, **named)
        if not journal.read_only:
            journal.on_commit = lambda number: committed(journal, number)
        return journal

    written: Callable[[Any], None] = vars(walk)["json_line"]

    def line_written(event: Any) -> None:
        written(event)
        counted("line", line)

    Journal.open = opened  # type: ignore[method-assign]
    for module in (consent, ended, plans, recover, walk):
        vars(module)["json_line"] = line_written


def child(request: dict[str, Any], output: int) -> None:
    """One run, in a forked process."""
    os.dup2(output, 1)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    arm(request["commit"], request["line"], request["said"])
    from tui.main import lifeboat

    code = 70
    try:
        lifeboat.main(args=request["argv"], prog_name="lifeboat", standalone_mode=True)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 70
    finally:
        sys.stdout.flush()
        os._exit(code)


def main() -> None:
    preload()
    print(json.dumps({"ready": True}), flush=True)
    for text in sys.stdin:
        with tempfile.TemporaryFile() as output:
            pid = os.fork()
            if pid == 0:
                child(json.loads(text), output.fileno())
            _pid, status = os.waitpid(pid, 0)
            output.seek(0)
            lines = output.read().decode().splitlines()
        print(json.dumps({"status": os.waitstatus_to_exitcode(status), "lines": lines}), flush=True)


if __name__ == "__main__":
    main()
