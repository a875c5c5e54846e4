"""What the measures of several machines come down to."""

from __future__ import annotations

import pytest

from services.evidence.entries import MachineMeasure
from services.evidence.model import Measures
from services.evidence.sections import summary
from tests.evidence import samples


@pytest.mark.parametrize(
    ("spans", "worst"), [([300.0, 60.0], 300.0), ([300.0, None], None), ([None], None), ([], None)]
)
def test_the_worst_rpo_is_unknown_where_one_machine_s_is(
    spans: list[float | None], worst: float | None
) -> None:
    machines = [MachineMeasure(str(number), rpo=span) for number, span in enumerate(spans)]
    assert Measures(machines=machines).worst_rpo == worst


@pytest.mark.parametrize(
    ("point", "said"),
    [
        (
            "2026-11-21T12:30:00+00:00",
            "not measured, as the recovery point is newer than the decision: db-01",
        ),
        ("", "-"),
        ("yesterday", "-"),
        ("2026-11-21T11:30:00", "-"),
    ],
)
def test_the_summary_says_why_there_is_no_rpo(point: str, said: str) -> None:
    record, decided = samples.record(), "2026-11-21T12:00:00+00:00"
    measured = MachineMeasure("app-01", 900.0, 240.0, None, "2026-11-21T11:56:00+00:00", decided)
    record.measures.machines = [measured, MachineMeasure("db-01", 900.0, None, None, point, decided)]
    assert dict(summary(record))["Worst RPO"] == said
