"""A command in a sentence can be pasted as it stands: it leads to the same world and journal."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from services.problems.model import Problem, ProblemError
from tui.cli.globals import Globals
from tui.cli.pasted import with_leading
from tui.main import lifeboat
from tui.plain import tell_problems

NAMES = ("journal", "engagements", "answers", "run")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ask: lifeboat journal take-over", "ask: lifeboat --practice --state '/a b' journal take-over"),
        ("'lifeboat --practice answers' writes", "'lifeboat --practice --state '/a b' answers' writes"),
        ("lifeboat --read-only run", "lifeboat --read-only --practice --state '/a b' run"),
        ("the lifeboat runs, lifeboat 1.0", "the lifeboat runs, lifeboat 1.0"),
    ],
)
def test_each_command_carries_the_options_once(text: str, said: str) -> None:
    assert with_leading(text, ("--practice", "--state", "/a b"), NAMES) == said


def test_a_remedy_carries_the_options_in_use(tmp_path: Path) -> None:
    said = CliRunner().invoke(lifeboat, ["--state", str(tmp_path), "items"]).stderr
    assert f"lifeboat --state {tmp_path} answers existing-vault > v.toml" in said
    assert f"lifeboat --state {tmp_path} run --answers v.toml" in said


def test_so_does_a_problem_of_plain_mode(capsys: pytest.CaptureFixture[str]) -> None:
    with click.Context(lifeboat, obj=Globals(practice=True, state=Path("/a"))):
        tell_problems(ProblemError(Problem("x", "J", "No such job.", remedy="List them: lifeboat jobs")))
    assert "List them: lifeboat --practice --state /a jobs" in "".join(capsys.readouterr())
