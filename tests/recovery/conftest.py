"""A vault with twelve protected items on the practice world, opened as the console opens it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.recovery.vault import Vault
from services.scenario.existing_vault import open_vault
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.practice_world import running_world


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], Path]]:
    """The world's JSON and its state folder; exchanges are recorded in `exchanges`."""
    state = tmp_path_factory.mktemp("vault")
    with running_world(state, items=12, record=state / "exchanges") as world:
        yield world, state


@pytest.fixture
def vault(served: tuple[dict[str, Any], Path], tmp_path: Path) -> Iterator[Vault]:
    """The vault, with a journal of its own for each test."""
    described, _state = served
    world = practice_world(described, tmp_path)
    journal = Journal.open(tmp_path, world.id, Actor.here())
    try:
        yield open_vault(world, journal, None, Deadline(120), lambda _event: None)
    finally:
        journal.close()
