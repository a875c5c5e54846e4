"""The pace of the console is said, and does not have to be painted anew with every look."""

from __future__ import annotations

import pytest

from screens.console.trouble import reads_left


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (11987, "Over 11000 more reads this hour."),
        (11001, "Over 11000 more reads this hour."),
        (1001, "Over 1000 more reads this hour."),
        (1000, "Over 900 more reads this hour."),
        (101, "Over 100 more reads this hour."),
        (100, "At most 100 more reads this hour."),
        (0, "At most 100 more reads this hour."),
    ],
)
def test_what_may_still_be_read_is_said_in_steps(left: int, said: str) -> None:
    assert reads_left(left) == said
