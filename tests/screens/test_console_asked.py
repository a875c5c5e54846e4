"""Servers and history: whole at every width."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rich.cells import cell_len

from screens.console.history_page import _run
from screens.console.servers_page import ServersPage
from screens.style import Line, as_text
from services.evidence.entries import MachineMeasure, Rto
from services.evidence.model import Measures
from services.recovery.infrastructure import servers

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LONG = (
    "The free space of the cache folder of the process server is below the limit, so that replication slows."
)


def _fits(lines: list[Line], width: int) -> str:
    assert [line for line in lines if cell_len(as_text([line])) > width] == []
    return as_text(lines)


@pytest.mark.parametrize("width", [58, 78])
def test_what_is_wrong_with_a_server_is_read_whole(width: int) -> None:
    about = {
        "friendlyName": "ps-01",
        "ipAddress": "10.1.0.6",
        "lastHeartbeat": (NOW - timedelta(minutes=1)).isoformat(),
        "healthErrors": [{"errorMessage": LONG}],
    }
    details = {"instanceType": "VMware", "processServers": [about]}
    fabric = {"name": "f", "properties": {"friendlyName": "cs-01", "customDetails": details}}
    desk: Any = SimpleNamespace()
    shown = _fits(list(ServersPage(desk).said(servers([fabric], NOW), width)), width)
    assert LONG in " ".join(shown.split())


@pytest.mark.parametrize("width", [58, 78])
def test_a_run_is_named_whole_and_measured_below(width: int) -> None:
    target = "the-recovery-plan-of-the-shop-and-of-its-warehouse"
    identity = SimpleNamespace(
        verb="planned-failover", target=target, outcome="cleanup-pending", started="2026-11-21T10:00:00+00:00"
    )
    row: Any = SimpleNamespace(
        record=SimpleNamespace(identity=identity, measures=Measures()),
        rto=660.0,
        rto_change=120.0,
        rpo=90.0,
        rpo_change=None,
    )
    shown = _fits(_run(row, width), width)
    assert shown.startswith("2026-11-21 10:00  cleanup-pending  planned-failover")
    assert target.replace("-", "") in shown.replace("-", "").replace(" ", "").replace("\n", "")
    assert shown.splitlines()[-1].split() == ["RTO", "11", "min", "(+2", "min)", "RPO", "90", "s"]


def test_a_run_that_missed_its_target_is_not_just_done() -> None:
    identity = SimpleNamespace(
        verb="drill", target="app-01", outcome="done", started="2026-11-21T10:00:00+00:00"
    )
    late = Measures(Rto(total=2400.0, target=1800.0), [MachineMeasure("app-01", rpo=90.0, rpo_target=60.0)])
    row: Any = SimpleNamespace(
        record=SimpleNamespace(identity=identity, measures=late),
        rto=2400.0,
        rto_change=None,
        rpo=90.0,
        rpo_change=None,
    )
    shown = _fits(_run(row, 78), 78)
    assert shown.startswith("2026-11-21 10:00  target missed    drill app-01")
    assert [line.strip() for line in shown.splitlines()[2:]] == [
        "RTO target of 30 min missed",
        "RPO target of 60 s missed",
    ]
