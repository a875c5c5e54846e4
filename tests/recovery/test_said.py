"""What is said of settings that were typed, and of when a machine was looked at."""

from __future__ import annotations

import pytest

from services.problems.model import UsageError
from services.recovery.item_settings import parsed
from services.recovery.prepared import CHECKS, Prepared


def test_a_setting_without_its_value_is_told_its_form() -> None:
    with pytest.raises(UsageError) as caught:
        parsed(["size", "colour"])
    size, colour = (problem.sentence() for problem in caught.value.problems)
    assert size == "size: needs a value. Give it as size=VALUE."
    assert colour.startswith("colour: no such setting; give NAME=VALUE with one of: name, size, ")


@pytest.mark.parametrize("status", ["ok", "failed"])
def test_when_a_machine_was_looked_at_is_a_minute(status: str) -> None:
    found = Prepared(status, CHECKS["Linux"], at="2026-11-21T17:21:08.268376+01:00")
    assert found.sentence.endswith("(checked 2026-11-21 16:21 UTC).")
