"""The power fails: the write-ahead log ends at any frame, or in the middle of one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from services.journal.journal import Journal
from tests.journal.conftest import ACTOR, WORLD

HEADER, FRAME_HEADER = 32, 24
TURNS = 12


@pytest.fixture
def copies(folder: Path, journal: Journal, tmp_path: Path) -> tuple[Path, list[int]]:
    """A journal copied as it stood on the disk, and the length of its log after each write."""
    engagement = journal.engagement("contoso", "a")
    ends = []
    for number in range(TURNS):
        journal.save_facts(engagement.id, "s", {f"k{number}": "x" * 3000})
        ends.append((folder / "journal.sqlite-wal").stat().st_size)
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("journal.sqlite", "journal.sqlite-wal"):
        shutil.copy(folder / name, copy / name)
    return copy, ends


def _frame(path: Path) -> int:
    page = int.from_bytes(path.read_bytes()[8:12], "big")
    return FRAME_HEADER + page


def test_the_last_whole_write_is_what_is_left(copies: tuple[Path, list[int]], tmp_path: Path) -> None:
    copy, ends = copies
    log = (copy / "journal.sqlite-wal").read_bytes()
    step = _frame(copy / "journal.sqlite-wal")
    cuts = range(HEADER, len(log) + 1, step)
    assert len(cuts) > TURNS
    for number, frame_end in enumerate(cuts):
        for cut in (frame_end, frame_end + step // 2):
            state = tmp_path / f"cut-{number}-{cut}"
            state.mkdir()
            shutil.copy(copy / "journal.sqlite", state / "journal.sqlite")
            (state / "journal.sqlite-wal").write_bytes(log[:cut])
            opened = Journal.open(state, WORLD, ACTOR)
            whole = sum(end <= cut for end in ends)
            kept = opened.facts(opened.engagements()[0].id) if opened.engagements() else {}
            assert kept.keys() == {f"k{turn}" for turn in range(whole)}
            assert opened.verify() is None
            opened.close()
