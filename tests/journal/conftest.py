from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.journal.journal import Actor, Journal

WORLD = "practice-0000beef"
ACTOR = Actor(
    object_id="oid-1",
    account="op@contoso.example",
    host_user="op",
    ssh_connection="c",
    sudo_user="s",
    signed_in="cli",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    opened = Journal.open(folder, WORLD, ACTOR)
    yield opened
    opened.close()
