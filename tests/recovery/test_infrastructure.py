"""Servers against the documented alert limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.readiness.model import Status
from services.recovery.infrastructure import servers

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def fabric(**about: Any) -> dict[str, Any]:
    healthy = {
        "friendlyName": "ps-01",
        "lastHeartbeat": (NOW - timedelta(minutes=1)).isoformat(),
        "psServiceStatus": "Running",
        "cpuLoad": "10",
        "totalSpaceInBytes": 100,
        "availableSpaceInBytes": 90,
        "versionStatus": "UpToDate",
        "agentVersion": "9.65",
    }
    server = {"instanceType": "VMware", "processServers": [{**healthy, **about}]}
    return {"name": "f", "properties": {"friendlyName": "cs-01", "customDetails": server}}


@pytest.mark.parametrize(
    ("about", "reading", "status"),
    [
        ({"cpuLoad": "80"}, "cpu", Status.OK),
        ({"cpuLoad": "81"}, "cpu", Status.WARNING),
        ({"cpuLoad": "96"}, "cpu", Status.FAILED),
        ({"availableSpaceInBytes": 29}, "cache", Status.WARNING),
        ({"availableSpaceInBytes": 24}, "cache", Status.FAILED),
        ({"lastHeartbeat": (NOW - timedelta(minutes=15)).isoformat()}, "heartbeat", Status.FAILED),
        ({"lastHeartbeat": (NOW - timedelta(minutes=14)).isoformat()}, "heartbeat", Status.OK),
        ({"lastHeartbeat": None}, "heartbeat", Status.FAILED),
        ({"psServiceStatus": "Stopped"}, "services", Status.FAILED),
        ({"versionStatus": "UpdateAvailable"}, "version", Status.WARNING),
        ({"versionStatus": "Supported"}, "version", Status.OK),
        ({"versionStatus": "Deprecated"}, "version", Status.WARNING),
    ],
)
def test_limits(about: dict[str, Any], reading: str, status: Status) -> None:
    process_server = servers([fabric(**about)], NOW)[1]
    assert {one.id: one.status for one in process_server.readings}[reading] is status
    assert process_server.status is (status if status is not Status.OK else Status.OK)


def test_a_fabric_of_another_kind_has_no_servers() -> None:
    assert servers([{"properties": {"customDetails": {"instanceType": "VMM"}}}], NOW) == []
