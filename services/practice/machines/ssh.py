"""The SSH servers of Linux machines."""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncssh

from services.practice.machines.inventory import Linux
from services.practice.machines.linux.shell import Answer

Run = Callable[[str], Answer]
SHA1_ONLY: dict[str, Any] = {
    "kex_algs": ["diffie-hellman-group14-sha1"],
    "encryption_algs": ["aes128-cbc", "aes128-ctr"],
    "mac_algs": ["hmac-sha1"],
    "signature_algs": ["ssh-rsa"],
}
"""What an SSH server of 2006 offers."""


class Door(asyncssh.SSHServer):
    """Lets in one user with a password."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == self._user and password == self._password


async def listen(
    sock: socket.socket, machine: Linux, password: str, run: Run, state_dir: Path
) -> asyncssh.SSHAcceptor:
    """Listen on a bound loopback socket, with the host key this machine always had."""
    return await asyncssh.create_server(
        lambda: Door(machine.user, password),
        sock=sock,
        server_host_keys=[_host_key(machine, state_dir)],
        server_version=machine.banner,
        **(SHA1_ONLY if machine.sha1_only else {}),
        process_factory=_session(machine, run),
        encoding="utf-8",
        errors="replace",
    )


def _session(machine: Linux, run: Run) -> Callable[[asyncssh.SSHServerProcess[str]], Awaitable[None]]:
    async def handle(process: asyncssh.SSHServerProcess[str]) -> None:
        if process.command is not None:
            process.exit(_give(process, run(process.command)))
            return
        process.stdout.write(f"[root@{machine.name} ~]# ")
        async for line in process.stdin:
            if line.strip() in ("exit", "logout"):
                break
            _give(process, run(line))
            process.stdout.write(f"[root@{machine.name} ~]# ")
        process.exit(0)

    return handle


def _give(process: asyncssh.SSHServerProcess[str], answer: Answer) -> int:
    process.stdout.write(answer.stdout)
    process.stderr.write(answer.stderr)
    return answer.code


def _host_key(machine: Linux, state_dir: Path) -> asyncssh.SSHKey:
    path = state_dir / f"{machine.name}.hostkey"
    if not path.exists():
        # OpenSSH 5.3 knows no Ed25519.
        old = machine.banner in ("OpenSSH_4.3", "OpenSSH_5.3")
        key = asyncssh.generate_private_key("ssh-rsa" if old else "ssh-ed25519")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(key.export_private_key())
    return asyncssh.read_private_key(str(path))
