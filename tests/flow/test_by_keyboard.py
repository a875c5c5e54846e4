"""From the welcome page to protected machines with the keyboard alone, at 80x24 in tmux."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.support import ROOT, doubled, world_file
from tests.practice_world import environment, running_world

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux (package tmux)")

QUIET = 0.3
"""Seconds without a byte from the program after which a person would say that it has stopped."""
STEPS = 18


class Terminal:
    """The program in a tmux session of its own, as a person sees it."""

    def __init__(self, command: str) -> None:
        self.name = f"lifeboat-{uuid.uuid4().hex[:8]}"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-s", self.name, command)
        self._folder = tempfile.TemporaryDirectory()
        copy = Path(self._folder.name) / "copy"
        os.mkfifo(copy)
        self._copy = os.open(copy, os.O_RDWR | os.O_NONBLOCK)
        self._tmux("pipe-pane", "-t", self.name, f"exec cat >{copy}")

    def close(self) -> None:
        self._tmux("kill-server")
        os.close(self._copy)
        self._folder.cleanup()

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", "-t", self.name, *keys)

    def screen(self) -> list[str]:
        return self._tmux("capture-pane", "-p", "-t", self.name).splitlines()

    def wait_for(self, words: str, seconds: float = 60.0) -> list[str]:
        """The screen once these words stand on it."""
        end = time.monotonic() + seconds
        while words not in "\n".join(shown := self.settled()):
            assert time.monotonic() < end, "\n".join(shown)
        return shown

    def settled(self, seconds: float = 60.0) -> list[str]:
        """The screen once the program has been silent for a moment."""
        end = time.monotonic() + seconds
        while True:
            if select.select([self._copy], [], [], QUIET)[0]:
                os.read(self._copy, 65_536)
            elif any(seen := self.screen()):
                return seen
            assert time.monotonic() < end, "\n".join(self.screen())

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self.name, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
            env={**environment(), "TERM": "xterm-256color", "LANG": "C.UTF-8"},
        )
        return done.stdout


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path, speed=5000) as world:
        yield world


@pytest.fixture
def terminal(world: dict[str, Any], tmp_path: Path) -> Iterator[Terminal]:
    joined = f"--practice --state {tmp_path} --world {world_file(tmp_path)}"
    one = Terminal(f"cd {ROOT} && {sys.executable} -m tui {joined}; echo ENDED $?; sleep 60")
    yield one
    one.close()


def test_the_whole_way(terminal: Terminal, world: dict[str, Any]) -> None:
    shown = terminal.wait_for("New set-up")
    assert "PRACTICE" in shown[0]
    terminal.press("Enter")
    titles: list[str] = []
    end = time.monotonic() + 300
    while time.monotonic() < end:
        shown = terminal.settled()
        title = shown[2][:60].strip()
        titles += [] if titles and titles[-1] == title else [title]
        if shown[2].endswith(f"step {STEPS} of {STEPS}") and " done " in shown[2]:
            break
        assert "PRACTICE" in shown[0]
        assert shown[-1].strip(), "the key line says nothing"
        for key in answer(shown):
            terminal.press(key)
    else:
        raise AssertionError("\n".join(shown))
    assert doubled(world) == []
    terminal.press("q")
    if "[ Leave ]" in "\n".join(terminal.settled()):
        terminal.press("Right", "Enter")
    terminal.wait_for("ENDED 0", 20)


def answer(shown: list[str]) -> list[str]:
    """What a person who agrees with everything presses next."""
    text = "\n".join(shown)
    if "[ Not now ]" in text:
        return ["Right", "Enter"]
    if shown[2].startswith("The machines to protect") and " open " in shown[2]:
        # In the list of machines Enter would edit one; Tab goes on to the button.
        return ["Enter"] if any(line.startswith("Looks, and shows a plan") for line in shown) else ["Tab"]
    return ["Enter"]
