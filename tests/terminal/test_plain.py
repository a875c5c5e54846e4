"""The plain prompts: lines in, lines out, no escape code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.terminal.conftest import Start
from tests.terminal.pty_process import ROOT, environment

WALK = ["1", "", "secret", "practice:principal", "app-01, 10.1.0.11, Linux", "done"]
POLICY = ["contoso-policy", "", "", "no"]


def prompted(state: Path, *typed: str) -> subprocess.CompletedProcess[str]:
    """Run the prompts with these lines typed."""
    return subprocess.run(
        [sys.executable, "-m", "tests.terminal.program", str(state), "--plain"],
        input="".join(line + "\n" for line in typed),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env=environment(TERM="dumb"),
        check=False,
    )


def test_a_whole_walk_by_lines(tmp_path: Path) -> None:
    done = prompted(tmp_path, *WALK, *POLICY, "yes", "")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Lifeboat  PRACTICE" in done.stdout
    assert "create  replication policy contoso-policy" in done.stdout
    assert "Every step is done." in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_the_safe_answer_to_a_plan_is_no(tmp_path: Path) -> None:
    done = prompted(tmp_path, *WALK, *POLICY, "", "3")
    assert "Nothing was changed." in done.stdout
    assert "Saved. The next start goes on here." in done.stdout


def test_a_mistake_is_explained_and_asked_again(tmp_path: Path) -> None:
    done = prompted(tmp_path, *WALK, "contoso-policy", "5", "quit")
    assert "RPO threshold: 5 will not do: 15 to 1440 minutes" in done.stdout
    assert done.stdout.count("RPO threshold (minutes)") == 2
    assert done.returncode == 0


def test_help_and_back(tmp_path: Path) -> None:
    done = prompted(tmp_path, *WALK, "?", "contoso-policy", "back", "other-policy", "quit")
    assert "A name for the policy in the vault." in done.stdout
    assert "Name [contoso-policy]:" in done.stdout
    again = prompted(tmp_path, "1", "quit")
    assert "Name [other-policy]:" in again.stdout


def test_the_end_of_the_input_is_no_crash(tmp_path: Path) -> None:
    done = prompted(tmp_path, "1")
    assert done.returncode == 0
    assert "Saved." in done.stdout


def test_accessible_means_plain(start: Start) -> None:
    child = start(ACCESSIBLE="1")
    child.read_until(b"Number [1]:")
    assert b"\x1b" not in child.written
    child.send(b"quit\n")
    assert child.wait() == 0
