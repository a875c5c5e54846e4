"""A console that holds the journal can be asked to leave, and leaves nothing half done."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.support import ROOT, answers_file, lifeboat, run_arguments
from tests.practice_world import running_world, set_faults


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path, speed=5000) as world:
        yield world


def test_the_holder_leaves_when_it_is_asked_to(world: dict[str, Any], tmp_path: Path) -> None:
    answers = answers_file(tmp_path, tmp_path)
    arguments = run_arguments(tmp_path, answers)
    # Every answer is held, so that the first run cannot come to its end.
    set_faults(
        world, [{"id": "hold", "method": "GET", "path": "/subscriptions", "times": 1000, "do": {"hold": 60}}]
    )
    first = subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert first.stdout is not None
    with first:
        line = next(line for line in first.stdout if '"subscription"' in line)
        assert json.loads(line)["event"] == "step"
        second = lifeboat(*arguments)
        assert second.status == 4
        assert [one["code"] for one in second.events if one["event"] == "problem"] == ["journal-held"]
        taken = lifeboat(*arguments[: arguments.index("run")], "journal", "take-over")
        assert taken.status == 0, taken.stderr
        first.stdout.read()
    assert first.returncode == 130
    set_faults(world, [])
    assert lifeboat(*arguments).status == 0
