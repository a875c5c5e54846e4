"""One practice world for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.practice_world import running_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A world that several tests share: each uses names of its own."""
    with running_world(tmp_path_factory.mktemp("world")) as document:
        yield document
