"""What stands in a report, and what has no place there."""

from __future__ import annotations

from services.evidence.sections import sections
from tests.evidence import samples


def test_only_a_drill_speaks_of_isolation_and_of_a_clean_up() -> None:
    drill, failover = (
        {one.title for one in sections(samples.record(verb=verb))} for verb in ("drill", "failover")
    )
    assert drill - failover == {"Isolation", "Cleanup"}
    assert failover < drill
