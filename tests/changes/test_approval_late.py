"""An approval that was good when it was looked at, and is not any more when it is to be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.changes import approval
from services.evidence.model import Approved
from services.journal.journal import Actor, Journal
from services.problems.model import RefusedError

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GIVEN = Approved("bob@contoso.example", "SHA256:k", "d", "n-1", (NOW + timedelta(hours=8)).isoformat())


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "state", "practice", Actor())
    yield opened
    opened.close()


def test_it_is_not_used_after_it_has_expired_or_by_a_second_run(journal: Journal) -> None:
    first, second = (journal.engagement(name, "recovery").id for name in ("first", "second"))
    with pytest.raises(RefusedError, match="expired"):
        approval.note_used(journal, first, GIVEN, now=NOW + timedelta(hours=8))
    assert not approval.used_elsewhere(journal, second)("n-1")
    approval.note_used(journal, first, GIVEN, now=NOW + timedelta(hours=7))
    approval.note_used(journal, first, GIVEN, now=NOW + timedelta(hours=7))
    with pytest.raises(RefusedError, match="used already"):
        approval.note_used(journal, second, GIVEN, now=NOW + timedelta(hours=7))
