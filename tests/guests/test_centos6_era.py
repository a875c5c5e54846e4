"""A server with the algorithms of CentOS 6 only: refused, and with consent every check and the fixes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.guests.model import Machine, Shell
from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.doors import Doors, KeyRules
from services.readiness.guest_checks import GUEST_CHECKS
from services.readiness.linux_checks import LINUX_CHECKS
from services.readiness.model import Finding, Status
from services.readiness.settings import LinuxPlaces, Settings
from services.readiness.sweep import sweep
from services.readiness.visit import Ground
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.openssh import SSHD, sshd
from tests.guests.test_sshd import OLD
from tests.readiness.linux_peer import GOOD, MACHINE, SERVER, Peer, own_addresses
from tests.readiness.shells import TRUE

pytestmark = [
    pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may run sshd for root"),
]


@contextmanager
def old_peer(folder: Path, settings: str, *allowed: str) -> Iterator[Peer]:
    """A machine of that age, entered through the doors with an RSA key, which it verifies by SHA-1 only."""
    made = ["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(folder / "user")]
    subprocess.run(made, check=True, timeout=60)
    (folder / "config.d").mkdir()
    (folder / "hosts").write_bytes(b"127.0.0.1 localhost\n" + own_addresses())
    now = datetime.now(UTC)
    with sshd(folder, f"AuthorizedKeysFile {folder}/user.pub\n{OLD}{settings}", ("rsa",)) as server:
        dialer = MappedDialer({"10.3.0.1:22": f"127.0.0.1:{server.port}"}, {})
        world = World("live", "l", {}, Clock(now, now), dialer, folder / "state", ssh=("ssh", "-F", "none"))
        doors = Doors(world, {}, KeyRules(accept_new=True, sha1=frozenset(allowed)))

        def enter(machine: Machine, deadline: Deadline) -> Shell:
            return doors(replace(machine, key=str(folder / "user")), deadline)

        places = LinuxPlaces(str(folder / "hosts"), str(server.config), str(SSHD), f"kill -HUP {server.pid}")
        ground = Ground(world, enter, TRUE, None, Settings(SERVER, linux=places))
        journal = Journal.open(folder / "journal", "p", Actor.here())
        try:
            yield Peer(folder, server.config, ground, journal, journal.engagement("e", "s").id)
        finally:
            journal.close()


def swept(here: Peer) -> dict[str, Finding]:
    found = sweep([MACHINE], here.ground, Deadline(60), lambda _finding: None)
    return {one.id: one for one in found}


def test_without_consent_it_is_refused_with_what_it_offers_and_what_would_do(tmp_path: Path) -> None:
    with old_peer(tmp_path, GOOD, "another") as here:
        found = swept(here)
    assert set(found) == {"ssh-22", "reachable"}
    refused = found["reachable"]
    assert refused.status is Status.FAILED
    assert "key exchange diffie-hellman-group14-sha1; host key ssh-rsa" in refused.what
    assert "--allow-sha1 peer" in refused.fix
    assert "SHA-1" in refused.cause


def test_with_consent_every_check_of_linux_looks(tmp_path: Path) -> None:
    with old_peer(tmp_path, GOOD, "peer") as here:
        found = swept(here)
    wanted = {one.check.id for one in GUEST_CHECKS if not one.systems or "Linux" in one.systems}
    assert set(found) == wanted
    for check in ("reachable", "ssh-22", "ssh-password", "ssh-root-login", "sftp", "hosts-file"):
        assert found[check].status is Status.OK, found[check]
    assert not any("unexpected" in item.output for one in found.values() for item in one.evidence)


BROKEN = {
    "ssh-password": GOOD.replace("PasswordAuthentication yes", "PasswordAuthentication no"),
    "ssh-root-login": GOOD.replace("PermitRootLogin yes", "PermitRootLogin without-password"),
    "sftp": GOOD.replace("Subsystem", "#Subsystem"),
}


@pytest.mark.parametrize("check", BROKEN)
def test_with_consent_fixes_are_made_seen_and_taken_back(tmp_path: Path, check: str) -> None:
    assert check in {one.check.id for one in LINUX_CHECKS}
    with old_peer(tmp_path, BROKEN[check], "peer") as here:
        before = here.files()
        assert here.found()[check].status is Status.FAILED
        assert here.fix(check).status is Status.OK
        assert here.files() != before
        assert here.undo(check).status is Status.FAILED
        assert here.files() == before
