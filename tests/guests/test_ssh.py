"""SSH against the practice machines, and against servers that misbehave."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from services.guests.host_keys import HostKeyError, HostKeys
from services.guests.model import Machine, Shell
from services.guests.ssh import OUTPUT_LIMIT, open_ssh
from services.problems.model import CancelledError, DeadlineError, ProblemError
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.support import Ground, ground, soon


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("machines")) as running:
        yield running


@pytest.fixture
def keys(tmp_path: Path) -> HostKeys:
    return HostKeys(tmp_path / "state" / "known_hosts")


def enter(place: Ground, name: str, state: Path, keys: HostKeys, port: int = 22) -> Shell:
    machine, password, world = place.machine(name), place.password(name), place.world(state)
    return open_ssh(machine, password, world, soon(), host_keys=keys, port=port, accept_new=True)


@pytest.mark.parametrize(
    ("name", "port", "kernel"),
    [
        ("app-01", 22, "4.4.0-142-generic"),
        ("app-03", 2222, "3.10.0-514.el7.x86_64"),
        ("db-01", 22, "2.6.32-696.el6.x86_64"),
    ],
)
def test_commands_run_on_each_generation(
    place: Ground, keys: HostKeys, tmp_path: Path, name: str, port: int, kernel: str
) -> None:
    shell = open_ssh(
        place.machine(name),
        place.password(name),
        place.world(tmp_path),
        soon(),
        host_keys=keys,
        port=port,
        accept_new=True,
    )
    output = shell.run("uname -r; cat /nowhere", soon())
    assert (output.stdout, output.code) == (kernel + "\n", 1)
    assert "No such file" in output.stderr
    shell.close()


def test_unknown_host_key_is_refused_with_its_fingerprint(
    place: Ground, keys: HostKeys, tmp_path: Path
) -> None:
    machine, world = place.machine("app-01"), place.world(tmp_path)
    with pytest.raises(HostKeyError) as unknown:
        open_ssh(machine, place.password("app-01"), world, soon(), host_keys=keys)
    assert unknown.value.problems[0].code == "host-key-unknown"
    assert unknown.value.fingerprint.startswith("SHA256:")
    assert unknown.value.fingerprint in unknown.value.problems[0].what
    assert keys.known(machine.address, 22) == ()
    open_ssh(machine, place.password("app-01"), world, soon(), host_keys=keys, accept_new=True).close()
    open_ssh(machine, place.password("app-01"), world, soon(), host_keys=keys).close()


def test_only_the_shown_key_is_accepted(place: Ground, keys: HostKeys, tmp_path: Path) -> None:
    machine, world = place.machine("app-02"), place.world(tmp_path)
    with pytest.raises(HostKeyError) as unknown:
        open_ssh(machine, "x", world, soon(), host_keys=keys, accept_new="SHA256:another")
    assert unknown.value.problems[0].code == "host-key-unknown"
    assert keys.known(machine.address, 22) == ()
    shown = unknown.value.fingerprint
    open_ssh(machine, place.password("app-02"), world, soon(), host_keys=keys, accept_new=shown).close()
    assert [key.get_name() for key in keys.known(machine.address, 22)] == ["ssh-ed25519"]


def test_changed_host_key_is_refused_even_when_new_ones_are_accepted(
    place: Ground, keys: HostKeys, tmp_path: Path
) -> None:
    machine = place.machine("app-01")
    keys.remember(machine.address, 22, paramiko.ECDSAKey.generate())
    with pytest.raises(HostKeyError) as changed:
        open_ssh(
            machine, place.password("app-01"), place.world(tmp_path), soon(), host_keys=keys, accept_new=True
        )
    assert changed.value.problems[0].code == "host-key-changed"


def test_keys_of_the_user_are_read_and_never_written(place: Ground, keys: HostKeys, tmp_path: Path) -> None:
    machine, world = place.machine("app-01"), place.world(tmp_path)
    theirs = tmp_path / "theirs"
    open_ssh(
        machine, place.password("app-01"), world, soon(), host_keys=HostKeys(theirs), accept_new=True
    ).close()
    before = theirs.read_bytes()
    open_ssh(
        machine, place.password("app-01"), world, soon(), host_keys=HostKeys(tmp_path / "own", [theirs])
    ).close()
    assert theirs.read_bytes() == before
    assert not (tmp_path / "own").exists()
    assert theirs.stat().st_mode & 0o777 == 0o600


def test_wrong_password(place: Ground, keys: HostKeys, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as wrong:
        open_ssh(
            place.machine("app-01"),
            "Marker-wrong",
            place.world(tmp_path),
            soon(),
            host_keys=keys,
            accept_new=True,
        )
    assert wrong.value.problems[0].code == "wrong-password"
    assert "Marker-wrong" not in repr(wrong.value.problems)


def test_no_password_is_said_before_anything_is_tried(place: Ground, keys: HostKeys, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as none:
        open_ssh(
            place.machine("app-01"), None, place.world(tmp_path), soon(), host_keys=keys, accept_new=True
        )
    assert none.value.problems[0].code == "no-secret"


@pytest.mark.parametrize(("name", "code"), [("app-03", "refused"), ("web-04", "unreachable")])
def test_no_ssh_there(place: Ground, keys: HostKeys, tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(ProblemError) as failed:
        open_ssh(place.machine(name), "x", place.world(tmp_path), soon(), host_keys=keys)
    assert failed.value.problems[0].code == code
    assert failed.value.problems[0].subject == name


MACHINE = Machine("m", "10.2.0.1", "Linux", "root")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def world_at(place: Ground, state: Path, server: socket.socket) -> World:
    dialer = MappedDialer({"10.2.0.1:22": f"127.0.0.1:{server.getsockname()[1]}"}, {})
    return replace(place.world(state), dialer=dialer)


def test_hanging_server_ends_at_the_deadline(
    place: Ground, keys: HostKeys, tmp_path: Path, listener: socket.socket
) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlineError):
        open_ssh(MACHINE, "x", world_at(place, tmp_path, listener), Deadline(0.6), host_keys=keys)
    assert 0.5 < time.monotonic() - began < 5


def test_cancel_ends_a_hanging_server_at_once(
    place: Ground, keys: HostKeys, tmp_path: Path, listener: socket.socket
) -> None:
    deadline = Deadline(60)
    threading.Timer(0.3, deadline.cancel).start()
    with pytest.raises(CancelledError):
        open_ssh(MACHINE, "x", world_at(place, tmp_path, listener), deadline, host_keys=keys)


def test_server_that_is_no_ssh(
    place: Ground, keys: HostKeys, tmp_path: Path, listener: socket.socket
) -> None:
    def talk() -> None:
        connection = listener.accept()[0]
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n" * 200)
        connection.close()

    threading.Thread(target=talk, daemon=True).start()
    with pytest.raises(ProblemError) as failed:
        open_ssh(MACHINE, "x", world_at(place, tmp_path, listener), soon(), host_keys=keys)
    assert failed.value.problems[0].code in ("ssh", "link-lost")


def test_output_is_bounded(place: Ground, keys: HostKeys, tmp_path: Path) -> None:
    shell = open_ssh(
        place.machine("app-04"),
        place.password("app-04"),
        place.world(tmp_path),
        soon(),
        host_keys=keys,
        accept_new=True,
    )
    line = "x" * 1000
    files = " ".join(["/etc/many"] * 20)
    shell.run("; ".join([f"echo {line} >> /etc/many"] * 100), soon())
    whole = shell.run(f"cat {' '.join(['/etc/many'] * 10)}", soon())
    assert len(whole.stdout) == 10 * 100 * 1001
    with pytest.raises(ProblemError) as much:
        shell.run(f"cat {files}", soon())
    assert much.value.problems[0].code == "output-too-long"
    assert OUTPUT_LIMIT < 20 * 100 * 1001
    assert shell.run("hostname", soon()).stdout == "app-04\n"
    shell.close()


def test_closed_session_is_a_lost_link(place: Ground, keys: HostKeys, tmp_path: Path) -> None:
    shell = open_ssh(
        place.machine("app-01"),
        place.password("app-01"),
        place.world(tmp_path),
        soon(),
        host_keys=keys,
        accept_new=True,
    )
    shell.close()
    with pytest.raises(ProblemError) as lost:
        shell.run("hostname", soon())
    assert lost.value.problems[0].code == "link-lost"


def test_known_hosts_with_hashed_names_and_broken_lines(tmp_path: Path) -> None:
    key, other = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
    hashed = paramiko.HostKeys.hash_host("10.2.0.1")
    lines = [
        "# a comment",
        "10.2.0.1 ssh-rsa not-base64!",
        "10.2.0.1",
        "@revoked 10.2.0.1 ssh-rsa AAAA",
        f"{hashed} {key.get_name()} {key.get_base64()}",
        f"[10.2.0.1]:2222,other {other.get_name()} {other.get_base64()}",
    ]
    theirs = tmp_path / "theirs"
    theirs.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\n")
    keys = HostKeys(tmp_path / "own", [theirs, tmp_path / "absent", tmp_path])
    assert keys.known("10.2.0.1", 22) == (key,)
    assert keys.known("10.2.0.1", 2222) == (other,)
    assert keys.known("10.2.0.2", 22) == ()
    keys.remember("10.2.0.1", 22, other)
    keys.check("10.2.0.1", 22, key)
    keys.check("10.2.0.1", 22, other)
