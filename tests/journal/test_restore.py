"""An export becomes the journal of an empty folder, and of no other."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from services.journal.journal import Journal
from services.journal.restore import restore
from services.problems.model import ProblemError
from tests.journal.conftest import ACTOR, WORLD


@pytest.fixture
def copy(journal: Journal, tmp_path: Path) -> Path:
    """An export with one engagement, one answer and their two events."""
    engagement = journal.engagement("first", "small")
    journal.save_answers(engagement.id, {"vault.name": ("contoso-vault", True)})
    journal.export(tmp_path / "copy")
    return tmp_path / "copy"


def refused(folder: Path, copy: Path, world: str = WORLD) -> str:
    with pytest.raises(ProblemError) as caught:
        restore(folder, world, copy)
    return caught.value.problems[0].code


@pytest.mark.parametrize("used_before", [False, True], ids=["no journal", "an empty journal"])
def test_everything_is_there_again(copy: Path, tmp_path: Path, used_before: bool) -> None:
    folder = tmp_path / "new"
    if used_before:
        Journal.open(folder, WORLD, ACTOR).close()
    assert restore(folder, WORLD, copy).last == 2
    opened = Journal.open(folder, WORLD, ACTOR)
    try:
        (engagement,) = opened.engagements()
        assert opened.answers(engagement.id)["vault.name"].value == "contoso-vault"
        assert opened.verify() is None
        opened.event("after", {})
        assert opened.verify() is None
        assert (folder / "journal.sqlite").stat().st_mode & 0o777 == 0o600
    finally:
        opened.close()


def test_a_journal_with_events_is_left_as_it_is(copy: Path, folder: Path, journal: Journal) -> None:
    journal.close()
    before = (folder / "journal.sqlite").read_bytes()
    assert refused(folder, copy) == "journal-not-empty"
    assert (folder / "journal.sqlite").read_bytes() == before


def test_a_copy_of_another_world_is_refused(copy: Path, tmp_path: Path) -> None:
    assert refused(tmp_path / "new", copy, "live") == "other-world"
    assert not (tmp_path / "new").exists()


def test_an_altered_copy_is_refused(copy: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(copy)
    connection.execute("DROP TRIGGER event_fixed")
    connection.execute("UPDATE event SET data = '{}' WHERE seq = 1")
    connection.commit()
    connection.close()
    assert refused(tmp_path / "new", copy) == "journal-altered"
    assert not (tmp_path / "new").exists()


def test_a_journal_that_is_held_is_left_alone(copy: Path, tmp_path: Path) -> None:
    holder = Journal.open(tmp_path / "held", WORLD, ACTOR)
    try:
        assert refused(tmp_path / "held", copy) == "journal-held"
    finally:
        holder.close()
