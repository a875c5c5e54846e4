"""A sweep of 200 hosts with every Linux check, against `ansible -m setup` at 50 forks on the same hosts.

The hosts are 127.0.1.1 to 127.0.1.200, Debian's sshd on a high port; both sides log in as root with one key.
Ansible comes from PyPI into an environment of its own below build/.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.guests.openssh import SSHD, agent

ROOT = Path(__file__).parents[2]
ANSIBLE = ROOT / "build/bench/ansible"
HOSTS = 200
FORKS = 50
PYTHON = Path("/usr/bin/python3")
"""Named, so that the peer need not look for it."""
SOCKETS = 16
"""Addresses that one sshd process listens on at most (MAX_LISTEN_SOCKS), so there are a few of the same."""
LIMIT = 1_800
"""Real seconds after which the peer is given up."""


@dataclass(frozen=True)
class Ran:
    """One process and its children: seconds, CPU seconds, the largest resident set of one of them in MiB."""

    seconds: float
    cpu: float
    memory: float
    output: str


def report(hosts: int = HOSTS) -> list[str]:
    """The figures as lines, the ratio first."""
    if not SSHD.exists():
        return [f"sweep        skipped: {SSHD} is not installed"]
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        with agent(folder) as public, _servers(folder, public) as port:
            ours = _ours(folder, port, hosts)
            program = _ansible()
            peer = _peer(program, folder, port, hosts) if program else None
    return _lines(ours, peer, hosts)


def _lines(ours: Ran, peer: Ran | None, hosts: int) -> list[str]:
    told = json.loads(ours.output)
    lines = [
        f"ours         {ours.seconds:.1f} s, {told['seconds']:.1f} s of it the sweep; {ours.cpu:.1f} s CPU",
        f"resident     {ours.memory:.0f} MiB at most",
        f"looked at    {told['entered']} of {hosts} hosts, {told['findings']} findings of {told['checks']} checks",
    ]
    if peer is None:
        return ["sweep        no ratio: ansible could not be installed from PyPI, so it was skipped", *lines]
    answered = peer.output.count("| SUCCESS")
    return [
        f"sweep        {ours.seconds / peer.seconds:.3f} of the time of ansible -m setup at {FORKS} forks",
        *lines,
        f"ansible      {peer.seconds:.1f} s, {peer.cpu:.1f} s CPU, {answered} of {hosts} hosts answered",
    ]


@contextmanager
def _servers(folder: Path, public: Path) -> Iterator[int]:
    """Debian's sshd on 127.0.1.1 to 127.0.1.200 and one port, nowhere else."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host")]
    subprocess.run(made, check=True, timeout=60)
    Path("/run/sshd").mkdir(exist_ok=True)
    _ordinary(folder)
    addresses = ["127.0.0.1", *(f"127.0.1.{number}" for number in range(1, HOSTS + 1))]
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((folder / "log").open("w"))
        for start in range(0, len(addresses), SOCKETS):
            config = folder / f"config-{start}"
            config.write_text(_settings(folder, public, port, addresses[start : start + SOCKETS]))
            server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(config)], stderr=log)
            stack.callback(server.wait, 20)
            stack.callback(server.terminate)
        for address in addresses:
            _await(address, port)
        yield port


def _ordinary(folder: Path) -> None:
    """For both sides a host as it is ordinarily: no start-up files of a developer, apt with its cache on disk."""
    for name in ("home", "apt", "apt.parts"):
        (folder / name).mkdir()
    lines = (
        f'Dir::Etc::Parts "{folder / "apt.parts"}";',
        f'Dir::Cache "{folder / "apt"}";',
        'Dir::Cache::pkgcache "pkgcache.bin";',
        'Dir::Cache::srcpkgcache "srcpkgcache.bin";',
    )
    (folder / "apt.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if shutil.which("apt-cache"):
        environment = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}
        subprocess.run(["apt-cache", "policy", "openssl"], env=environment, capture_output=True, check=False)


def _await(address: str, port: int) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _settings(folder: Path, public: Path, port: int, addresses: Sequence[str]) -> str:
    settings = (
        f"Port {port}",
        *(f"ListenAddress {address}" for address in addresses),
        "PidFile none",
        "UsePAM no",
        "StrictModes no",
        "PermitRootLogin yes",
        "MaxStartups 1000:30:2000",
        f"HostKey {folder / 'host'}",
        f"AuthorizedKeysFile {public}",
        "Subsystem sftp internal-sftp",
        f"SetEnv HOME={folder / 'home'} APT_CONFIG={folder / 'apt.conf'}",
    )
    return "\n".join(settings) + "\n"


def _ours(folder: Path, port: int, hosts: int) -> Ran:
    """The product's sweep; documented private addresses lead to the loopback ones, as in every rehearsal."""
    places = {f"host-{number}": f"10.99.0.{number}" for number in range(1, hosts + 1)}
    network = {f"10.99.0.{number}:22": f"127.0.1.{number}:{port}" for number in range(1, hosts + 1)}
    path = folder / "machines.json"
    path.write_text(json.dumps({"machines": places, "network": network}), encoding="utf-8")
    return _timed([sys.executable, "-m", "tests.bench.swept", str(path)], dict(os.environ))


def _peer(program: Path, folder: Path, port: int, hosts: int) -> Ran:
    inventory = folder / "inventory"
    rows = (
        f"host-{number} ansible_host=127.0.1.{number} ansible_port={port} ansible_user=root "
        f"ansible_python_interpreter={PYTHON if PYTHON.exists() else sys.executable}"
        for number in range(1, hosts + 1)
    )
    inventory.write_text("\n".join(rows) + "\n", encoding="utf-8")
    known = f"-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={folder / 'theirs_known_hosts'}"
    environment = {
        **os.environ,
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_SSH_COMMON_ARGS": known,
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "LC_ALL": "C.UTF-8",
    }
    command = [str(program), "all", "-i", str(inventory), "-m", "setup", "-f", str(FORKS)]
    return _timed(command, environment)


def _timed(command: Sequence[str], environment: dict[str, str]) -> Ran:
    with tempfile.TemporaryFile("w+") as output:
        began = time.monotonic()
        child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.DEVNULL)
        usage = _waited(child)
        seconds = time.monotonic() - began
        output.seek(0)
        text = output.read()
    return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)


def _waited(child: subprocess.Popen[Any]) -> Any:
    """The usage of a child when it has ended; one that does not end is killed."""
    end = time.monotonic() + LIMIT
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return usage
        if time.monotonic() > end:
            child.kill()
        time.sleep(0.05)


def _ansible() -> Path | None:
    """Ansible's program, installed once; None where PyPI does not give it."""
    program = ANSIBLE / "bin/ansible"
    if program.exists():
        return program
    try:
        subprocess.run(
            [sys.executable, "-m", "venv", str(ANSIBLE)], check=True, capture_output=True, timeout=120
        )
        command = [str(ANSIBLE / "bin/pip"), "install", "-q", "ansible-core"]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError):
        return None
    return program if program.exists() else None


if __name__ == "__main__":
    print("\n".join(report(int(sys.argv[1]) if len(sys.argv) > 1 else HOSTS)))
