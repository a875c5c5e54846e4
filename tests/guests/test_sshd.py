"""SSH against OpenSSH's own server, with modern settings and with those of CentOS 6."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import paramiko
import pytest

from services.guests import ssh
from services.guests.host_keys import HostKeyError, HostKeys
from services.guests.model import Machine
from services.guests.ssh import open_ssh
from services.problems.model import ProblemError
from services.world.clock import Clock
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.openssh import SSHD, agent, sshd
from tests.guests.support import soon

MACHINE = Machine("peer", "10.3.0.1", "Linux", "nobody-here")
OLD = """
HostKeyAlgorithms ssh-rsa
KexAlgorithms diffie-hellman-group14-sha1
Ciphers aes128-cbc
MACs hmac-sha1
PubkeyAcceptedAlgorithms ssh-rsa
"""

pytestmark = pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)")


def world_at(port: int, state: Path) -> World:
    now = datetime.now(UTC)
    dialer = MappedDialer({"10.3.0.1:22": f"127.0.0.1:{port}"}, {})
    return World("practice", "p", {}, Clock(now, now), dialer, state)


def code_of(port: int, folder: Path, keys: HostKeys, **options: bool) -> str:
    """The problem's code; the account does not exist, so that a whole handshake ends in wrong-password."""
    with pytest.raises(ProblemError) as failed:
        open_ssh(MACHINE, "x", world_at(port, folder), soon(), host_keys=keys, **options)  # type: ignore[arg-type]
    return failed.value.problems[0].code


def test_modern_server(tmp_path: Path) -> None:
    keys = HostKeys(tmp_path / "known")
    with sshd(tmp_path, "PasswordAuthentication yes\n", ("ed25519", "rsa")) as server:
        assert code_of(server.port, tmp_path, keys) == "host-key-unknown"
        assert code_of(server.port, tmp_path, keys, accept_new=True) == "wrong-password"
        shown = subprocess.run(
            ["ssh-keygen", "-lf", str(tmp_path / "ed25519.pub")], capture_output=True, text=True, check=True
        ).stdout
        with pytest.raises(HostKeyError) as unknown:
            open_ssh(
                MACHINE, "x", world_at(server.port, tmp_path), soon(), host_keys=HostKeys(tmp_path / "none")
            )
        assert unknown.value.fingerprint in shown


def test_the_known_key_is_asked_for_where_a_server_has_several(tmp_path: Path) -> None:
    keys = HostKeys(tmp_path / "known")
    with sshd(tmp_path, "PasswordAuthentication yes\n", ("ed25519", "rsa")) as server:
        rsa = paramiko.RSAKey(filename=str(tmp_path / "rsa"))
        keys.remember("10.3.0.1", 22, rsa)
        assert code_of(server.port, tmp_path, keys) == "wrong-password"


def test_server_of_the_sha1_era(tmp_path: Path) -> None:
    keys = HostKeys(tmp_path / "known")
    with sshd(tmp_path, OLD + "PasswordAuthentication yes\n", ("rsa",)) as server:
        assert code_of(server.port, tmp_path, keys, accept_new=True) == "old-algorithms"
        assert code_of(server.port, tmp_path, keys, accept_new=True, allow_sha1=True) == "wrong-password"
        assert code_of(server.port, tmp_path, keys, allow_sha1=True) == "wrong-password"


def test_a_server_of_the_sha1_era_is_told_what_it_offers_and_which_option_would_do(tmp_path: Path) -> None:
    with sshd(tmp_path, OLD, ("rsa",)) as server, pytest.raises(ProblemError) as old:
        open_ssh(MACHINE, "x", world_at(server.port, tmp_path), soon(), host_keys=HostKeys(tmp_path / "k"))
    problem = old.value.problems[0]
    assert "key exchange diffie-hellman-group14-sha1;" in problem.what
    assert "host key ssh-rsa;" in problem.what
    assert "MAC hmac-sha1." in problem.what
    assert "cipher" not in problem.what
    assert "--allow-sha1 peer" in problem.remedy


def test_a_server_that_sha1_would_not_help_is_not_offered_it(tmp_path: Path) -> None:
    settings = OLD.replace("aes128-cbc", "chacha20-poly1305@openssh.com")
    with sshd(tmp_path, settings, ("rsa",)) as server, pytest.raises(ProblemError) as old:
        open_ssh(
            MACHINE, "x", world_at(server.port, tmp_path), soon(), host_keys=HostKeys(tmp_path / "k"),
            allow_sha1=True,
        )  # fmt: skip
    assert old.value.problems[0].code == "old-algorithms"
    assert "cipher chacha20-poly1305@openssh.com" in old.value.problems[0].what
    assert "--allow-sha1" not in old.value.problems[0].remedy


def test_consent_changes_nothing_where_something_newer_is_offered(tmp_path: Path) -> None:
    settings = f"AuthorizedKeysFile {tmp_path}/user.pub\nPermitRootLogin yes\n"
    with agent(tmp_path), sshd(tmp_path, settings, ("ed25519",)) as server:
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        shell = open_ssh(
            Machine("peer", "10.3.0.1", "Linux", user), None, world_at(server.port, tmp_path), soon(),
            host_keys=HostKeys(tmp_path / "known"), accept_new=True, agent=True, allow_sha1=True,
        )  # fmt: skip
        assert not any("SHA-1" in note for note in shell.notes)
        shell.close()


def test_server_that_takes_no_password(tmp_path: Path) -> None:
    with sshd(tmp_path, "PasswordAuthentication no\nPubkeyAuthentication yes\n", ("ed25519",)) as server:
        assert code_of(server.port, tmp_path, HostKeys(tmp_path / "known"), accept_new=True) == "password-off"


def test_command_over_a_key_of_the_agent(tmp_path: Path) -> None:
    settings = f"AuthorizedKeysFile {tmp_path}/user.pub\nPermitRootLogin yes\n"
    with agent(tmp_path), sshd(tmp_path, settings, ("ed25519",)) as server:
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        shell = open_ssh(
            Machine("peer", "10.3.0.1", "Linux", user),
            None,
            world_at(server.port, tmp_path),
            soon(),
            host_keys=HostKeys(tmp_path / "known"),
            accept_new=True,
            agent=True,
        )
        output = shell.run("echo out; echo err >&2; exit 7", soon())
        assert (output.stdout, output.stderr, output.code) == ("out\n", "err\n", 7)
        assert len(shell.run("head -c 900000 /dev/zero | tr '\\0' x", soon()).stdout) == 900_000
        shell.close()


def test_a_command_that_says_a_little_now_and_then_is_not_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = f"AuthorizedKeysFile {tmp_path}/user.pub\nPermitRootLogin yes\n"
    with agent(tmp_path), sshd(tmp_path, settings, ("ed25519",)) as server:
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        shell = open_ssh(
            Machine("peer", "10.3.0.1", "Linux", user), None, world_at(server.port, tmp_path), soon(),
            host_keys=HostKeys(tmp_path / "known"), accept_new=True, agent=True,
        )  # fmt: skip
        monkeypatch.setattr(ssh, "MAX_WAIT", 1.5)
        output = shell.run("for n in 1 2 3 4 5 6; do echo $n; sleep 0.5; done", soon())
        assert output.stdout == "1\n2\n3\n4\n5\n6\n"
        shell.close()
