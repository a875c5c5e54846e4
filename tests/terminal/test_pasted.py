"""A command in a sentence can be pasted as it stands: it leads to the same world and journal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tui.cli.pasted import with_leading
from tui.main import lifeboat

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
