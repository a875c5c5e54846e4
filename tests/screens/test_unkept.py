"""What is typed while the disk of the journal is full is kept as soon as there is room."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from screens.step import form
from services.problems.model import Problem, ProblemError
from services.scenario.model import Step
from services.scenario.walk import Walk
from tests.screens.driving import (
    Driver,
    driven,
    enter_step,
    field,
    fill,
    running,
    screen_text,
    shell,
    until,
)

SAID = "The disk is full."


class Disk:
    """Stands before the walk's own saving."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, save = False, Walk.save

        def kept(walk: Walk, step: Step, values: Mapping[str, Any]) -> Mapping[str, str]:
            if self.full:
                raise ProblemError(Problem("journal-full", "journal", SAID))
            return save(walk, step, values)

        monkeypatch.setattr(Walk, "save", kept)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def stored(pilot: Driver, key: str) -> object:
    desk = shell(pilot).desk
    assert desk.book is not None
    assert desk.view is not None
    row = desk.book.journal.answers(desk.view.engagement.id).get(key)
    return row.value if row else None


@driven
async def _kept_when_there_is_room(tmp_path: Path, disk: Disk) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        disk.full = True
        await fill(pilot, "name", "typed-when-full")
        assert SAID in screen_text(pilot)
        disk.full = False
        await until(pilot, lambda: stored(pilot, "policy.name") == "typed-when-full")


def test_it_is_kept_as_soon_as_there_is_room(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "AGAIN_SECONDS", 0.05)
    _kept_when_there_is_room(tmp_path, disk)


@driven
async def test_it_stands_on_its_page_again_and_is_kept_at_the_end(tmp_path: Path, disk: Disk) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        disk.full = True
        await fill(pilot, "name", "typed-when-full")
        await enter_step(pilot, "machines")
        await enter_step(pilot, "policy")
        assert field(pilot, "name").value == "typed-when-full"
        assert stored(pilot, "policy.name") is None
        disk.full = False
        shell(pilot).leave()
        await until(pilot, lambda: stored(pilot, "policy.name") == "typed-when-full")
