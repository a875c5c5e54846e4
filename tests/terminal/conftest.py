"""Programs on pseudo-terminals that end with their test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.pty_process import PtyProcess, environment

Start = Callable[..., PtyProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the program on the small scenario; keyword arguments change its environment."""
    running: list[PtyProcess] = []

    def one(*flags: str, columns: int = 80, rows: int = 24, **changes: str) -> PtyProcess:
        command = [sys.executable, "-m", "tests.terminal.program", str(tmp_path / "state"), *flags]
        child = PtyProcess(command, environment(**changes), columns=columns, rows=rows)
        running.append(child)
        return child

    yield one
    for child in running:
        child.close()
