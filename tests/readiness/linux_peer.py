"""A Linux machine for tests of fixes: OpenSSH's own server on loopback, with files in a folder of the test."""

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
from services.guests.model import Machine, Shell
from services.guests.ssh import open_ssh
from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.fixes import engine
from services.readiness.fixes.linux import LINUX_FIXES
from services.readiness.fixes.model import Consent, Fix
from services.readiness.linux_checks import LINUX_CHECKS
from services.readiness.model import Finding
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
    whole = f"AuthorizedKeysFile {folder}/user.pub\n{settings}"
    environment = f"APT_CONFIG={folder}/apt.conf"
    with agent(folder), sshd(folder, whole, ("ed25519",), environment) as server:
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
