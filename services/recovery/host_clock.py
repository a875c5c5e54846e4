"""This host's clock against Azure's: what is counted from the decision on is off by as much as the two differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from services.evidence.entries import Deviation
from services.recovery.run import Run

ALIKE = 30.0
"""Real seconds by which an answer's Date and this host's clock may differ: the answer was on its way."""
_OFF = "clock-off"


def compare(run: Run, service_date: str) -> None:
    """Keep by how many seconds Azure's clock is ahead of this host's, right after an answer with its Date."""
    clock = run.world.clock
    off = (datetime.fromisoformat(service_date) - clock.now()).total_seconds() if service_date else 0.0
    if abs(clock.real_seconds(off)) > ALIKE and _OFF not in run.facts:
        run.learn(**{_OFF: round(off)})


def doubted(facts: Mapping[str, Any]) -> Iterable[Deviation]:
    """What is to be said of the measures of a host whose clock is wrong."""
    off = facts.get(_OFF)
    if off:
        way = "behind" if off > 0 else "ahead of"
        what = (
            f"This host's clock is {abs(off)} s {way} Azure's: its times, and what was measured with them, are off"
            " by as much."
        )
        yield Deviation("error", what)
