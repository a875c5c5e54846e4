"""What the measures of several machines come down to."""

from __future__ import annotations

import pytest

from services.evidence.entries import MachineMeasure
from services.evidence.model import Measures


@pytest.mark.parametrize(
    ("spans", "worst"), [([300.0, 60.0], 300.0), ([300.0, None], None), ([None], None), ([], None)]
)
def test_the_worst_rpo_is_unknown_where_one_machine_s_is(
    spans: list[float | None], worst: float | None
) -> None:
    machines = [MachineMeasure(str(number), rpo=span) for number, span in enumerate(spans)]
    assert Measures(machines=machines).worst_rpo == worst
