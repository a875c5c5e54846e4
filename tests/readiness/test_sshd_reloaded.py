"""Settings that stand in sshd's files, but that the running sshd has not read."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from services.readiness.model import Status
from services.world.deadline import Deadline
from tests.readiness.linux_peer import GOOD, Peer, peer, pytestmark

__all__ = ["pytestmark"]
CHECKS = ("ssh-password", "ssh-root-login", "sftp")


def statuses(here: Peer) -> set[Status]:
    found = here.found()
    return {found[check].status for check in CHECKS}


def test_settings_that_sshd_did_not_read_are_a_warning_until_it_is_reloaded(tmp_path: Path) -> None:
    with peer(tmp_path, GOOD) as here:
        assert statuses(here) == {Status.OK}
        pid, wrote = here.folder / "pid", (here.folder / "pid").stat().st_mtime
        os.utime(pid, (wrote - 100, wrote - 100))
        os.utime(here.config, (wrote - 50, wrote - 50))
        found = here.found()
        assert {found[check].status for check in CHECKS} == {Status.WARNING}
        assert f"{here.config} was changed after" in found["sftp"].what
        os.kill(int(pid.read_text()), signal.SIGHUP)
        # It listens before it writes the file.
        patience = Deadline(10)
        while not pid.exists() or pid.stat().st_mtime < wrote:
            patience.wait(0.05)
        assert statuses(here) == {Status.OK}


def test_a_file_of_an_sshd_that_is_gone_says_nothing(tmp_path: Path) -> None:
    with peer(tmp_path, GOOD) as here:
        pid = here.folder / "pid"
        os.utime(here.config, (pid.stat().st_mtime + 50,) * 2)
        pid.write_text("999999999\n")
        os.utime(pid, (0, 0))
        assert statuses(here) == {Status.OK}
