"""kill -9 in the middle of a fix: the file is the old one or the new one, and the next start finishes or undoes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.fixes import records
from services.readiness.model import Status
from tests.guests.openssh import SSHD
from tests.practice_world import ROOT
from tests.readiness.linux_peer import BROKEN, Peer, peer

pytestmark = [
    pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may run sshd for root"),
]
BEFORE = BROKEN["sftp-comment"][1]("")
OPEN: list[subprocess.Popen[str]] = []
"""The process of the fixture `dying`."""
MOST = 40
"""Commands that a fix takes at most."""


@pytest.fixture(scope="module", autouse=True)
def dying() -> Iterator[None]:
    """The process whose children die."""
    command = [sys.executable, "-m", "tests.readiness.dying"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        OPEN.append(process)
        yield
        OPEN.clear()


def killed(here: Peer, at: int, *, after: bool) -> int:
    """Run the fix in a process that dies there; its exit code. The journal is this process's again afterwards."""
    here.journal.close()
    places = here.ground.settings.linux
    given = {
        "folder": str(here.folder),
        "port": _port(here),
        "agent": os.environ["SSH_AUTH_SOCK"],
        "fix": "sftp",
        "at": at,
        "after": after,
        **vars(places),
        "config": places.sshd_config,
    }
    (process,) = OPEN
    assert process.stdin is not None
    assert process.stdout is not None
    print(json.dumps(given), file=process.stdin, flush=True)
    code = int(process.stdout.readline())
    assert code in (0, -signal.SIGKILL)
    here.journal = Journal.open(here.folder / "journal", "p", Actor.here())
    return code


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
        # Every other command dies before it, the rest after it; each turn logs in anew.
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
        few, many = 3, MOST
        while many - few > 1:
            middle = (few + many) // 2
            reached = killed(here, middle, after=True) == 0 or _changed(here)
            few, many = (few, middle) if reached else (middle, many)
            _forget(here)
        assert killed(here, many, after=True) == -signal.SIGKILL
        assert _changed(here)
        assert _states(here) == ["intended"]
        reads = _times_read(here)
        assert here.fix("sftp").status is Status.OK
        assert _states(here) == ["applied"]
        assert _times_read(here) > reads, "sshd was not made to read the file that stands there"
        here.undo("sftp")
        assert here.files() == before


def _changed(here: Peer) -> bool:
    return b"\nSubsystem sftp" in here.config.read_bytes()


def _forget(here: Peer) -> None:
    """Take back what stands, so that the next turn begins anew."""
    if any(one.standing for one in records.kept(here.journal, here.engagement)):
        here.undo("sftp")
    here.journal.drop_facts(here.engagement, [records.STEP])


def _times_read(here: Peer) -> int:
    return (here.folder / "log").read_text().count("Received SIGHUP")
