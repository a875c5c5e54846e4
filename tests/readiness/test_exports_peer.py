"""The shell script sees sshd's settings as they hold for the process server, and changes the line that decides."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.readiness.exports import Host, rendered
from services.readiness.fixes.linux import LINUX_FIXES
from services.readiness.linux_facts import NOWHERE
from tests.guests.openssh import SSHD

pytestmark = [
    pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may read a host key"),
]
SERVER = "10.1.0.5"
OTHERS = "PasswordAuthentication yes\nPermitRootLogin prohibit-password\n"
"""What holds for everybody."""


@dataclass
class Box:
    """The script over a configuration of its own, with programs that would touch this machine taken away."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "sshd_config"

    def configure(self, text: str) -> str:
        self.config.write_text(f"Port 22\nHostKey {self.folder}/key\nUsePAM no\n{text}")
        return self.config.read_text()

    def run(self, *arguments: str, server: str = SERVER, **more: str) -> tuple[int, str]:
        host = Host("app-01", "10.1.0.11", "Linux", "root", ())
        text = rendered(LINUX_FIXES, [host], "live", server)["lifeboat-linux.sh"]
        script = self.folder / "script.sh"
        script.write_text(text.replace("/etc/ssh/sshd_config", str(self.config)))
        given = {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "LIFEBOAT_KEEP": str(self.folder / "keep"),
            "LIFEBOAT_SSHD": str(SSHD),
            **more,
        }
        done = subprocess.run(
            ["sh", str(script), *arguments],
            env=given,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def box(tmp_path: Path) -> Box:
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")]
    subprocess.run(made, check=True, timeout=60)
    Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("systemctl", "service"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 0\n")
        (tmp_path / name).chmod(0o755)
    return Box(tmp_path)


@pytest.mark.parametrize(
    "criteria",
    [
        "Address 10.1.0.5",
        "User root Address 10.1.0.0/24,!10.1.0.9",
        "Address 10.1.?.*",
        "address=10.1.0.5",
        "LocalPort 22",
        "all",
    ],
)
def test_a_match_for_the_process_server_is_what_is_changed(box: Box, criteria: str) -> None:
    before = box.configure(
        f"{OTHERS}Match Address 10.9.0.0/16\n PasswordAuthentication no\nMatch {criteria}\n"
    )
    before += " PasswordAuthentication no\n"
    box.config.write_text(before)
    assert box.run("apply", "ssh-password") == (0, "changed ssh-password\n")
    assert box.config.read_text() == before.removesuffix("no\n") + "yes\n"
    assert box.run("apply", "ssh-password") == (0, "unchanged ssh-password\n")
    assert box.run("undo", "ssh-password") == (0, "undone ssh-password\n")
    assert box.config.read_text() == before


def test_a_match_for_others_is_left_alone(box: Box) -> None:
    before = box.configure(
        f"{OTHERS}Match Address !10.1.0.5,10.0.0.0/8\n PermitRootLogin prohibit-password\n"
    )
    assert box.run("apply", "ssh-root-login") == (0, "changed ssh-root-login\n")
    assert box.config.read_text() == before.replace("prohibit-password", "yes", 1)


def test_what_another_file_decides_is_left_alone_and_said(box: Box) -> None:
    (box.folder / "more").write_text("Match Address 10.1.0.5\n PasswordAuthentication no\n")
    before = box.configure(f"{OTHERS}Include {box.folder}/more\n")
    for config in (before, before.replace("PasswordAuthentication yes", "PasswordAuthentication no")):
        box.config.write_text(config)
        code, said = box.run("apply", "ssh-password")
        assert code == 1
        assert "change that by hand" in said
        assert box.config.read_text() == config


def test_without_the_address_of_the_process_server_it_asks_for_it(box: Box) -> None:
    config = box.configure(f"{OTHERS}Match Address 10.1.0.5\n PasswordAuthentication no\n")
    code, said = box.run("apply", "ssh-password", server="cs-01")
    assert code == 1
    assert "LIFEBOAT_PEER" in said
    assert box.config.read_text() == config
    assert NOWHERE in (box.folder / "script.sh").read_text()
    assert box.run("apply", "ssh-password", server="", LIFEBOAT_PEER=SERVER)[0] == 0


@pytest.mark.skipif(not Path("/bin/busybox").exists(), reason="busybox is not installed")
def test_a_small_awk_decides_the_same(box: Box) -> None:
    (box.folder / "awk").symlink_to("/bin/busybox")
    box.configure(f"{OTHERS}Match Address 10.1.0.0/24\n PasswordAuthentication no\n")
    assert box.run("apply", "ssh-password")[1] == "changed ssh-password\n"
    assert box.config.read_text().endswith(" PasswordAuthentication yes\n")
