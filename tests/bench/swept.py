"""The product's own sweep over the hosts of a file, in a process of its own whose memory is its own."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

from services.guests.host_keys import HostKeys
from services.guests.model import Machine, Shell
from services.guests.ssh import open_ssh
from services.readiness import clock
from services.readiness.settings import Settings
from services.readiness.sweep import sweep
from services.readiness.visit import Ground
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World


def main(path: Path) -> None:
    """Sweep what the file names with all checks; print what came of it as JSON."""
    given = json.loads(path.read_text(encoding="utf-8"))
    dialer = MappedDialer(given["network"], {})
    world = World("practice", "bench", {}, Clock.live(), dialer, path.parent, time_servers=())
    keys = HostKeys(path.parent / "ours_known_hosts", ())

    def enter(machine: Machine, deadline: Deadline) -> Shell:
        return open_ssh(machine, None, world, deadline, host_keys=keys, accept_new=True, agent=True)

    machines = [Machine(name, address, "Linux", "root") for name, address in given["machines"].items()]
    ground = Ground(
        world, enter, clock.true_time(world, Deadline(10)), settings=Settings(process_server="127.0.0.1")
    )
    began = time.monotonic()
    found = sweep(machines, ground, Deadline(900), lambda _finding: None)
    told = {
        "seconds": time.monotonic() - began,
        "findings": len(found),
        "checks": len({one.id for one in found}),
        "entered": sum(one.id == "reachable" and one.status == "ok" for one in found),
        "statuses": Counter(str(one.status) for one in found),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
