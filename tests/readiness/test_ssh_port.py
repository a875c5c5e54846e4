"""SSH on port 22: a greeting is read and no more."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from services.problems.model import CancelledError
from services.readiness import ssh_port
from services.readiness.model import Finding, Status
from services.world.deadline import Deadline
from tests.readiness.shells import machine, world


@contextmanager
def speaker(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on loopback that says something to whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _address = server.accept()
            with client:
                try:
                    speak(client)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


def look(place: str | None, deadline: Deadline | None = None) -> Finding:
    streams = {"10.1.0.11:22": place} if place else {}
    return ssh_port.look(machine(), world(streams).dialer, deadline or Deadline())


def test_a_greeting_is_enough_even_after_other_lines() -> None:
    def speak(client: socket.socket) -> None:
        client.sendall(b"Authorised users only\r\nSSH-2.0-OpenSSH_5.3\r\n")
        client.recv(1)

    with speaker(speak) as place:
        found = look(place)
    assert found.status is Status.OK
    assert found.evidence[0].output == "SSH-2.0-OpenSSH_5.3"


def test_a_refused_port_fails_with_its_cause() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        found = look(f"127.0.0.1:{held.getsockname()[1]}")
    assert found.status is Status.FAILED
    assert "sshd is stopped or listens on another port" in found.cause
    assert found.fix


def test_no_answer_fails_with_another_cause() -> None:
    found = look(None)
    assert found.status is Status.FAILED
    assert "off, or a firewall" in found.cause


def test_another_service_fails_and_what_it_says_is_harmless() -> None:
    with speaker(lambda client: client.sendall(b"\x1b]0;owned\x07220 ftp\r\n")) as place:
        found = look(place)
    assert found.status is Status.FAILED
    assert "220 ftp" in found.evidence[0].output
    assert "\x1b" not in found.evidence[0].output


def test_one_that_never_ends_is_read_to_a_limit() -> None:
    sent = []

    def speak(client: socket.socket) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        while True:
            sent.append(client.send(b"x" * 4_096))

    with speaker(speak) as place:
        assert look(place).status is Status.FAILED
    assert sum(sent) < 16_000_000


def test_a_silent_one_is_given_up_and_a_cancelled_one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_port, "PATIENCE", 0.1)
    gone = threading.Event()

    def hold(_client: socket.socket) -> None:
        gone.wait(10)

    with speaker(hold) as place:
        found = look(place)
        gone.set()
    assert found.status is Status.FAILED
    assert found.evidence[0].output == "nothing"
    stopped = Deadline()
    stopped.cancel()
    with pytest.raises(CancelledError):
        look("127.0.0.1:9", stopped)
