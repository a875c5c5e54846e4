"""`lifeboat practice reset` deletes a world: never read-only, never unasked, and what is kept is named."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from tui.main import lifeboat


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The servers' commands that were started; none really is."""
    started: list[list[str]] = []

    def run(arguments: list[str], **_more: object) -> subprocess.CompletedProcess[str]:
        started.append(arguments)
        return subprocess.CompletedProcess(arguments, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return started


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "practice" / "server").mkdir(parents=True)
    (tmp_path / "practice" / "journal.db").write_text("kept")
    return tmp_path


def test_it_is_refused_read_only_and_without_consent(state: Path, asked: list[list[str]]) -> None:
    for words in (["--read-only", "practice", "reset", "--yes"], ["practice", "reset"]):
        refused = CliRunner().invoke(lifeboat, ["--practice", "--state", str(state), *words])
        assert refused.exit_code == 4, refused.output
    assert (asked, (state / "practice" / "journal.db").read_text()) == ([], "kept")


def test_what_is_kept_is_named(state: Path, asked: list[list[str]]) -> None:
    done = CliRunner().invoke(lifeboat, ["--practice", "--state", str(state), "practice", "reset", "--yes"])
    assert (done.exit_code, len(asked)) == (0, 1), done.output
    (kept,) = state.glob("practice-kept-*")
    assert f"What was kept: {kept}" in done.output
    assert (kept / "journal.db").read_text() == "kept"
