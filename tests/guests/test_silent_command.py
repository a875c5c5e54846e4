"""A machine that takes a command and then says nothing, as one that hangs or whose link was cut without a word."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import paramiko
import pytest

from services.guests.host_keys import HostKeys
from services.guests.model import Machine, Shell
from services.guests.ssh import open_ssh
from services.problems.model import CancelledError, DeadlineError
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.support import soon

MACHINE = Machine("m", "10.2.0.1", "Linux", "root")


class Silent(paramiko.ServerInterface):
    """Lets everybody in and never answers the request for a command."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.common.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self.over.wait(60)
        return False


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    rules = Silent()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            transport = paramiko.Transport(listener.accept()[0])
            transport.add_server_key(paramiko.ECDSAKey.generate())
            transport.start_server(server=rules)

        threading.Thread(target=serve, daemon=True).start()
        dialer = MappedDialer({"10.2.0.1:22": f"127.0.0.1:{listener.getsockname()[1]}"}, {})
        now = datetime.now(UTC)
        world = World("practice", "p", {}, Clock(now, now), dialer, tmp_path)
        keys = HostKeys(tmp_path / "known")
        opened = open_ssh(MACHINE, "x", world, soon(), host_keys=keys, accept_new=True)
        try:
            yield opened
        finally:
            rules.over.set()
            opened.close()


def ends(shell: Shell, deadline: Deadline) -> tuple[str, float]:
    """What a command comes to there, and after how long; in a thread, since it may never end."""
    came: list[str] = []

    def run() -> None:
        try:
            shell.run("hostname", deadline)
        except (CancelledError, DeadlineError) as error:
            came.append(type(error).__name__)

    began = time.monotonic()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(5)
    return "".join(came), time.monotonic() - began


def test_it_ends_at_the_deadline(shell: Shell) -> None:
    came, seconds = ends(shell, Deadline(0.5))
    assert (came, seconds < 3) == ("DeadlineError", True)


def test_it_ends_when_it_is_cancelled(shell: Shell) -> None:
    deadline = Deadline(60)
    threading.Timer(0.3, deadline.cancel).start()
    came, seconds = ends(shell, deadline)
    assert (came, seconds < 3) == ("CancelledError", True)
