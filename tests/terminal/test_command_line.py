"""What is typed after `lifeboat`: help that reads well, mistakes that are named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner, Result

from services.journal.lock import Lock
from tui.cli.failover import VerbOptions
from tui.main import lifeboat
from tui.themes import THEMES


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(lifeboat, arguments, prog_name="lifeboat")


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    """Every command as it is typed."""
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)


@pytest.mark.parametrize("words", [(), *commands(lifeboat)])
def test_help_is_whole_sentences_within_80_columns(words: tuple[str, ...]) -> None:
    said = typed(*words, "--help")
    assert said.exit_code == 0
    assert all(len(line) <= 80 for line in said.output.splitlines())
    assert "..." not in said.output.partition("Commands:")[2], "a short help is cut off"
    first = said.output.split("\n\n")[1].strip()
    assert first[0].isupper()
    assert " " in first


def test_an_unknown_command_names_the_nearest() -> None:
    said = typed("chek")
    assert said.exit_code == 2
    assert "'check'" in said.output
    said = typed("journal", "exprot")
    assert said.exit_code == 2
    assert "'export'" in said.output


@pytest.mark.parametrize("words", [("check", "--practice"), ("journal", "verify", "--state", "/x", "f")])
def test_a_global_option_behind_a_command_is_told_where_it_belongs(words: tuple[str, ...]) -> None:
    said = typed(*words)
    assert said.exit_code == 2
    assert "stands before the command" in said.output
    assert "stands before" not in typed("check", "--nosuch").output


def test_an_unknown_theme_names_the_known_ones() -> None:
    said = typed("--theme", "nosuch", "engagements")
    assert said.exit_code == 2
    assert "'nosuch'" in said.output
    assert "'ansi-dark'" in said.output
    assert "''" not in said.output


def test_no_engagement_is_said(tmp_path: Path) -> None:
    said = typed("--state", str(tmp_path), "engagements")
    assert (said.exit_code, said.output) == (
        0,
        "Nothing is being set up yet. 'lifeboat' or 'lifeboat run' begins.\n",
    )
    assert typed("--state", str(tmp_path), "engagements", "--json").output == ""


def test_a_copy_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = typed("--state", str(tmp_path), "journal", "verify", str(tmp_path / "nofile"))
    assert said.exit_code == 2
    assert f"{tmp_path}/nofile: There is no such file." in said.output


def test_the_themes_are_those_of_textual() -> None:
    from textual.theme import BUILTIN_THEMES

    assert set(THEMES) == set(BUILTIN_THEMES)


@pytest.mark.parametrize("command", [("items",), ("practice", "serve")])
def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    said = typed("--practice", "--state", str(taken), *command)
    assert said.exit_code == 1
    assert (
        f"{taken}/practice: The practice world cannot be kept in this folder: Not a directory." in said.stderr
    )
    assert "--state" in said.stderr


def test_a_full_disk_is_not_taken_for_a_missing_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = SimpleNamespace(free=1000)
    monkeypatch.setattr("tui.practice.shutil.disk_usage", lambda _folder: full)
    said = typed("--practice", "--state", str(tmp_path), "items")
    assert said.exit_code == 1
    assert "the disk is full" in said.stderr
    assert "extra" not in said.stderr


@pytest.mark.parametrize(
    ("holds", "why"), [("[1]", "no JSON object"), ("{", "line 1"), (None, "No such file")]
)
def test_what_is_no_world_file_is_named(tmp_path: Path, holds: str | None, why: str) -> None:
    path = tmp_path / "world.json"
    if holds is not None:
        path.write_text(holds)
    said = typed("--practice", "--state", str(tmp_path), "--world", str(path), "items")
    assert said.exit_code == 1
    assert f"{path}: is no world file: " in said.stderr
    assert why in said.stderr
    assert "practice serve" in said.stderr


@pytest.mark.parametrize("given", ["-3", "100000000"])
def test_a_number_of_machines_that_cannot_be_is_refused(tmp_path: Path, given: str) -> None:
    said = typed("--practice", "--state", str(tmp_path), "--items", given, "items")
    assert said.exit_code == 2
    assert given in said.stderr


def test_what_the_servers_refuse_is_not_taken_for_a_missing_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text("[1")
    given = ("--practice", "--state", str(tmp_path), "--faults", str(faults), "items")
    bad = typed(*given)
    assert bad.exit_code == 1
    assert "extra" not in bad.stderr
    monkeypatch.setattr("tui.practice.find_spec", lambda _name: None)
    without = typed(*given)
    assert "extra 'practice'" in without.stderr


@pytest.mark.parametrize("given", ["-5", "0", "nan", "inf", "soon"])
@pytest.mark.parametrize(
    "words",
    [
        ("run", "--answers", "a.toml", "--timeout"),
        ("drill", "app-01", "--rto"),
        ("drill", "app-01", "--rpo"),
        ("failover", "app-01", "--timeout"),
        ("--practice", "--speed"),
        ("practice", "serve", "--speed"),
    ],
)
def test_what_is_a_number_above_zero_is_refused_otherwise(words: tuple[str, ...], given: str) -> None:
    refused = typed(*words, given)
    assert refused.exit_code == 2
    assert f"Invalid value for '{words[-1]}': '{given}' is no number above zero." in refused.stderr


def test_an_unknown_language_names_what_there_is(tmp_path: Path) -> None:
    said = typed("--lang", "sv", "--state", str(tmp_path), "engagements")
    assert said.exit_code == 2
    assert "Invalid value for '--lang': 'sv' is not there yet; there is only English, en." in said.stderr
    assert typed("--lang", "en", "--state", str(tmp_path), "engagements").exit_code == 0


def test_take_over_that_is_read_only_says_who_holds_the_journal(tmp_path: Path) -> None:
    words = ("--read-only", "--state", str(tmp_path), "journal", "take-over")
    assert typed(*words).output == "Nobody holds the journal.\n"
    assert not (tmp_path / "live" / "journal.sqlite").exists()
    (tmp_path / "live").mkdir()
    held = Lock.take(tmp_path / "live")
    assert isinstance(held, Lock)
    said = typed(*words)
    assert held.requested is None
    held.release()
    assert said.exit_code == 0
    assert f"(process {os.getpid()})" in said.output
    assert "asks nobody to leave" in said.output


@pytest.mark.parametrize("verb", ["commit", "cancel", "disable"])
def test_yes_is_taken_by_what_needs_a_name_too(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    came = []

    def follow_up(_options: object, id_: str, given: VerbOptions) -> int:
        came.append((id_, given.yes, given.confirm))
        return 0

    monkeypatch.setattr("tui.cli.failover.follow_up", follow_up)
    assert typed(verb, "app-01", "--yes").exit_code == 0
    assert came == [(verb, True, "")]
