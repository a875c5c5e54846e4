"""A drill from the table of items to its evidence, with the keyboard alone, at 80x24 in tmux."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.evidence.verify import verify
from tests.flow.support import ROOT, doubled, world_file
from tests.flow.test_by_keyboard import Terminal
from tests.practice_world import ledger, running_world

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux (package tmux)")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path, speed=600, items=12) as world:
        yield world


@pytest.fixture
def terminal(world: dict[str, Any], tmp_path: Path) -> Iterator[Terminal]:
    joined = f"--practice --state {tmp_path} --world {world_file(tmp_path)}"
    one = Terminal(f"cd {ROOT} && {sys.executable} -m tui {joined}; echo ENDED $?; sleep 60")
    yield one
    one.close()


def test_from_the_items_to_the_evidence(terminal: Terminal, world: dict[str, Any], tmp_path: Path) -> None:
    terminal.wait_for("Console")
    terminal.press("Down", "Down", "Enter")
    shown = terminal.wait_for("web-04")
    assert any(line.startswith("> app-01") for line in shown), shown
    terminal.press("Enter")
    terminal.wait_for("d drill")
    terminal.press("d")
    terminal.wait_for("An isolated one")
    terminal.press("Tab", "Tab", *"http:80/", *["Tab"] * 5)
    terminal.settled()
    terminal.press("Enter")
    terminal.wait_for("[ Read on ]")
    # A plan is not confirmed before its end was in sight, and then not by the same keys once more.
    terminal.press("Right")
    for _page in range(6):
        if "[ Read on ]" not in "\n".join(terminal.settled()):
            break
        assert ledger(world) == []
        terminal.press("Enter")
    terminal.wait_for("[ Start the drill ]")
    assert ledger(world) == []
    terminal.press("Right", "Enter")
    shown = terminal.wait_for("Evidence:", 120)
    folders = list((tmp_path / "practice" / "evidence").iterdir())
    assert len(folders) == 1
    assert folders[0].name[:20] in "".join(line.strip() for line in shown)
    assert verify(folders[0]).unaltered
    verbs = {line["target"].rsplit("/", 1)[-1].lower() for line in ledger(world)}
    assert verbs == {"testfailover", "testfailovercleanup"}
    assert doubled(world) == []
