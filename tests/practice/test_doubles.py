"""The guests of machines in Azure answer while their machine runs."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.practice.clients import Arm
from tests.practice.drills import Vault
from tests.practice_world import running_world


def listens(world: dict[str, Any], place: str) -> bool:
    """Does somebody accept a connection there?"""
    host, _, port = world["network"][place].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def page(world: dict[str, Any], place: str) -> str:
    """The page that the application shows, once it is up."""
    deadline = time.monotonic() + 20
    url = f"http://{world['network'][place]}/"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with opener.open(url, timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            assert time.monotonic() < deadline


def hostname(world: dict[str, Any], place: str) -> str:
    """What the guest calls itself over SSH."""
    import paramiko

    machine = next(m for m in world["machines"] if m["name"] == "app-01")
    host, _, port = world["network"][place].rpartition(":")
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(
        host, int(port), machine["user"], machine["password"], look_for_keys=False, allow_agent=False
    )
    try:
        return str(client.exec_command("hostname")[1].read().decode().strip())
    finally:
        client.close()


def test_a_test_machine_answers_like_its_source_until_it_is_gone(tmp_path: Path) -> None:
    with running_world(tmp_path, speed=1200, items=12) as world:
        vault = Vault(Arm(world))
        places = ("10.42.1.11:22", "10.42.1.11:80", "10.42.1.31:5985", "10.42.1.31:80")
        assert not any(listens(world, place) for place in places)
        vault.done(vault.drill("app-01"))
        vault.done(vault.drill("web-01"))
        assert "app-01 at 10.42.1.11" in page(world, "10.42.1.11:80")
        assert "web-01 at 10.42.1.31" in page(world, "10.42.1.31:80")
        assert hostname(world, "10.42.1.11:22") == "app-01"
        assert listens(world, "10.42.1.31:5985")
        assert not listens(world, "10.42.2.11:22")
        assert vault.arm.done(vault.arm("POST", vault.machine("app-01-test") + "/deallocate")) == "Succeeded"
        assert not listens(world, "10.42.1.11:22")
        assert vault.arm.done(vault.arm("POST", vault.machine("app-01-test") + "/start")) == "Succeeded"
        assert listens(world, "10.42.1.11:22")
        vault.done(vault.post("app-01", "testFailoverCleanup", {"comments": ""}))
        assert not listens(world, "10.42.1.11:22")
        assert not listens(world, "10.42.1.11:80")
