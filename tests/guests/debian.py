"""A Debian machine of its own: this host's system under an overlay, in namespaces, with OpenSSH on port 22.

Its files, its host name, its network, its processes and its packages are its own; what is done to it is gone with
it. Everything lies where Debian keeps it, root's home is as just installed, and sshd is started and reloaded by
Debian's own script.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.guests.model import Machine
from services.world.clock import Clock
from services.world.deadline import MAX_WAIT, Deadline
from services.world.model import World
from tests.guests.openssh import SSHD
from tests.practice_world import ROOT

ADDRESS, NAME, PASSWORD = "10.3.0.1", "app-01", "Root's $pa ss-w0rd"
MACHINE = Machine(NAME, ADDRESS, "Linux", "root")
SETTINGS = "PasswordAuthentication yes\nPermitRootLogin yes\nUsePAM yes\nSubsystem sftp /usr/lib/openssh/sftp-server\n"
PROGRAMS = ("unshare", "nsenter", "ip", "chroot", "dpkg")
CONSOLE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLONE_NEWNET = 0x40000000
# The overlay's own files lie on a tmpfs: a folder of the test may itself be an overlay, which takes none on top.
MADE = """
set -e
mount --make-rprivate /
mount -t tmpfs -o size=4g none /mnt
mkdir -p /mnt/up /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work /mnt/root
cd /mnt/root
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs -o size=300m none tmp
mount -t tmpfs none run
mount -t tmpfs none root
cp etc/skel/.bashrc etc/skel/.profile root
mkdir -p run/sshd run/lock
hostname "$1"
ip link set lo up
ip link add name adapter type veth peer name far
ip link set adapter up
ip link set far up
ip address add "$2/24" dev adapter
printf '127.0.0.1 localhost\\n%s %s\\n' "$2" "$1" > etc/hosts
rm -rf etc/ssh/sshd_config.d/* etc/ssh/ssh_host_* etc/rc?.d/S* var/lib/apt/lists/*
printf '%s' "$4" > etc/ssh/sshd_config
exec chroot . sh -c 'ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
printf "root:%s\\n" "$1" | chpasswd && update-rc.d ssh defaults && service ssh start >&2 && echo ready
exec sleep 100000' sh "$3"
"""


@dataclass(frozen=True)
class Debian:
    """The machine while it runs; `pid` is its first process."""

    pid: int
    state: Path

    @property
    def root(self) -> Path:
        """Its files, as this host sees them."""
        return Path(f"/proc/{self.pid}/root")

    def run(self, script: str) -> str:
        """Run a shell script on it as root at its console; what it printed."""
        inside = [
            "nsenter",
            "-t",
            str(self.pid),
            "-a",
            f"-r/proc/{self.pid}/root",
            "sh",
            "-ec",
            f"cd /; {script}",
        ]
        done = subprocess.run(
            inside, capture_output=True, text=True, timeout=60, check=False, env={"PATH": CONSOLE_PATH}
        )
        assert done.returncode == 0, f"{script}: {done.stderr}"
        return done.stdout

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        """A connection made from within its network, where nothing but the machine is."""
        with _within(self.pid):
            sock = socket.socket()
        sock.settimeout(deadline.left(MAX_WAIT))
        try:
            sock.connect((host, port))
        except BaseException:
            sock.close()
            raise
        return sock

    def endpoint(self, host: str, port: int) -> tuple[str, int]:
        return host, port

    def datagram(self, host: str, port: int) -> tuple[str, int]:
        return host, port

    @property
    def world(self) -> World:
        """A live world that consists of this machine."""
        now = datetime.now(UTC)
        return World("live", "l", {}, Clock(now, now), self, self.state, ssh=("ssh", "-F", "none"))

    def files(self) -> dict[str, bytes]:
        """What readiness may change on it, and what it could leave beside that."""
        kept = [*self.root.glob("etc/hosts*"), *self.root.glob("etc/ssh/sshd_config*")]
        kept += self.root.glob("etc/**/*lifeboat*")
        return {str(path): path.read_bytes() for path in kept if path.is_file()}


@contextmanager
def _within(pid: int) -> Iterator[None]:
    """This thread in the network of a process; sockets made there stay there."""
    libc = ctypes.CDLL(None, use_errno=True)
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    other = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if libc.setns(other, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        yield
        assert libc.setns(own, CLONE_NEWNET) == 0
    finally:
        os.close(own)
        os.close(other)


def lacking() -> str:
    """Why no such machine can be made here; empty when it can."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return "only root on Linux may make a machine of its own"
    missing = [one for one in PROGRAMS if shutil.which(one) is None]
    if missing or not SSHD.exists():
        return f"missing: {', '.join(missing) or 'openssh-server'}"
    tried = "mount --make-rprivate / && mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w /mnt/r && "
    tried += "mount -t overlay o -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r && "
    tried += "ip link add name near type veth peer name far"
    made = ["unshare", "--mount", "--uts", "--net", "sh", "-ec", tried]
    done = subprocess.run(made, capture_output=True, text=True, timeout=60, check=False)
    return f"no namespaces or overlays here: {done.stderr.strip()}" if done.returncode else ""


@contextmanager
def debian(state: Path, settings: str = SETTINGS) -> Iterator[Debian]:
    """The machine, ready to be entered by root with PASSWORD; `state` is for the world that looks at it."""
    why = lacking()
    if why:
        pytest.skip(why)
    spaces = ["--mount", "--uts", "--ipc", "--pid", "--net", "--fork", "--kill-child"]
    with (state.parent / f"{state.name}.log").open("w+") as log:
        made = ["unshare", *spaces, "sh", "-c", MADE, "sh", NAME, ADDRESS, PASSWORD, settings]
        holder = subprocess.Popen(made, stdout=subprocess.PIPE, stderr=log, text=True)
        assert holder.stdout is not None
        try:
            said = holder.stdout.readline()
            assert said == "ready\n", f"{said}{Path(log.name).read_text()}"
            children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
            yield Debian(int(children[0]), state)
        finally:
            holder.kill()
            holder.wait(10)
            holder.stdout.close()


def lifeboat(here: Debian, *arguments: str, secret: str = PASSWORD) -> subprocess.CompletedProcess[bytes]:
    """Run the program in the machine's network, where its live world is; the secret is env:MACHINE_SECRET."""
    inside = ["nsenter", "-t", str(here.pid), "-n", sys.executable, "-m", "tui", "--state", str(here.state)]
    given = {**os.environ, "MACHINE_SECRET": secret}
    return subprocess.run(
        [*inside, *arguments], cwd=ROOT, env=given, capture_output=True, timeout=120, check=False
    )


def listed(folder: Path, user: str = "root") -> str:
    """A list of machines that has this one."""
    path = folder / "machines.csv"
    path.write_text(f"name,address,os,user,secret\n{NAME},{ADDRESS},Linux,{user},env:MACHINE_SECRET\n")
    return str(path)
