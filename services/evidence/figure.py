"""The timeline as shapes: where each bar, dot and label of the report's picture stands, in user units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from services.evidence.model import Moment, Record, Rto

WIDTH, LEFT, RIGHT = 900.0, 20.0, 20.0
AXIS, ROW = 32.0, 20.0
MOST = 60
"""Rows of the picture; the table of the report has them all."""
PHASES = ("decision", "platform", "paused", "boot", "application")
"""A pause is counted apart, so the bar has none."""


@dataclass(frozen=True)
class Bar:
    phase: str
    seconds: float
    x: float
    width: float


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    label: str
    anchor: str
    label_x: float


@dataclass(frozen=True)
class Figure:
    """`target_x` is where the RTO target lies on the bar; `left_out` moments stand in the table only."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    target_x: float | None
    axis_y: float
    dots: tuple[Dot, ...]
    first: str
    last: str
    left_out: int


def figure(record: Record) -> Figure:
    """The shapes of a record's timeline. Moments whose time cannot be read are left to the table."""
    bars, target_x = _bars(record.measures.rto)
    placed = [(when, moment) for moment in record.timeline if (when := _moment(moment.at))]
    placed.sort(key=lambda pair: pair[0])
    shown = placed[:MOST]
    dots = _dots(shown)
    return Figure(
        width=WIDTH,
        height=AXIS + ROW * (len(dots) + 1),
        bars=bars,
        target_x=target_x,
        axis_y=AXIS,
        dots=dots,
        first=shown[0][1].at if shown else "",
        last=shown[-1][1].at if shown else "",
        left_out=len(record.timeline) - len(shown),
    )


def _bars(rto: Rto) -> tuple[tuple[Bar, ...], float | None]:
    spans = [(phase, max(0.0, getattr(rto, phase) or 0.0)) for phase in PHASES]
    total = sum(seconds for _phase, seconds in spans)
    longest = max(total, rto.target or 0.0)
    if longest <= 0:
        return (), None
    unit = (WIDTH - LEFT - RIGHT) / longest
    bars, x = [], LEFT
    for phase, seconds in spans:
        if seconds:
            bars.append(Bar(phase, seconds, round(x, 2), round(seconds * unit, 2)))
            x += seconds * unit
    return tuple(bars), None if rto.target is None else round(LEFT + rto.target * unit, 2)


def _dots(shown: list[tuple[datetime, Moment]]) -> tuple[Dot, ...]:
    if not shown:
        return ()
    start, end = shown[0][0], shown[-1][0]
    whole = (end - start).total_seconds() or 1.0
    return tuple(
        _dot(
            LEFT + (WIDTH - LEFT - RIGHT) * (when - start).total_seconds() / whole,
            AXIS + ROW * (number + 1),
            moment,
        )
        for number, (when, moment) in enumerate(shown)
    )


def _dot(x: float, y: float, moment: Moment) -> Dot:
    words = [moment.at[11:19], moment.event, moment.machine]
    left_half = x < WIDTH / 2
    label_x = x + 9 if left_half else x - 9
    label = " ".join(word for word in words if word)[:90]
    return Dot(round(x, 2), round(y, 2), label, "start" if left_half else "end", round(label_x, 2))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
