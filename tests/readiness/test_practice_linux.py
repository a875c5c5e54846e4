"""The Linux machines of the practice world: what is planted is found, and can be fixed and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.guests.host_keys import HostKeys
from services.guests.model import Machine, Shell
from services.guests.ssh import open_ssh
from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.fixes import engine
from services.readiness.fixes.linux import LINUX_FIXES
from services.readiness.fixes.model import Consent
from services.readiness.model import Finding, Status
from services.readiness.settings import Settings
from services.readiness.sweep import sweep
from services.readiness.visit import Ground
from services.world.deadline import Deadline
from tests.guests.support import Ground as Fleet
from tests.guests.support import ground
from tests.readiness.shells import TRUE

PLANTED = {
    "app-01": {},
    "app-02": {"sftp": "failed", "ssh-packages": "warning", "clock-skew": "warning"},
    "app-03": {"ssh-22": "failed", "reachable": "unknown"},
    "app-04": {"hosts-file": "failed", "sshd-service": "failed", "os-supported": "warning"},
    "app-05": {"sshd-service": "failed", "disk-layout": "failed", "file-systems": "warning"},
    "db-01": {"sshd-service": "failed", "grub-devices": "failed"},
    "db-02": {
        "ssh-password": "failed",
        "free-space": "failed",
        "memory": "warning",
        "process-server-data": "failed",
    },
    "db-03": {"hosts-file": "failed"},
}
EXPECTED_BEFORE_SETUP = {"process-server-control": "warning", "process-server-data": "warning"}
"""Nothing listens on the configuration server yet."""
SHA1 = ("db-03",)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with ground(tmp_path_factory.mktemp("fleet")) as running:
        yield running


@pytest.fixture(scope="module")
def base(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    state = tmp_path_factory.mktemp("state")
    world = fleet.world(state)

    def open_shell(machine: Machine, deadline: Deadline) -> Shell:
        return open_ssh(
            machine,
            fleet.password(machine.name),
            world,
            deadline,
            host_keys=HostKeys(state / "known"),
            accept_new=True,
            allow_sha1=machine.name in SHA1,
        )

    return Ground(world, open_shell, TRUE, None, Settings("10.1.0.5"))


@pytest.fixture(scope="module")
def swept(fleet: Fleet, base: Ground) -> list[Finding]:
    machines = [fleet.machine(name) for name in PLANTED]
    return sweep(machines, base, Deadline(120), lambda _finding: None)


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_and_nothing_else(swept: list[Finding], name: str) -> None:
    found = {one.id: str(one.status) for one in swept if one.target == name and one.status is not Status.OK}
    expected = dict(PLANTED[name]) if name == "app-03" else {**EXPECTED_BEFORE_SETUP, **PLANTED[name]}
    # What the matrix says of each system is tested elsewhere, the clock of a fleet runs on its own.
    for check in ("os-supported", "clock-skew"):
        found.pop(check, None)
        expected.pop(check, None)
    assert found == expected


def test_the_healthy_machine_answers_every_check(swept: list[Finding]) -> None:
    assert len([one for one in swept if one.target == "app-01"]) == 18
    assert len(swept) > 100


def test_sha1_alone_is_a_finding_until_it_is_allowed(fleet: Fleet, base: Ground, tmp_path: Path) -> None:
    machine = fleet.machine("db-03")

    def open_shell(one: Machine, deadline: Deadline) -> Shell:
        keys = HostKeys(tmp_path / "known")
        return open_ssh(one, fleet.password(one.name), base.world, deadline, host_keys=keys, accept_new=True)

    plain = Ground(base.world, open_shell, TRUE)
    found = {one.id: one for one in sweep([machine], plain, Deadline(60), lambda _finding: None)}
    assert found["reachable"].status is Status.FAILED
    assert "old-algorithms" in found["reachable"].evidence[0].output
    assert "SHA-1" in found["reachable"].fix


@pytest.mark.parametrize(
    ("name", "fix_id"),
    [
        ("app-02", "sftp"),
        ("app-04", "hosts-file"),
        ("app-04", "sshd-service"),
        ("app-05", "sshd-service"),
        ("db-01", "sshd-service"),
        ("db-02", "ssh-password"),
        ("db-03", "hosts-file"),
    ],
)
def test_each_planted_fault_is_fixed_and_taken_back(
    fleet: Fleet, base: Ground, tmp_path: Path, name: str, fix_id: str
) -> None:
    machine = fleet.machine(name)
    fix = next(one for one in LINUX_FIXES if one.id == fix_id)
    journal = Journal.open(tmp_path / "journal", "practice-test", Actor.here())
    engagement = journal.engagement("e", "s").id
    try:
        before = engine.preview_fix(machine, fix, base, Deadline(60))
        consent = Consent(before.digest, "op", weakening=True)
        fixed = engine.apply_fix(journal, engagement, machine, fix, base, Deadline(60), consent)
        assert (fixed.id, fixed.status) == (fix.check, Status.OK), fixed
        assert engine.preview_fix(machine, fix, base, Deadline(60)).empty
        undone = engine.undo_fix(journal, engagement, machine, fix, base, Deadline(60))
        assert undone.status is Status.FAILED
        assert engine.preview_fix(machine, fix, base, Deadline(60)).digest == before.digest
    finally:
        journal.close()
