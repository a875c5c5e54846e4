"""Nothing is lost and nothing is doubled, whatever dies: the process, the answer, the connection."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.support import Ran, Zygote, answers_file, doubled, run_arguments, zygote
from tests.practice_world import running_world, set_faults

SPEED = 20_000.0
MUTATIONS = r"/providers/microsoft\."


@pytest.fixture(scope="module")
def forked() -> Iterator[Zygote]:
    with zygote() as one:
        yield one


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path / "state", speed=SPEED) as world:
        yield world


@pytest.fixture
def arguments(world: dict[str, Any], tmp_path: Path) -> list[str]:
    state = tmp_path / "state"
    return run_arguments(state, answers_file(state, tmp_path))


def protected(ran: Ran) -> list[str]:
    assert ran.status == 0, ran.lines[-4:]
    return [item["name"] for item in ran.end["items"]]


def test_killed_at_each_journal_write(forked: Zygote, arguments: list[str], world: dict[str, Any]) -> None:
    # At the first write of each start. Where a step needs several writes in one life (a certificate whose
    # answer was lost is replaced by a new one), the next starts live one write longer.
    deaths, done, stuck = 0, 0, 0
    while (ran := forked.run(arguments, commit=1 + stuck // 2)).status == -signal.SIGKILL:
        deaths += 1
        assert deaths < 400, ran.lines[-3:]
        steps = sum(one["event"] == "step" and one["state"] == "done" for one in ran.events)
        stuck = stuck + 1 if steps <= done else 0
        done = max(done, steps)
    assert deaths > 30
    assert protected(ran) == ["app-01", "web-01"]
    assert doubled(world) == []


def test_killed_after_each_line(forked: Zygote, arguments: list[str], world: dict[str, Any]) -> None:
    line = 0
    while True:
        line += 1
        ran = forked.run(arguments, line=line)
        if ran.status != -signal.SIGKILL:
            break
        assert len(ran.lines) == line
    assert protected(ran) == ["app-01", "web-01"]
    assert doubled(world) == []


@pytest.mark.parametrize("status", [409, 429, 500, 503, 504])
def test_refused_once_at_each_mutation(
    status: int, forked: Zygote, arguments: list[str], world: dict[str, Any]
) -> None:
    set_faults(world, rules({"status": status, "retryAfter": 1}))
    assert protected(forked.run(arguments)) == ["app-01", "web-01"]
    assert doubled(world) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_reset_at_each_mutation(
    moment: str, forked: Zygote, arguments: list[str], world: dict[str, Any]
) -> None:
    set_faults(world, rules({"reset": moment}))
    assert protected(forked.run(arguments)) == ["app-01", "web-01"]
    assert doubled(world) == []


def rules(fault: dict[str, Any]) -> list[dict[str, Any]]:
    """One fault for the first mutation of each target."""
    common = {"path": MUTATIONS, "times": 1000, "oncePerTarget": True, "do": fault}
    return [{"id": method, "method": method, **common} for method in ("PUT", "POST", "PATCH", "DELETE")]
