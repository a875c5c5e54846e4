"""What can be wrong with a machine: each is its own finding with a cause and a next action, and stops nothing else."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
import pytest

from services.guests.host_keys import HostKeys
from services.guests.model import Machine
from services.problems.model import ProblemError
from services.readiness.doors import OWN_KEYS, Doors, KeyRules
from services.readiness.guest_checks import GUEST_CHECKS, REACHABLE
from services.readiness.model import Finding, Status
from services.readiness.sweep import sweep
from services.readiness.visit import Ground
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.openssh import SSHD, sshd
from tests.guests.support import soon
from tests.guests.test_sshd import OLD
from tests.readiness.shells import TRUE

pytestmark = pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)")

USER = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


class Expired(asyncssh.SSHServer):
    """Takes the password and asks for a new one first."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        raise asyncssh.PasswordChangeRequired("Your password has expired")


@dataclass
class Peers:
    """Real servers, each with its own fault, and a healthy one."""

    world: World
    folder: Path

    def found(self, names: tuple[str, ...]) -> dict[str, Finding]:
        machines = [self.machine(name) for name in names]
        secrets = {
            name: "Marker-wrong" for name in names if name not in ("healthy", "expired-at-work", "no-key")
        }
        doors = Doors(self.world, secrets, KeyRules(accept_new=True))
        reachable = [one for one in GUEST_CHECKS if one.check is REACHABLE]
        looked = reachable + [one for one in GUEST_CHECKS if one.check.id == "os-supported"]
        found = sweep(
            machines, Ground(self.world, doors, TRUE), Deadline(60), lambda _one: None, checks=looked
        )
        return {one.target: one for one in found if one.id == "reachable" or one.status is not Status.OK}

    def machine(self, name: str) -> Machine:
        own = {
            "healthy": Machine(name, "", "Linux", USER, key=str(self.folder / "user")),
            "no-key": Machine(name, "", "Linux", USER, key=str(self.folder / "stranger")),
            "expired-at-work": Machine(name, "", "Linux", USER, key=str(self.folder / "user")),
            "no-winrm": Machine(name, "", "Windows", "Administrator"),
        }
        machine = own.get(name, Machine(name, "", "Linux", "nobody-here"))
        return replace(machine, address=ADDRESSES[name])


NAMES = (
    "healthy", "unreachable", "refused", "wrong-password", "password-off", "expired", "expired-at-work",
    "changed", "revoked", "old", "no-ssh", "no-key", "no-winrm",
)  # fmt: skip
ADDRESSES = {name: f"10.4.0.{number}" for number, name in enumerate(NAMES, 1)}
EXPECTED = {
    "unreachable": ("unreachable", "does not answer"),
    "refused": ("refused", "refuses the connection"),
    "wrong-password": ("wrong-password", "does not accept the password of nobody-here"),
    "password-off": ("password-off", "takes no password, only: publickey"),
    "expired": ("password-expired", "has expired"),
    "changed": ("host-key-changed", "another host key than before"),
    "revoked": ("host-key-revoked", "marked as revoked"),
    "old": ("old-algorithms", "diffie-hellman-group14-sha1"),
    "no-ssh": ("ssh", "does not speak SSH"),
    "no-key": ("key-refused", "accepts none of the keys"),
    "no-winrm": ("winrm", "does not speak WinRM"),
}


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    folder = tmp_path_factory.mktemp("peers")
    for name in ("user", "stranger"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(made, check=True, timeout=60)
    for name in ("plain", "off", "forced", "old"):
        (folder / name).mkdir()
    keys = f"AuthorizedKeysFile {folder}/user.pub\nPermitRootLogin yes\n"
    forced = 'ForceCommand sh -c "echo Password change required but no TTY available. >&2; exit 1"\n'
    key = asyncssh.read_private_key(str(folder / "stranger"))
    with (
        sshd(folder / "plain", f"{keys}PasswordAuthentication yes\n", ("ed25519",)) as plain,
        sshd(
            folder / "off",
            f"{keys}PasswordAuthentication no\nKbdInteractiveAuthentication no\n",
            ("ed25519",),
        ) as off,
        sshd(folder / "forced", keys + forced, ("ed25519",)) as force,
        sshd(folder / "old", OLD + keys, ("rsa",)) as old,
        listening(lambda: asyncio.start_server(as_web, "127.0.0.1", 0)) as web,
        listening(lambda: asyncssh.create_server(Expired, "127.0.0.1", 0, server_host_keys=[key])) as change,
    ):
        ports = {
            **dict.fromkeys(("healthy", "wrong-password", "changed", "revoked", "no-key"), plain.port),
            "password-off": off.port, "expired-at-work": force.port, "expired": change, "old": old.port,
            "no-ssh": web, "refused": 1,
        }  # fmt: skip
        network = {f"{ADDRESSES[name]}:22": f"127.0.0.1:{port}" for name, port in ports.items()}
        network[f"{ADDRESSES['no-winrm']}:5985"] = f"127.0.0.1:{web}"
        now = datetime.now(UTC)
        dialer = MappedDialer(network, {})
        world = World("live", "l", {}, Clock(now, now), dialer, folder / "state", ssh=("ssh", "-F", "none"))
        known = HostKeys(world.state / OWN_KEYS)
        known.remember(ADDRESSES["changed"], 22, paramiko.Ed25519Key(filename=str(folder / "stranger")))
        public = (folder / "plain" / "ed25519.pub").read_text()
        (folder / "users").write_text(f"@revoked {ADDRESSES['revoked']} {public}")
        yield Peers(replace(world, known_hosts=(folder / "users",)), folder)


@contextmanager
def listening(opening: Callable[[], Awaitable[Any]]) -> Iterator[int]:
    """A server in a thread of its own; yields its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def opened() -> Any:
        return await opening()

    server = asyncio.run_coroutine_threadsafe(opened(), loop).result(10)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def as_web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer everything as a web server does."""
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await reader.read(4_096)
    writer.close()


@pytest.fixture(scope="module")
def found(peers: Peers) -> dict[str, Finding]:
    return peers.found(("healthy", *EXPECTED))


@pytest.mark.parametrize("name", EXPECTED)
def test_each_fault_has_its_own_finding(found: dict[str, Finding], name: str) -> None:
    code, words = EXPECTED[name]
    one = found[name]
    away = code in ("unreachable", "refused")
    assert one.status is (Status.UNKNOWN if away else Status.FAILED), one
    assert one.evidence[0].output.startswith(f"{code}:"), one
    assert words in one.what
    assert one.cause
    assert one.fix
    assert "Marker" not in repr(vars(one))


def test_no_two_faults_say_the_same(found: dict[str, Finding]) -> None:
    said = [(found[name].cause, found[name].fix) for name in EXPECTED]
    assert len(set(said)) == len(said)


def test_the_healthy_machine_among_them_is_looked_at(found: dict[str, Finding]) -> None:
    assert found["healthy"].status is Status.OK or found["healthy"].id == "os-supported"


def test_a_password_that_expired_shows_at_the_first_command(peers: Peers) -> None:
    shell = Doors(peers.world, {}, KeyRules(accept_new=True))(peers.machine("expired-at-work"), soon())
    with pytest.raises(ProblemError) as expired:
        shell.run("id -u", soon())
    shell.close()
    assert expired.value.problems[0].code == "password-expired"
