"""Windows machines of every version over real sockets: found, shown, made, seen to be right, taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.guests.model import Machine
from services.guests.winrm import open_winrm
from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import ProblemError, RefusedError
from services.readiness.clock import true_time
from services.readiness.doors import Doors, KeyRules
from services.readiness.fixes import engine, records
from services.readiness.fixes.model import Consent, Fix, Preview
from services.readiness.fixes.windows import WINDOWS_FIXES
from services.readiness.model import Finding, Status
from services.readiness.outside import from_server
from services.readiness.settings import Settings
from services.readiness.sweep import sweep
from services.readiness.visit import Ground
from services.world.deadline import Deadline
from tests.guests.support import Ground as Machines
from tests.guests.support import ground as machines_running

OK, WARNING, FAILED, UNKNOWN = Status.OK, Status.WARNING, Status.FAILED, Status.UNKNOWN
FIXES = {fix.id: fix for fix in WINDOWS_FIXES}
SERVER = "10.1.0.5"
GROUP_POLICY_KEY = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
POLICIES = GROUP_POLICY_KEY.replace("HKLM", "HKEY_LOCAL_MACHINE")
RULES = 'netsh advfirewall firewall set rule group="@FirewallAPI.dll,-28502" new enable=no'


@dataclass
class Here:
    """Running machines, the way to them, and a journal."""

    machines: Machines
    ground: Ground
    journal: Journal
    engagement: int

    def sweep(self, *names: str) -> dict[tuple[str, str], Finding]:
        asked = [self.machines.machine(name) for name in names]
        found = sweep(asked, self.ground, Deadline(90), lambda _finding: None)
        return {(one.target, one.id): one for one in found}

    def preview(self, name: str, fix: str) -> Preview:
        return engine.preview_fix(self.machines.machine(name), FIXES[fix], self.ground, Deadline(60))

    def fix(self, name: str, fix: str, *, weakening: bool = True, digest: str = "") -> Finding:
        agreed = Consent(digest or self.preview(name, fix).digest, "op", weakening)
        return engine.apply_fix(
            self.journal,
            self.engagement,
            self.machines.machine(name),
            FIXES[fix],
            self.ground,
            Deadline(60),
            agreed,
        )

    def undo(self, name: str, fix: str) -> Finding:
        return engine.undo_fix(
            self.journal, self.engagement, self.machines.machine(name), FIXES[fix], self.ground, Deadline(60)
        )

    def run(self, name: str, command: str) -> tuple[int, str]:
        machine = self.machines.machine(name)
        with contextlib.closing(
            open_winrm(machine, self.machines.password(name), self.ground.world, Deadline(30))
        ) as shell:
            output = shell.run(command, Deadline(30))
        return output.code, output.stdout


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "machines"


@pytest.fixture
def here(state: Path, tmp_path: Path) -> Iterator[Here]:
    with machines_running(state) as running:
        yield prepared(running, tmp_path)


def prepared(running: Machines, tmp_path: Path) -> Here:
    world = running.world(tmp_path)
    names = [one["name"] for one in running.description["machines"] if one["osType"] == "Windows"]
    doors = Doors(world, {name: running.password(name) for name in names}, KeyRules())
    server = running.machine("cs-01")
    asked = [running.machine(name) for name in names if name != "cs-01"]
    with contextlib.closing(doors(server, Deadline(30))) as shell:
        outside = from_server(shell, "cs-01", asked, Deadline(30))
    there = Ground(world, doors, true_time(world, Deadline(30)), None, Settings(SERVER), outside)
    journal = Journal.open(tmp_path / "journal", "practice-test", Actor.here())
    return Here(running, there, journal, journal.engagement("e", "s").id)


PLANTED = {
    "web-01": {},
    "web-02": {"clock-skew": WARNING, "remote-uac": FAILED},
    "web-03": {"connect-desktop": WARNING, "connect-firewall": WARNING, "connect-san": WARNING},
    "web-05": {"firewall-file-sharing": FAILED, "push-ports": FAILED, "process-server-data": FAILED},
    "web-06": {"free-space": FAILED, "pending-restart": WARNING},
    "web-07": {"firewall-wmi": FAILED, "bitlocker": FAILED},
}


def test_every_version_is_found_as_it_was_planted(here: Here) -> None:
    found = here.sweep(*PLANTED)
    for name, wrong in PLANTED.items():
        # Before Unified Setup nothing listens on the process server's ports, and every machine says so.
        expected = {"process-server-control": WARNING, "process-server-data": WARNING} | wrong
        said = {check: one.status for (target, check), one in found.items() if target == name}
        assert {check: status for check, status in said.items() if status is not OK} == expected, name
        assert len(said) == 18


def test_remote_uac_is_told_to_leave_local_accounts_alone_and_told_back(here: Here) -> None:
    shown = here.preview("web-02", "remote-uac-off")
    assert shown.lines == (rf"REG ADD {POLICIES} /v LocalAccountTokenFilterPolicy /t REG_DWORD /d 1 /f",)
    assert here.fix("web-02", "remote-uac-off").status is OK
    assert here.sweep("web-02")["web-02", "remote-uac"].status is OK
    assert here.undo("web-02", "remote-uac-off").status is FAILED
    assert here.run("web-02", f"reg query {GROUP_POLICY_KEY} /v LocalAccountTokenFilterPolicy")[0] == 1


def test_an_old_value_is_put_back_as_it_was(here: Here) -> None:
    query = f"reg query {GROUP_POLICY_KEY} /v LocalAccountTokenFilterPolicy"
    here.run("web-02", f"reg add {GROUP_POLICY_KEY} /v LocalAccountTokenFilterPolicy /t REG_DWORD /d 0 /f")
    before = here.run("web-02", query)
    here.fix("web-02", "remote-uac-off")
    assert here.run("web-02", query) != before
    here.undo("web-02", "remote-uac-off")
    assert here.run("web-02", query) == before


def test_what_weakens_needs_its_own_yes(here: Here) -> None:
    with pytest.raises(RefusedError) as refused:
        here.fix("web-02", "remote-uac-off", weakening=False)
    assert refused.value.problems[0].code == "weakens"
    assert here.sweep("web-02")["web-02", "remote-uac"].status is FAILED


def test_a_value_that_somebody_changed_afterwards_is_left_alone(here: Here) -> None:
    here.fix("web-02", "remote-uac-off")
    here.run("web-02", f"reg add {GROUP_POLICY_KEY} /v LocalAccountTokenFilterPolicy /t REG_DWORD /d 7 /f")
    with pytest.raises(RefusedError) as refused:
        here.undo("web-02", "remote-uac-off")
    assert refused.value.problems[0].code == "changed-since"
    assert "0x7" in here.run("web-02", f"reg query {GROUP_POLICY_KEY}")[1]


@pytest.mark.parametrize(
    ("name", "fix", "check"),
    [
        ("web-05", "firewall-file-sharing-on", "firewall-file-sharing"),
        ("web-07", "firewall-wmi-on", "firewall-wmi"),
    ],
)
def test_firewall_groups_are_let_in_and_exactly_those_rules_taken_back(
    here: Here, name: str, fix: str, check: str
) -> None:
    before = here.preview(name, fix)
    assert before.lines[0].startswith("netsh advfirewall firewall set rule group=")
    assert here.fix(name, fix).status is OK
    assert here.preview(name, fix).empty
    assert here.undo(name, fix).status is FAILED
    assert here.preview(name, fix).lines == before.lines
    assert here.sweep(name)[name, check].status is FAILED


def test_a_rule_that_was_on_stays_on_after_the_fix_is_taken_back(here: Here) -> None:
    shown = here.preview("web-05", "firewall-file-sharing-on")
    off = shown.undo.before.split("\n")
    # 20 rules of the group; the four that a person had switched on are not among those to be switched on.
    assert len(off) == 16
    assert not [key for key in off if key.split("/")[2] == "1" or key.split("/")[3] == "138"]
    here.fix("web-05", "firewall-file-sharing-on")
    here.undo("web-05", "firewall-file-sharing-on")
    assert here.preview("web-05", "firewall-file-sharing-on").undo.before.split("\n") == off


def test_what_was_made_between_preview_and_consent_is_seen(here: Here) -> None:
    shown = here.preview("web-05", "firewall-file-sharing-on")
    here.run("web-05", RULES)
    with pytest.raises(RefusedError) as refused:
        here.fix("web-05", "firewall-file-sharing-on", digest=shown.digest)
    assert refused.value.problems[0].code == "preview-changed"


def test_the_clock_is_set_by_its_time_server_and_never_set_wrong_again(here: Here) -> None:
    assert here.preview("web-02", "clock-resync").lines == ("w32tm /resync",)
    assert here.fix("web-02", "clock-resync").status is OK
    assert here.preview("web-02", "clock-resync").empty
    with pytest.raises(RefusedError) as refused:
        here.undo("web-02", "clock-resync")
    assert refused.value.problems[0].code == "no-undo"


@pytest.mark.parametrize("fix", sorted(FIXES))
def test_a_healthy_machine_has_nothing_to_fix(here: Here, fix: str) -> None:
    assert here.preview("web-01", fix).empty
    assert here.fix("web-01", fix).status is OK
    assert records.kept(here.journal, here.engagement) == []


def test_fixes_and_what_takes_them_back_outlive_the_machines_server(state: Path, tmp_path: Path) -> None:
    with machines_running(state) as running:
        before = prepared(running, tmp_path)
        before.fix("web-05", "firewall-file-sharing-on")
        before.fix("web-02", "remote-uac-off")
        before.journal.close()
    with machines_running(state) as running:
        after = prepared(running, tmp_path)
        found = after.sweep("web-02", "web-05")
        assert found["web-05", "firewall-file-sharing"].status is OK
        assert found["web-05", "push-ports"].status is OK
        assert found["web-02", "remote-uac"].status is OK
        assert after.undo("web-05", "firewall-file-sharing-on").status is FAILED


def test_a_machine_that_is_off_cannot_be_fixed_and_nothing_is_recorded(here: Here) -> None:
    fix: Fix = FIXES["remote-uac-off"]
    off: Machine = here.machines.machine("web-04")
    with pytest.raises(ProblemError) as stopped:
        engine.apply_fix(
            here.journal, here.engagement, off, fix, here.ground, Deadline(20), Consent("x", "op", True)
        )
    assert stopped.value.problems[0].code == "unreachable"
    assert records.kept(here.journal, here.engagement) == []


def test_no_secret_is_in_findings_journal_or_logs(
    here: Here, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = here.sweep(*PLANTED)
    for fix in ("remote-uac-off", "clock-resync"):
        here.fix("web-02", fix)
    here.journal.close()
    kept = b"".join(
        path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "machines" not in path.parts
    )
    assert b"remote-uac-off" in kept
    for secret in here.machines.description["secrets"].values():
        assert secret not in repr(found)
        assert secret not in caplog.text
        assert secret.encode() not in kept
