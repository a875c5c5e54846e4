"""What a fresh process loads: headless commands no Textual, --version nothing that is heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.practice_world import running_world

ROOT = Path(__file__).resolve().parents[2]
SCREEN = ("textual", "rich", "screens")
HEAVY = ("azure", "paramiko", "winrm", "requests", "cryptography", "sqlite3")

REPORT = """
import json, sys
from tui.main import lifeboat
try:
    lifeboat.main(args={arguments!r}, prog_name="lifeboat")
except SystemExit:
    pass
print()
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def loaded(*arguments: str) -> set[str]:
    """The top-level packages that a command has loaded when it ends."""
    script = REPORT.format(arguments=list(arguments))
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("run", "--help")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert loaded(*arguments).isdisjoint({*SCREEN, *HEAVY})


def test_headless_commands_load_no_screen(tmp_path: Path) -> None:
    with running_world(tmp_path):
        joined = (
            "--practice",
            "--state",
            str(tmp_path),
            "--world",
            str(tmp_path / "practice" / "world.json"),
        )
        assert loaded(*joined, "answers", "azure-stack-to-azure").isdisjoint(SCREEN)
        assert loaded(*joined, "doctor").isdisjoint(SCREEN)
        assert loaded(*joined, "engagements").isdisjoint({*SCREEN, "azure", "paramiko", "winrm"})
