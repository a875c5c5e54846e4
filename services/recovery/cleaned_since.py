"""The drills of several machines that a clean-up ends, where the machines were cleaned up one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.journal.operations import operations
from services.recovery import cleanup, run
from services.recovery.run import Run
from services.recovery.verbs import CLEANUP, DRILL


@dataclass(frozen=True)
class Whole:
    """A drill of which nothing is left: how it had ended, and the runs that cleaned it up, the oldest first."""

    held: Run
    outcome: str
    cleaned_by: tuple[Run, ...]


def ended_by(hand: Run) -> list[Whole]:
    """The drills whose last machines this clean-up, which came out well, has taken away; the oldest first."""
    known = run.runs(hand.vault, hand.deadline)
    mine = set(hand.about.targets)
    found = []
    for number, (held, outcome) in enumerate(known):
        if held.about.verb == DRILL and set(held.about.targets) & mine and started(held):
            after = [one for one, how in known[number + 1 :] if _done(one, how, hand)]
            by = list(_cleaners(held, after))
            if None not in by and any(one and one.engagement_id == hand.engagement_id for one in by):
                others = {one.engagement_id: one for one in by if one}
                found.append(Whole(held, outcome, tuple(others[key] for key in sorted(others))))
    return found


def started(held: Run) -> bool:
    """Whether a drill has started any machine."""
    rows = operations(held.journal, held.engagement_id)
    return any(row.verb == DRILL and row.job_id for row in rows)


def _done(one: Run, outcome: str, hand: Run) -> bool:
    mine = one.engagement_id == hand.engagement_id
    return one.about.verb == CLEANUP and (mine or outcome == cleanup.DONE)


def _cleaners(held: Run, after: list[Run]) -> Iterator[Run | None]:
    """Who cleaned up each machine that the drill has not cleaned up itself: the first to do so, or None."""
    left = held.facts.get("left")
    parts = {str(one["title"]): str(one["id"]).lower() for one in held.facts["drill"]["parts"]}
    whole = left is not None and not set(left["failed"]) - set(parts)  # else the clean-up of its plan failed
    for title, id_ in parts.items():
        own = left is not None and whole and title not in left["failed"] and not left["things"].get(title)
        if not own:
            yield next((one for one in after if id_ in one.about.targets), None)
