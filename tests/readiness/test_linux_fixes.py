"""Linux checks and fixes against OpenSSH's own server: found, shown, made, seen to be right, taken back."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.guests.host_keys import HostKeys
from services.guests.model import Machine, Output, Shell
from services.guests.ssh import open_ssh
from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import ProblemError, RefusedError
from services.readiness.fixes import engine, records
from services.readiness.fixes.linux import LINUX_FIXES
from services.readiness.fixes.model import Consent, Fix
from services.readiness.linux_checks import LINUX_CHECKS
from services.readiness.model import Finding, Status
from services.readiness.settings import LinuxPlaces, Settings
from services.readiness.sweep import looked
from services.readiness.visit import Ground, Visit
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.openssh import SSHD, agent, sshd
from tests.readiness.shells import TRUE

SERVER = "10.1.0.5"
GOOD = "PasswordAuthentication yes\nPermitRootLogin yes\nSubsystem sftp /usr/lib/openssh/sftp-server\n"
MACHINE = Machine("peer", "10.3.0.1", "Linux", "root")

pytestmark = [
    pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may run sshd for root"),
]


@dataclass
class Peer:
    """A machine that is OpenSSH on loopback, its files in a folder of the test."""

    folder: Path
    config: Path
    ground: Ground
    journal: Journal
    engagement: int
    opened: list[Shell] = field(default_factory=list)

    @property
    def hosts(self) -> Path:
        return self.folder / "hosts"

    def found(self) -> dict[str, Finding]:
        visit = Visit(MACHINE, self.ground, Deadline(60))
        try:
            return {one.check.id: looked(one.check, visit) for one in LINUX_CHECKS}
        finally:
            visit.close()

    def fix(self, name: str, digest: str = "", **consent: bool) -> Finding:
        fix = fix_of(name)
        shown = digest or engine.preview_fix(MACHINE, fix, self.ground, Deadline(60)).digest
        agreed = Consent(shown, "op", consent.get("weakening", True))
        return engine.apply_fix(
            self.journal, self.engagement, MACHINE, fix, self.ground, Deadline(60), agreed
        )

    def undo(self, name: str) -> Finding:
        return engine.undo_fix(
            self.journal, self.engagement, MACHINE, fix_of(name), self.ground, Deadline(60)
        )

    def files(self) -> dict[str, bytes]:
        kept = [self.folder / "hosts", self.folder / "config", *(self.folder / "config.d").glob("*")]
        beside = [path for path in self.folder.rglob("*lifeboat*") if path.is_file()]
        return {str(path): path.read_bytes() for path in (*kept, *beside)}


def fix_of(name: str) -> Fix:
    return next(one for one in LINUX_FIXES if one.id == name)


@contextmanager
def peer(folder: Path, settings: str, **more: object) -> Iterator[Peer]:
    now = datetime.now(UTC)
    (folder / "config.d").mkdir()
    (folder / "hosts").write_bytes(b"127.0.0.1 localhost \xff\n" + own_addresses())
    # Ours comes first, so that a Match at the end of a test's settings takes nothing with it.
    # Its apt has no lists: reading this host's takes most of a second, and no fix looks at them.
    (folder / "apt.conf").write_text(f'Dir::State::lists "{folder}/none";\nDir::Cache::pkgcache "";\n')
    whole = f"AuthorizedKeysFile {folder}/user.pub\nSetEnv APT_CONFIG={folder}/apt.conf\n{settings}"
    with agent(folder), sshd(folder, whole, ("ed25519",)) as server:
        world = World(
            "practice",
            "p",
            {},
            Clock(now, now),
            MappedDialer({"10.3.0.1:22": f"127.0.0.1:{server.port}"}, {}),
            folder,
        )
        world = replace(world, **more)  # type: ignore[arg-type]
        keys = HostKeys(folder / "known")

        def open_shell(machine: Machine, deadline: Deadline) -> Shell:
            return open_ssh(machine, None, world, deadline, host_keys=keys, accept_new=True, agent=True)

        reload = f"kill -HUP {server.pid}"
        places = LinuxPlaces(
            str(folder / "hosts"), str(server.config), str(SSHD), reload, str(folder / "pid")
        )
        ground = Ground(world, open_shell, TRUE, None, Settings(SERVER, linux=places))
        journal = Journal.open(folder / "journal", "p", Actor.here())
        try:
            yield Peer(folder, server.config, ground, journal, journal.engagement("e", "s").id)
        finally:
            journal.close()


def own_addresses() -> bytes:
    """Lines as AS-4.8 asks for them, of the host that the test runs on."""
    name = subprocess.run(["hostname"], capture_output=True, check=True).stdout.strip()
    shown = Path("/proc/net/fib_trie").read_text()
    found = sorted(set(re.findall(r"(\d+\.\d+\.\d+\.\d+)\n\s+/32 host LOCAL", shown)))
    return b"".join(b"%s %s\n" % (one.encode(), name) for one in found if not one.startswith("127."))


def test_set_up_as_documented_is_ok(tmp_path: Path) -> None:
    with peer(tmp_path, GOOD) as here:
        found = here.found()
    for check in ("hosts-file", "ssh-packages", "ssh-password", "ssh-root-login", "sftp"):
        assert found[check].status in (Status.OK, Status.WARNING), found[check]
    assert found["ssh-password"].status is found["sftp"].status is found["hosts-file"].status is Status.OK
    assert any("sshd -T" in item.command for item in found["sftp"].evidence)


BROKEN: dict[str, tuple[str, Callable[[str], str]]] = {
    "password-no": (
        "ssh-password",
        lambda _folder: GOOD.replace("PasswordAuthentication yes", "PasswordAuthentication  no"),
    ),
    "password-match": (
        "ssh-password",
        lambda _folder: f"{GOOD}\nMatch Address 10.1.0.0/24\n  PasswordAuthentication no\nMatch User other\n",
    ),
    "password-include": ("ssh-password", lambda folder: f"Include {folder}/config.d/*.conf\n{GOOD}"),
    "root-keys-only": (
        "ssh-root-login",
        lambda _folder: GOOD.replace("PermitRootLogin yes", "permitrootlogin=without-password"),
    ),
    "root-unset": ("ssh-root-login", lambda _folder: GOOD.replace("PermitRootLogin yes\n", "")),
    "sftp-comment": ("sftp", lambda _folder: GOOD.replace("Subsystem", "# Subsystem")),
    "sftp-missing": (
        "sftp",
        lambda _folder: "PasswordAuthentication yes\nPermitRootLogin yes\nMatch User x\n  X11Forwarding no",
    ),
}


@pytest.mark.parametrize("way", BROKEN)
def test_each_broken_setting_is_found_fixed_and_taken_back(tmp_path: Path, way: str) -> None:
    check, settings = BROKEN[way]
    with peer(tmp_path, settings(str(tmp_path))) as here:
        if way == "password-include":
            (tmp_path / "config.d" / "60-cloud.conf").write_bytes(b"# \xfe\nPasswordAuthentication no\n")
        before = here.files()
        assert here.found()[check].status is Status.FAILED
        preview = engine.preview_fix(MACHINE, fix_of(check), here.ground, Deadline(60))
        assert here.files() == before
        assert any(line.startswith("+") and not line.startswith("+++") for line in preview.lines)
        fixed = here.fix(check, preview.digest)
        assert (fixed.id, fixed.status) == (check, Status.OK), fixed
        assert here.files() != before
        kept = records.kept(here.journal, here.engagement)
        assert [(one.state, one.by) for one in kept] == [("applied", "op")]
        assert here.undo(check).status is Status.FAILED
        assert here.files() == before
        assert records.kept(here.journal, here.engagement)[0].state == "undone"


def test_missing_hosts_lines_are_added_and_taken_back(tmp_path: Path) -> None:
    with peer(tmp_path, GOOD) as here:
        here.hosts.write_bytes(b"127.0.0.1 localhost # \xff no end of line")
        here.hosts.chmod(0o640)
        before = here.files()
        assert here.found()["hosts-file"].status is Status.FAILED
        assert here.fix("hosts-file").status is Status.OK
        assert here.hosts.read_bytes().startswith(b"127.0.0.1 localhost # \xff no end of line\n")
        assert here.hosts.stat().st_mode & 0o777 == 0o640
        here.undo("hosts-file")
        assert here.files() == before


def test_what_was_changed_since_is_not_put_back(tmp_path: Path) -> None:
    with peer(tmp_path, BROKEN["sftp-comment"][1]("")) as here:
        here.fix("sftp")
        here.config.write_bytes(here.config.read_bytes() + b"# by hand\n")
        with pytest.raises(RefusedError) as refused:
            here.undo("sftp")
        assert refused.value.problems[0].code == "changed-since"
        assert str(here.config) in refused.value.problems[0].what
        assert records.kept(here.journal, here.engagement)[0].standing


def test_what_differs_from_the_preview_is_refused(tmp_path: Path) -> None:
    with peer(tmp_path, BROKEN["sftp-comment"][1]("")) as here:
        shown = engine.preview_fix(MACHINE, fix_of("sftp"), here.ground, Deadline(60))
        here.config.write_bytes(here.config.read_bytes() + b"# by hand\n")
        before = here.files()
        with pytest.raises(RefusedError) as refused:
            here.fix("sftp", shown.digest)
        assert refused.value.problems[0].code == "preview-changed"
        assert here.files() == before
        assert records.kept(here.journal, here.engagement) == []


def test_a_weakening_needs_its_own_yes_and_a_read_only_world_none(tmp_path: Path) -> None:
    with peer(tmp_path, BROKEN["password-no"][1]("")) as here:
        before = here.files()
        with pytest.raises(RefusedError) as refused:
            here.fix("ssh-password", weakening=False)
        assert refused.value.problems[0].code == "weakens"
        here.ground = replace(here.ground, world=replace(here.ground.world, read_only=True))
        with pytest.raises(RefusedError) as refused:
            here.fix("ssh-password")
        assert refused.value.problems[0].code == "read-only"
        assert here.files() == before


def test_an_earlier_fix_of_the_same_file_waits_for_the_later_one(tmp_path: Path) -> None:
    settings = BROKEN["sftp-comment"][1]("").replace(
        "PasswordAuthentication yes", "PasswordAuthentication no"
    )
    with peer(tmp_path, settings) as here:
        before = here.files()
        here.fix("ssh-password")
        here.fix("sftp")
        with pytest.raises(RefusedError) as refused:
            here.undo("ssh-password")
        assert refused.value.problems[0].code == "later-fix"
        here.undo("sftp")
        here.undo("ssh-password")
        assert here.files() == before


class Killed(BaseException):
    """The process dies here."""


class Dying:
    """A shell whose process dies at the command of that number."""

    def __init__(self, shell: Shell, at: int) -> None:
        self._shell = shell
        self._left = at

    def run(self, command: str, deadline: Deadline) -> Output:
        self._left -= 1
        if self._left < 0:
            raise Killed
        return self._shell.run(command, deadline)

    def close(self) -> None:
        self._shell.close()


def once_listening(work: Callable[[], object]) -> None:
    """Work that begins by signing in, on a machine whose sshd may be reading its settings again."""
    for _attempt in range(engine.AGAIN):
        try:
            work()
            return
        except ProblemError as error:
            if error.problems[0].code not in ("refused", "link-lost"):
                raise
            Deadline(60).wait(engine.PAUSE)
    work()


def test_killed_at_each_command_the_next_start_can_undo(tmp_path: Path) -> None:
    with peer(tmp_path, BROKEN["sftp-comment"][1]("")) as here:
        before, usual = here.files(), here.ground
        shown = engine.preview_fix(MACHINE, fix_of("sftp"), usual, Deadline(60)).digest
        for number in range(6, 60):

            def dying(machine: Machine, deadline: Deadline, number: int = number) -> Shell:
                return Dying(usual.open(machine, deadline), number)

            here.ground = replace(usual, open=dying)
            try:
                here.fix("sftp", shown)
                break
            except Killed:
                here.ground = usual
            standing = [one for one in records.kept(here.journal, here.engagement) if one.standing]
            if standing:
                once_listening(lambda: here.undo("sftp"))
            assert here.files() == before, f"after command {number}"
        assert number > 10


class Answering:
    """A shell that gives one command's error instead of running what begins so."""

    def __init__(self, shell: Shell, sign: str, error: str) -> None:
        self._shell, self._sign, self._error = shell, sign, error

    def run(self, command: str, deadline: Deadline) -> Output:
        if self._sign in command:
            return Output(command, "", self._error, 1)
        return self._shell.run(command, deadline)

    def close(self) -> None:
        self._shell.close()


@pytest.mark.parametrize(
    ("sign", "error", "code"),
    [
        ("printf", "printf: write error: No space left on device", "disk-full"),
        ("cp -p", "cp: cannot create regular file: Read-only file system", "read-only-file-system"),
        ("cp -p", "cp: cannot create regular file: Permission denied", "no-rights"),
        (" -t -f", "config: line 3: Bad configuration option: Subsystemm", "sshd-test"),
        ("kill -HUP", "kill: No such process", "sshd-reload"),
    ],
)
def test_what_goes_wrong_on_the_machine_leaves_the_old_file(
    tmp_path: Path, sign: str, error: str, code: str
) -> None:
    with peer(tmp_path, BROKEN["sftp-comment"][1]("")) as here:
        before, usual = here.files(), here.ground
        shown = engine.preview_fix(MACHINE, fix_of("sftp"), usual, Deadline(60)).digest
        here.ground = replace(usual, open=lambda m, d: Answering(usual.open(m, d), sign, error))
        with pytest.raises(ProblemError) as failed:
            here.fix("sftp", shown)
        assert failed.value.problems[0].code == code
        here.ground = usual
        if any(one.standing for one in records.kept(here.journal, here.engagement)):
            here.undo("sftp")
        assert here.files() == before


def test_a_full_disk_for_real(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(small)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("no right to mount a small file system")
    try:
        with peer(tmp_path, GOOD) as here:
            hosts = small / "hosts"
            hosts.write_bytes(b"127.0.0.1 localhost\n" + b"#" * 6_000 + b"\n")
            (small / "fill").write_bytes(b"x" * 8_000)
            places = replace(here.ground.settings.linux, hosts=str(hosts))
            here.ground = replace(here.ground, settings=replace(here.ground.settings, linux=places))
            before = hosts.read_bytes()
            with pytest.raises(ProblemError) as failed:
                here.fix("hosts-file")
            assert failed.value.problems[0].code == "disk-full"
            assert hosts.read_bytes() == before
    finally:
        subprocess.run(["umount", str(small)], check=True)
