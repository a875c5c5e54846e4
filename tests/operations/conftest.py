from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.journal.journal import Actor, Journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "state", "practice-test", Actor())
    opened.engagement("contoso", "azure-stack-to-azure")
    yield opened
    opened.close()
