"""OpenSSH's own server on loopback, with settings of a test."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SSHD = Path("/usr/sbin/sshd")


@dataclass(frozen=True)
class Running:
    """A server at work; a HUP signal to `pid` makes it read `config` again."""

    port: int
    pid: int
    config: Path


@contextmanager
def sshd(folder: Path, settings: str, kinds: tuple[str, ...], environment: str = "") -> Iterator[Running]:
    """OpenSSH's server on a free port with host keys of its own; `settings` end its configuration.

    `environment` are words NAME=VALUE for its sessions; a SetEnv in `settings` would not count.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    for kind in kinds:
        made = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(folder / kind)]
        subprocess.run(made, check=True, timeout=60)
    keys = "".join(f"HostKey {folder / kind}\n" for kind in kinds)
    # Whoever runs the tests may have a slow .bashrc, which bash reads under sshd.
    settings = f"SetEnv HOME={folder} {environment}\n{settings}"
    text = f"Port {port}\nListenAddress 127.0.0.1\nPidFile {folder}/pid\nUsePAM no\nStrictModes no\n{keys}{settings}"
    (folder / "config").write_text(text)
    Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen(
        [str(SSHD), "-D", "-e", "-f", str(folder / "config")], stderr=(folder / "log").open("w")
    )
    try:
        wait_for(port)
        yield Running(port, server.pid, folder / "config")
    finally:
        server.terminate()
        server.wait(10)


def wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise


@contextmanager
def agent(folder: Path) -> Iterator[Path]:
    """An SSH agent with one key in this process's environment; yields the public key's file."""
    key = folder / "user"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=60)
    said = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    names = dict(part.split("=", 1) for part in said.replace("\n", ";").split(";") if "=" in part)
    before = dict(os.environ)
    os.environ.update({name: names[name] for name in ("SSH_AUTH_SOCK", "SSH_AGENT_PID")})
    try:
        subprocess.run(["ssh-add", "-q", str(key)], check=True, timeout=60)
        yield folder / "user.pub"
    finally:
        subprocess.run(["ssh-agent", "-k"], check=False, capture_output=True)
        os.environ.clear()
        os.environ.update(before)
