"""No secret that a check or a fix is given is found in what is kept, in what is written, or among the processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.support import ROOT, world_file
from tests.practice_world import running_world


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    with running_world(tmp_path / "state"):
        yield tmp_path / "state"


def secrets(state: Path) -> list[bytes]:
    world = json.loads(world_file(state).read_text())
    found = {*world["secrets"].values(), world["clientSecret"]}
    assert len(found) >= 5
    assert all(len(one) >= 8 for one in found)
    return [one.encode() for one in found]


def processes() -> Iterator[tuple[str, bytes]]:
    """Command line and environment of every process, as far as they live and may be read."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            for name in ("cmdline", "environ"):
                try:
                    yield f"{folder}/{name}", (folder / name).read_bytes()
                except OSError:
                    continue


def watched(state: Path, markers: list[bytes], *arguments: str) -> tuple[int, bytes]:
    """Run the program; while it runs no process may show a secret. Its exit code and all that it printed."""
    command = [sys.executable, "-m", "tui", "--practice", "--state", str(state)]
    command += ["--world", str(world_file(state)), *arguments]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    looks = 0
    while True:
        for place, content in processes():
            assert not [one for one in markers if one in content], place
        looks += 1
        try:
            printed, _nothing = child.communicate(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        assert looks > 3
        return child.returncode, printed


def test_nothing_shows_a_secret(state: Path, tmp_path: Path) -> None:
    markers = secrets(state)
    out = tmp_path / "out"
    runs = [
        (("check", "--export", str(out)), {1}),
        (("fix", "--machine", "app-02", "--yes"), {0, 1, 4}),
        (("fix", "--export", str(out)), {0}),
        (("undo", "--yes"), {0}),
        (("check", "--json"), {1}),
    ]
    for arguments, codes in runs:
        code, printed = watched(state, markers, *arguments)
        assert code in codes, printed.decode()[-2000:]
        assert not [one for one in markers if one in printed], arguments
    kept = [path for path in state.rglob("*") if path.is_file() and _is_ours(path)]
    assert {"journal.sqlite"} <= {path.name for path in kept}
    assert any(path.suffix == ".log" for path in kept), kept
    written = [path for path in out.rglob("*") if path.is_file()]
    assert len(written) >= 6
    for path in (*kept, *written):
        content = path.read_bytes()
        assert not [one for one in markers if one in content], path


def _is_ours(path: Path) -> bool:
    """What the product writes; the practice servers keep the secrets that they check against."""
    return path.name.startswith("journal") or path.suffix in (".log", ".txt") or "known_hosts" in path.name
