"""Setup on the practice servers as a process: killed with -9 in the middle, started again, adopted."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from services.guests.model import Machine
from services.guests.remote_task import FINISHED, RUNNING, Progress
from services.guests.setup_command import SetupOptions
from services.guests.unified_setup import UnifiedSetup
from services.guests.winrm import open_winrm
from services.world.build import practice_world
from services.world.model import World
from tests import practice_world as servers
from tests.guests.support import soon

MACHINE = Machine("cs-01", "10.1.0.5", "Windows", "Administrator")
SPEED = 120.0


def entered(world: World) -> UnifiedSetup:
    return UnifiedSetup(open_winrm(MACHINE, world.secrets["config-server"], world, soon()), "killed")


def finished(setup: UnifiedSetup, download: bool = False) -> tuple[list[str], Progress]:
    lines: list[str] = []
    offset, end = 0, time.monotonic() + 60
    while time.monotonic() < end:
        seen = (setup.download_progress if download else setup.progress)(offset, soon())
        lines += seen.lines
        offset = seen.offset
        if seen.state == FINISHED:
            return lines, seen
        soon().wait(0.1)
    raise AssertionError(lines)


def test_setup_outlives_killed_servers_and_tells_why_registration_failed(tmp_path: Path) -> None:
    description = servers.start(tmp_path, speed=SPEED)
    try:
        world = practice_world(description, tmp_path)
        setup = entered(world)
        setup.start_download(True, soon())
        assert finished(setup, download=True)[1].exit_code == 0
        installer = setup.find_installer(soon())
        assert installer is not None
        options = SetupOptions(
            install_location="D:\\ASR", licence=True, mysql_root="a-1", mysql_user="b-2", key=b"<no key>"
        )
        assert setup.start(options, installer, soon()).state == RUNNING

        os.kill(description["pid"], signal.SIGKILL)
        again = servers.start(tmp_path, speed=SPEED)
        assert again["pid"] != description["pid"]
        assert again["network"] == description["network"]

        setup = entered(practice_world(again, tmp_path))
        assert setup.adopt(soon()) is not None
        lines, last = finished(setup)
        assert last.exit_code == 103
        assert "registration key is not well-formed" in lines[-1]
    finally:
        servers.stop(tmp_path)
