"""A fix made by a process of its own that is killed with SIGKILL at one of its commands.

Reads requests as JSON lines; each is done by a forked child, whose exit status is the answer: a real death of a
real process, without the imports each time.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from services.guests.host_keys import HostKeys
from services.guests.model import Machine, Output, Shell
from services.guests.ssh import open_ssh
from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.fixes import engine
from services.readiness.fixes.linux import LINUX_FIXES
from services.readiness.fixes.model import Consent
from services.readiness.settings import LinuxPlaces, Settings
from services.readiness.visit import Ground
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.readiness.shells import TRUE


class Deadly:
    """A shell at whose command of that number the process is killed: before it is sent, or once it has run."""

    def __init__(self, shell: Shell, at: int, *, after: bool) -> None:
        self._shell, self._left, self._after = shell, at, after

    def run(self, command: str, deadline: Deadline) -> Output:
        self._left -= 1
        if self._left == 0 and not self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        output = self._shell.run(command, deadline)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return output

    def close(self) -> None:
        self._shell.close()


def main(given: dict[str, str | int | bool]) -> None:
    """Make the fix; `at` 0 lives to the end."""
    os.environ["SSH_AUTH_SOCK"] = str(given["agent"])
    folder, now = Path(str(given["folder"])), datetime.now(UTC)
    dialer = MappedDialer({"10.3.0.1:22": f"127.0.0.1:{given['port']}"}, {})
    world = World("practice", "p", {}, Clock(now, now), dialer, folder)
    keys = HostKeys(folder / "known")
    machine = Machine("peer", "10.3.0.1", "Linux", "root")

    def enter(one: Machine, deadline: Deadline) -> Shell:
        return open_ssh(one, None, world, deadline, host_keys=keys, accept_new=True, agent=True)

    def deadly(one: Machine, deadline: Deadline) -> Shell:
        return Deadly(enter(one, deadline), int(given["at"]), after=bool(given["after"]))

    places = LinuxPlaces(*(str(given[name]) for name in ("hosts", "config", "sshd", "reload", "pid")))
    settings = Settings("10.1.0.5", linux=places)
    fix = next(one for one in LINUX_FIXES if one.id == given["fix"])
    usual = Ground(world, enter, TRUE, None, settings)
    shown = engine.preview_fix(machine, fix, usual, Deadline(60)).digest
    journal = Journal.open(folder / "journal", "p", Actor.here())
    number = journal.engagement("e", "s").id
    ground = Ground(world, deadly, TRUE, None, settings)
    engine.apply_fix(journal, number, machine, fix, ground, Deadline(60), Consent(shown, "op", True))
    journal.close()


def serve() -> None:
    """Answer each line of standard input with the child's exit status."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                main(json.loads(line))
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
