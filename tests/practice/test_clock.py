"""World time, and effects that do not care whether anybody was looking."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.practice import effects
from services.practice.clock import LEASE_SECONDS, Clock, http_date, resumed, stamp
from services.practice.store import Store


def test_world_time_runs_at_its_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(1000.0, 5000.0, 60.0)
    monkeypatch.setattr(time, "time", lambda: 1010.0)
    assert clock.seconds() == 5600.0
    assert clock.now().timestamp() == 5600.0
    assert clock.real_seconds(90.0) == 1.5


def test_stopped_servers_let_time_pass_at_real_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    clock = resumed((900.0, 5000.0, 60.0), 3600.0)
    assert clock.seconds() == 5000.0 + LEASE_SECONDS * 60.0 + (100.0 - LEASE_SECONDS)
    assert clock.speed == 3600.0
    assert resumed(None, 1.0).seconds() == 1000.0


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_speed_that_cannot_be(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        Clock(0.0, 0.0, speed)


def test_times_are_written_as_azure_writes_them() -> None:
    assert stamp(0.25) == "1970-01-01T00:00:00.2500000Z"
    assert http_date(784111777.0) == "Sun, 06 Nov 1994 08:49:37 GMT"  # the example of RFC 9110


@effects.effect("test-chain")
def chain(store: Store, at: float, payload: dict[str, Any]) -> None:
    """Note the time; set off another effect, as jobs do."""
    store.put("seen", f"{at}-{payload['depth']}", {"at": at, "depth": payload["depth"]})
    if payload["depth"] < 3:
        effects.schedule(store, at + 7.0, "test-chain", {"depth": payload["depth"] + 1})


@given(st.lists(st.floats(0, 100), max_size=6))
def test_looking_often_or_once_comes_to_the_same(looks: list[float]) -> None:
    outcomes = []
    for moments in ([*sorted(looks), 100.0], [100.0]):
        store = Store(Path(":memory:"))
        effects.schedule(store, 5.0, "test-chain", {"depth": 1})
        effects.schedule(store, 8.0, "test-chain", {"depth": 2})
        for moment in moments:
            effects.settle(store, moment)
        outcomes.append(store.all("seen"))
        store.close()
    assert outcomes[0] == outcomes[1]
    assert [s["at"] for s in outcomes[0]] == [5.0, 8.0, 12.0, 15.0, 19.0]


def test_a_failed_change_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "world.sqlite3")

    def half_done() -> None:
        with store.transaction():
            store.put("kind", "key", {"a": 1})
            raise ZeroDivisionError

    with pytest.raises(KeyError):
        effects.schedule(store, 1.0, "no-such-effect", {})
    with pytest.raises(ZeroDivisionError):
        half_done()
    assert store.get("kind", "key") is None
    store.close()
