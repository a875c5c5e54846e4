"""SSH against OpenSSH's own server, with modern settings and with those of CentOS 6."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import paramiko
import pytest

from services.guests.host_keys import HostKeyError, HostKeys
from services.guests.model import Machine
from services.guests.ssh import open_ssh
from services.problems.model import ProblemError
from services.world.clock import Clock
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.support import soon

SSHD = Path("/usr/sbin/sshd")
MACHINE = Machine("peer", "10.3.0.1", "Linux", "nobody-here")
OLD = """
HostKeyAlgorithms ssh-rsa
KexAlgorithms diffie-hellman-group14-sha1
Ciphers aes128-cbc
MACs hmac-sha1
PubkeyAcceptedAlgorithms ssh-rsa
"""

pytestmark = pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)")


@contextmanager
def sshd(folder: Path, settings: str, kinds: tuple[str, ...]) -> Iterator[int]:
    """OpenSSH's server on a free port with host keys of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    for kind in kinds:
        made = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(folder / kind)]
        subprocess.run(made, check=True, timeout=60)
    keys = "".join(f"HostKey {folder / kind}\n" for kind in kinds)
    text = f"Port {port}\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\nStrictModes no\n{keys}{settings}"
    (folder / "config").write_text(text)
    Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen(
        [str(SSHD), "-D", "-e", "-f", str(folder / "config")], stderr=(folder / "log").open("w")
    )
    try:
        wait_for(port)
        yield port
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


def world_at(port: int, state: Path) -> World:
    now = datetime.now(UTC)
    dialer = MappedDialer({"10.3.0.1:22": f"127.0.0.1:{port}"}, {})
    return World("practice", "p", {}, Clock(now, now), dialer, state)


def code_of(port: int, folder: Path, keys: HostKeys, **options: bool) -> str:
    """The problem's code; the account does not exist, so that a whole handshake ends in wrong-password."""
    with pytest.raises(ProblemError) as failed:
        open_ssh(MACHINE, "x", world_at(port, folder), soon(), host_keys=keys, **options)
    return failed.value.problems[0].code


def test_modern_server(tmp_path: Path) -> None:
    keys = HostKeys(tmp_path / "known")
    with sshd(tmp_path, "PasswordAuthentication yes\n", ("ed25519", "rsa")) as port:
        assert code_of(port, tmp_path, keys) == "host-key-unknown"
        assert code_of(port, tmp_path, keys, accept_new=True) == "wrong-password"
        shown = subprocess.run(
            ["ssh-keygen", "-lf", str(tmp_path / "ed25519.pub")], capture_output=True, text=True, check=True
        ).stdout
        with pytest.raises(HostKeyError) as unknown:
            open_ssh(MACHINE, "x", world_at(port, tmp_path), soon(), host_keys=HostKeys(tmp_path / "none"))
        assert unknown.value.fingerprint in shown


def test_the_known_key_is_asked_for_where_a_server_has_several(tmp_path: Path) -> None:
    keys = HostKeys(tmp_path / "known")
    with sshd(tmp_path, "PasswordAuthentication yes\n", ("ed25519", "rsa")) as port:
        rsa = paramiko.RSAKey(filename=str(tmp_path / "rsa"))
        keys.remember("10.3.0.1", 22, rsa)
        assert code_of(port, tmp_path, keys) == "wrong-password"


def test_server_of_the_sha1_era(tmp_path: Path) -> None:
    keys = HostKeys(tmp_path / "known")
    with sshd(tmp_path, OLD + "PasswordAuthentication yes\n", ("rsa",)) as port:
        assert code_of(port, tmp_path, keys, accept_new=True) == "old-algorithms"
        assert code_of(port, tmp_path, keys, accept_new=True, allow_sha1=True) == "wrong-password"
        assert code_of(port, tmp_path, keys, allow_sha1=True) == "wrong-password"


def test_server_that_takes_no_password(tmp_path: Path) -> None:
    with sshd(tmp_path, "PasswordAuthentication no\nPubkeyAuthentication yes\n", ("ed25519",)) as port:
        assert code_of(port, tmp_path, HostKeys(tmp_path / "known"), accept_new=True) == "password-off"


def test_command_over_a_key_of_the_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = f"AuthorizedKeysFile {tmp_path}/user.pub\nPermitRootLogin yes\n"
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "user")]
    subprocess.run(made, check=True, timeout=60)
    agent = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    names = dict(part.split("=", 1) for part in agent.replace("\n", ";").split(";") if "=" in part)
    monkeypatch.setenv("SSH_AUTH_SOCK", names["SSH_AUTH_SOCK"])
    monkeypatch.setenv("SSH_AGENT_PID", names["SSH_AGENT_PID"])
    try:
        subprocess.run(["ssh-add", "-q", str(tmp_path / "user")], check=True, timeout=60)
        with sshd(tmp_path, settings, ("ed25519",)) as port:
            user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
            shell = open_ssh(
                Machine("peer", "10.3.0.1", "Linux", user),
                None,
                world_at(port, tmp_path),
                soon(),
                host_keys=HostKeys(tmp_path / "known"),
                accept_new=True,
                agent=True,
            )
            output = shell.run("echo out; echo err >&2; exit 7", soon())
            assert (output.stdout, output.stderr, output.code) == ("out\n", "err\n", 7)
            assert len(shell.run("head -c 900000 /dev/zero | tr '\\0' x", soon()).stdout) == 900_000
            shell.close()
    finally:
        subprocess.run(["ssh-agent", "-k"], check=False, capture_output=True)
