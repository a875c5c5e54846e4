"""kill -9 in the middle of a fix: the file is the old one or the new one, and the next start finishes or undoes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.fixes import records
from services.readiness.model import Status
from tests.guests.openssh import SSHD
from tests.practice_world import ROOT
from tests.readiness.test_linux_fixes import BROKEN, Peer, peer

pytestmark = [
    pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may run sshd for root"),
]
BEFORE = BROKEN["sftp-comment"][1]("")
MOST = 40
"""Commands that a fix takes at most."""


def killed(here: Peer, at: int, *, after: bool) -> int:
    """Run the fix in a process that dies there; its exit code. The journal is this process's again afterwards."""
    here.journal.close()
    places = here.ground.settings.linux
    given = {
        "folder": str(here.folder),
        "port": _port(here),
        "fix": "sftp",
        "at": at,
        "after": after,
        **vars(places),
        "config": places.sshd_config,
    }
    command = [sys.executable, "-m", "tests.readiness.dying", json.dumps(given)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    here.journal = Journal.open(here.folder / "journal", "p", Actor.here())
    return done.returncode


def _port(here: Peer) -> int:
    return int(
        next(line.split()[1] for line in here.config.read_text().splitlines() if line.startswith("Port "))
    )


def _states(here: Peer) -> list[str]:
    return [one.state for one in records.kept(here.journal, here.engagement)]


@pytest.mark.parametrize("after", [False, True])
def test_the_file_is_old_or_new_and_can_be_taken_back(tmp_path: Path, after: bool) -> None:
    with peer(tmp_path, BEFORE) as here:
        before, old = here.files(), here.config.read_bytes()
        seen = set()
        # Every other command dies before it, the rest after it; each turn logs in anew and takes seconds.
        for at in range(5 if after else 3, MOST, 4):
            ended = killed(here, at, after=after)
            now = here.config.read_bytes()
            assert now == old or (b"\nSubsystem sftp" in now and now.endswith(old[-1:])), f"command {at}"
            standing = [one for one in records.kept(here.journal, here.engagement) if one.standing]
            seen.add((now == old, bool(standing)))
            if standing:
                assert here.undo("sftp").status is Status.FAILED
            assert here.files() == before, f"after command {at}"
            if ended == 0:
                break
        assert ended == 0
        # Killed between the journal and the change, and after the change.
        assert {(True, True), (False, True)} <= seen


def test_a_fix_that_was_cut_off_is_finished_by_making_it_again(tmp_path: Path) -> None:
    with peer(tmp_path, BEFORE) as here:
        before = here.files()
        at = next(
            number for number in range(3, MOST) if killed(here, number, after=True) == 0 or _changed(here)
        )
        assert _states(here) == ["intended"], at
        reads = _times_read(here)
        assert here.fix("sftp").status is Status.OK
        assert _states(here) == ["applied"]
        assert _times_read(here) > reads, "sshd was not made to read the file that stands there"
        here.undo("sftp")
        assert here.files() == before


def _changed(here: Peer) -> bool:
    """Whether the kill came right after the change; what came before it is taken back."""
    if b"\nSubsystem sftp" in here.config.read_bytes():
        return True
    if any(one.standing for one in records.kept(here.journal, here.engagement)):
        here.undo("sftp")
        facts = here.journal.facts(here.engagement)
        here.journal.drop_facts(here.engagement, [records.STEP])
        assert facts
    return False


def _times_read(here: Peer) -> int:
    return (here.folder / "log").read_text().count("Received SIGHUP")
