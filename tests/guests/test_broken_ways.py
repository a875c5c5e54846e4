"""A real Debian machine broken in each documented way: found, mended where there is a fix, green, taken back.

What cannot be real on it is shown on the practice machines, in tests/readiness/test_practice_linux.py and
test_linux_checks.py: a kernel, a distribution or an architecture outside the matrix (this host's kernel runs the
machine), GRUB, LVM and several disks (its disks are this host's), and sshd that does not start with the machine
under systemd or upstart (its services are started by SysV scripts).
"""

from __future__ import annotations

import json
import socket
import sqlite3
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import RefusedError
from services.readiness import clock, exports
from services.readiness.clock import TrueTime
from services.readiness.doors import OWN_KEYS, Doors, KeyRules
from services.readiness.first_use import ACCEPTED
from services.readiness.fixes import engine
from services.readiness.fixes.linux import LINUX_FIXES
from services.readiness.fixes.model import Consent, Fix
from services.readiness.guest_checks import REACHABLE
from services.readiness.model import Finding, Status
from services.readiness.settings import Settings
from services.readiness.sweep import sweep
from services.readiness.visit import Ground
from services.scenario.mending import fix_of
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.debian import ADDRESS, MACHINE, NAME, PASSWORD, SETTINGS, Debian, debian, lifeboat, listed
from tests.readiness.shells import TRUE

SERVER = "192.0.2.5"
"""A process server that is not there: the machine has no way out."""
AHEAD = 420.0
"""Seconds by which a time server of these tests is ahead."""
SINCE_1900 = 2_208_988_800
"""Seconds from 1900, where NTP begins to count, to 1970 (RFC 868)."""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Debian]:
    with debian(tmp_path / "state") as machine:
        yield machine


def ground(here: Debian, true: TrueTime = TRUE, *, accept_new: bool = True) -> Ground:
    doors = Doors(here.world, {NAME: PASSWORD}, KeyRules(accept_new=accept_new))
    return Ground(here.world, doors, true, None, Settings(SERVER))


def swept(here: Debian, true: TrueTime = TRUE, *, accept_new: bool = True) -> dict[str, Finding]:
    found = sweep([MACHINE], ground(here, true, accept_new=accept_new), Deadline(90), lambda _finding: None)
    return {one.id: one for one in found}


@contextmanager
def journal(folder: Path) -> Iterator[tuple[Journal, int]]:
    with closing(Journal.open(folder / "journal", "l", Actor.here())) as opened:
        yield opened, opened.engagement("e", "s").id


def declared(name: str) -> Fix:
    fix = fix_of(name)
    assert fix is not None
    return fix


def made(here: Debian, kept: tuple[Journal, int], name: str) -> Finding:
    shown = engine.preview_fix(MACHINE, declared(name), ground(here), Deadline(60))
    agreed = Consent(shown.digest, "op", weakening=True)
    return engine.apply_fix(*kept, MACHINE, declared(name), ground(here), Deadline(60), agreed)


def taken_back(here: Debian, kept: tuple[Journal, int], name: str) -> Finding:
    return engine.undo_fix(*kept, MACHINE, declared(name), ground(here), Deadline(60))


def test_set_up_as_the_documents_ask_everything_that_is_about_ssh_is_ok(here: Debian) -> None:
    before = here.files()
    found = swept(here)
    for check in (
        "ssh-22", "reachable", "root-account", "hosts-file", "ssh-packages", "sshd-service", "ssh-password",
        "ssh-root-login", "sftp", "free-space", "clock-skew", "grub-devices",
    ):  # fmt: skip
        assert found[check].status is Status.OK, found[check]
    assert found["process-server-control"].status is Status.FAILED
    assert here.files() == before


def test_a_line_that_hosts_lacks(here: Debian, tmp_path: Path) -> None:
    here.run("printf '127.0.0.1 localhost' > /etc/hosts")
    before = here.files()
    assert swept(here)["hosts-file"].what == f"/etc/hosts does not map {NAME} to {ADDRESS}."
    with journal(tmp_path) as kept:
        assert made(here, kept, "hosts-file").status is Status.OK
        assert swept(here)["hosts-file"].status is Status.OK
        assert taken_back(here, kept, "hosts-file").status is Status.FAILED
    assert here.files() == before


def test_sftp_that_is_off_is_turned_on_by_the_machines_own_service(here: Debian, tmp_path: Path) -> None:
    here.run("sed -i 's/^Subsystem/#Subsystem/' /etc/ssh/sshd_config; service ssh reload")
    before = here.files()
    with journal(tmp_path) as kept:
        assert swept(here)["sftp"].status is Status.FAILED
        assert made(here, kept, "sftp").status is Status.OK
        assert swept(here)["sftp"].status is Status.OK
        assert taken_back(here, kept, "sftp").status is Status.FAILED
    assert here.files() == before


def test_sshd_on_another_port_fails_ssh_22_though_the_users_configuration_leads_there(
    here: Debian, tmp_path: Path
) -> None:
    here.run("echo 'Port 2222' >> /etc/ssh/sshd_config; service ssh restart")
    config = tmp_path / "config"
    config.write_text(f"Host {NAME} {ADDRESS}\n  Port 2222\n")
    world = replace(here.world, ssh=("ssh", "-F", str(config)))
    doors = Doors(world, {NAME: PASSWORD}, KeyRules(accept_new=True))
    there = Ground(world, doors, TRUE, None, Settings(SERVER))
    found = {one.id: one for one in sweep([MACHINE], there, Deadline(60), lambda _finding: None)}
    assert found["reachable"].status is Status.OK
    assert found["ssh-22"].status is Status.FAILED
    assert "sshd is stopped or listens on another port" in found["ssh-22"].cause
    assert "Port 22" in found["ssh-22"].fix
    assert found["sftp"].status is Status.OK
    unaware = swept(here)
    assert set(unaware) == {"ssh-22", "reachable"}
    # The fix is a sentence: what it says is done at the console.
    here.run("sed -i 's/^Port 2222/Port 22/' /etc/ssh/sshd_config; service ssh restart")
    assert swept(here)["ssh-22"].status is Status.OK


def test_sshd_that_is_stopped(here: Debian) -> None:
    here.run("service ssh stop")
    found = swept(here)
    assert {name: one.status for name, one in found.items()} == {
        "ssh-22": Status.FAILED,
        "reachable": Status.UNKNOWN,
    }
    here.run("service ssh start")
    assert swept(here)["ssh-22"].status is Status.OK


def test_the_exported_script_starts_an_sshd_that_is_stopped(here: Debian) -> None:
    here.run("service ssh stop")
    host = exports.Host(NAME, ADDRESS, "Linux", "root", ("sshd-service",))
    script = exports.rendered(LINUX_FIXES, [host], "live")["lifeboat-linux.sh"]
    (here.root / "root/fixes.sh").write_text(script)
    assert "would start sshd" in here.run("sh /root/fixes.sh show sshd-service")
    assert swept(here)["ssh-22"].status is Status.FAILED
    assert "started sshd" in here.run("sh /root/fixes.sh apply sshd-service")
    assert swept(here)["ssh-22"].status is Status.OK


def test_sshd_that_does_not_start_with_the_machine(here: Debian) -> None:
    here.run("update-rc.d ssh remove")
    assert swept(here)["sshd-service"].status is Status.UNKNOWN
    here.run("update-rc.d ssh defaults")
    assert swept(here)["sshd-service"].status is Status.OK


REPACKED = """
mkdir -p /root/deb/DEBIAN
dpkg -s openssl > /root/status
awk '/^Conffiles:/ {skip = 1; next} /^[^ ]/ {skip = 0} !skip && !/^Status:/' /root/status > /root/deb/DEBIAN/control
dpkg -L openssl | while read -r file; do [ -d "$file" ] || cp -a --parents "$file" /root/deb; done
dpkg-deb --build /root/deb /root/openssl.deb
"""


def test_a_package_that_is_missing_is_told_and_only_advised(here: Debian, tmp_path: Path) -> None:
    here.run(REPACKED)
    here.run("dpkg --purge --force-depends openssl")
    found = swept(here)["ssh-packages"]
    assert (found.status, found.what) == (Status.FAILED, "Not installed: openssl.")
    with journal(tmp_path) as kept:
        shown = engine.preview_fix(MACHINE, declared("ssh-packages"), ground(here), Deadline(60))
        assert shown.advice
        assert "apt-get install openssh-client openssh-server openssl" in shown.lines
        with pytest.raises(RefusedError):
            made(here, kept, "ssh-packages")
    here.run("dpkg --install /root/openssl.deb")
    assert swept(here)["ssh-packages"].status is Status.OK


def test_a_disk_without_room(here: Debian) -> None:
    here.run("mount -o remount,size=60m /tmp && head -c 10M /dev/zero > /tmp/filled")
    found = swept(here)["free-space"]
    assert found.status is Status.FAILED
    assert found.what == "Too little space: /tmp has 50 MB free, 100 MB are needed."
    assert "95524" in found.cause
    here.run("rm /tmp/filled; mount -o remount,size=200m /tmp")
    assert swept(here)["free-space"].status is Status.OK


def test_another_host_key_than_before_is_refused_and_let_in_after_what_it_says(here: Debian) -> None:
    assert swept(here)["reachable"].status is Status.OK
    key = "/etc/ssh/ssh_host_ed25519_key"
    here.run(f"rm {key}*; ssh-keygen -q -t ed25519 -N '' -f {key}; service ssh restart")
    changed = swept(here)["reachable"]
    assert changed.status is Status.FAILED
    assert "another host key than before" in changed.what
    shown = here.run(f"ssh-keygen -lf {key}.pub").split()[1]
    assert shown in changed.what
    # As the remedy has it: the old key is taken out of our own file, then the new one is accepted.
    command = f"ssh-keygen -R {ADDRESS} -f {here.state / OWN_KEYS}"
    assert command in changed.fix
    subprocess.run(command.split(), capture_output=True, check=True, timeout=60)
    assert "never seen here" in swept(here, accept_new=False)["reachable"].what
    assert swept(here)["reachable"].status is Status.OK


def time_server(ahead: float) -> tuple[str, threading.Thread]:
    """An SNTP server (RFC 4330) whose clock is ahead by so many seconds; it answers once."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(20)

    def answer() -> None:
        with sock:
            data, asker = sock.recvfrom(256)
            now = int((time.time() + ahead + SINCE_1900) * 2**32)
            head = struct.pack("!BBbb11I", 0x24, 2, 0, -20, *[0] * 11)
            stamps = data[40:48] + struct.pack("!QQ", now, now)
            sock.sendto(head[:16] + struct.pack("!Q", now) + stamps, asker)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    return f"127.0.0.1:{sock.getsockname()[1]}", thread


def by(here: Debian, ahead: float) -> TrueTime:
    """The true time as a server tells it that is asked over the network."""
    place, thread = time_server(ahead)
    asked: World = replace(
        here.world, dialer=MappedDialer({}, {"time.windows.com": place}), time_servers=("time.windows.com",)
    )
    found = clock.true_time(asked, Deadline(20))
    thread.join(20)
    assert not found.only_host
    return found


def test_a_clock_that_is_off_by_what_a_time_server_says(here: Debian) -> None:
    off = swept(here, by(here, AHEAD))["clock-skew"]
    assert off.status is Status.WARNING
    assert "7.0 min behind" in off.what
    assert all(one in off.fix for one in ("chronyc makestep", "timedatectl", "ntpdate"))
    assert swept(here, by(here, 0.0))["clock-skew"].status is Status.OK


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (SETTINGS.replace("PasswordAuthentication yes", "PasswordAuthentication no"), "takes no password"),
        (SETTINGS.replace("PermitRootLogin yes", "PermitRootLogin no"), "does not accept the password"),
    ],
)
def test_a_machine_that_root_cannot_enter_with_a_password(tmp_path: Path, settings: str, code: str) -> None:
    with debian(tmp_path / "state", f"{settings}KbdInteractiveAuthentication no\n") as here:
        found = swept(here)
        assert set(found) == {"ssh-22", REACHABLE.id}
        assert code in found[REACHABLE.id].what
        assert found[REACHABLE.id].fix


def test_a_key_that_was_accepted_without_a_question_stands_in_the_journal(
    here: Debian, tmp_path: Path
) -> None:
    given = ("--machines", listed(tmp_path), "--accept-new-host-keys")
    for _again in range(2):
        assert lifeboat(here, "check", *given).returncode == 0
    exported = tmp_path / "copy"
    assert lifeboat(here, "journal", "export", str(exported)).returncode == 0
    rows = sqlite3.connect(exported).execute("SELECT data FROM event WHERE kind = ?", (ACCEPTED,))
    (said,) = [json.loads(row[0]) for row in rows]
    shown = here.run("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").split()[1]
    assert (said["host"], said["port"], said["fingerprint"]) == (ADDRESS, 22, shown)
    assert said["by"]


class Refusing(Debian):
    """A machine to which nothing may be dialed from here but the jump host."""

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        assert host == JUMP, f"{host} was dialed past the jump host"
        return super().connect(ADDRESS, port, deadline)


JUMP = "10.3.0.9"


def test_a_machine_behind_a_jump_host_that_lets_nobody_in_is_not_dialed_past_it(
    here: Debian, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(f"Host {JUMP}\n  User nobody-here\nHost {NAME} {ADDRESS}\n  ProxyJump {JUMP}\n")
    there = Refusing(here.pid, here.state)
    world = replace(there.world, ssh=("ssh", "-F", str(config)))
    doors = Doors(world, {NAME: PASSWORD}, KeyRules(accept_new=True))
    found = {
        one.id: one
        for one in sweep([MACHINE], Ground(world, doors, TRUE), Deadline(60), lambda _finding: None)
    }
    assert found["reachable"].what.startswith(f"The jump host [{JUMP}]:")
    assert found["ssh-22"].status is Status.UNKNOWN
    assert f"leads through [{JUMP}]" in found["ssh-22"].what


def test_a_password_that_is_a_word_of_the_program_stops_no_check(here: Debian, tmp_path: Path) -> None:
    here.run("echo root:password | chpasswd")
    given = ("--machines", listed(tmp_path), "--accept-new-host-keys")
    ran = lifeboat(here, "check", "--all", *given, secret="password")
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"ssh-password" in ran.stdout
