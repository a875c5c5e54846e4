"""Practice and live cannot be mixed up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.azure.hub import Hub, HubSignIn
from services.problems.model import RefusedError
from services.world.build import live_world, practice_world
from services.world.deadline import Deadline
from services.world.settings import Settings

DESCRIPTION: dict[str, Any] = {
    "arm": "https://localhost:4001",
    "authority": "https://localhost:4001",
    "audience": "https://localhost:4001/",
    "ca": "/nowhere/ca.pem",
    "clock": {"real": "2026-11-21T10:00:00Z", "world": "2026-11-21T10:00:00Z", "speed": 60.0},
    "network": {"10.1.0.11:22": "127.0.0.1:4002"},
    "timeServers": {"time.windows.com": "127.0.0.1:4003"},
    "machines": [],
    "secrets": {},
}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "LOCALHOST."])
def test_the_live_world_does_not_go_to_this_host(host: str, tmp_path: Path) -> None:
    world = live_world(tmp_path, Settings())
    with pytest.raises(RefusedError, match="--practice"):
        world.dialer.connect(host, 22, Deadline(5))
    with pytest.raises(RefusedError):
        world.dialer.datagram(host, 123)


@pytest.mark.parametrize(
    "change",
    [
        {"arm": "https://management.azure.com"},
        {"authority": "https://login.microsoftonline.com"},
        {"network": {"10.1.0.11:22": "10.1.0.11:22"}},
        {"timeServers": {"time.windows.com": "192.0.2.1:123"}},
        {"hub": {"arm": "https://management.local.azurestack.external"}},
    ],
)
def test_a_practice_world_that_leads_elsewhere_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="away from this host"):
        practice_world({**DESCRIPTION, **change}, tmp_path)


@pytest.mark.parametrize(
    ("practice", "address", "where"),
    [
        (True, "https://management.local.azurestack.external", "away from this host"),
        (True, "https://192.0.2.1:443", "away from this host"),
        (False, "https://localhost:4001", "--practice"),
    ],
)
def test_a_hub_of_the_other_world_is_not_spoken_to(
    practice: bool, address: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one address of a service that somebody types."""
    dialed: list[Any] = []
    monkeypatch.setattr("socket.socket.connect", lambda _socket, target: dialed.append(target))
    world = practice_world(DESCRIPTION, tmp_path) if practice else live_world(tmp_path, Settings())
    given = HubSignIn(address, "entra", "t", "c", "s", "sub", "2020-09-01-hybrid")
    with pytest.raises(RefusedError, match=where):
        _ = Hub(world, given).endpoints
    assert dialed == []


def test_practice_has_a_folder_of_its_own(tmp_path: Path) -> None:
    practice, live = practice_world(DESCRIPTION, tmp_path), live_world(tmp_path, Settings())
    assert practice.state != live.state
    assert practice.id != live.id


def test_a_machine_outside_the_practice_network_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No route"):
        practice_world(DESCRIPTION, tmp_path).dialer.connect("10.1.0.99", 22, Deadline(5))
