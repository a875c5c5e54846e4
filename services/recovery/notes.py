"""Notes of what was seen, given when a run is over: kept with it, and its record is written anew with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from services.evidence.signing import Signer
from services.recovery import drill, failover_record, record
from services.recovery.record import NOTES
from services.recovery.run import Run, runs
from services.recovery.vault import Vault
from services.recovery.verbs import DRILL
from services.world.deadline import Deadline


def keep(hand: Run, typed: str, signer: Signer | None = None) -> Path:
    """Add notes to a run that is over; the folder of its newest record. The one before stands beside it.

    ProblemError when disk or key do not allow it.
    """
    hand.learn(**{NOTES: [*(hand.facts.get(NOTES) or []), typed]})
    if drill.PLAN in hand.facts:
        return record.write(hand, record.of_drill(hand, hand.outcome), signer)
    return failover_record.write(hand, hand.outcome, signer)


def of_last_drill(vault: Vault, targets: Sequence[str], deadline: Deadline) -> str:
    """What was noted of the newest drill of these items, or of this recovery plan and its items; or nothing."""
    wanted = {one.lower() for one in targets}
    for hand, _outcome in reversed(runs(vault, deadline)):
        if hand.about.verb == DRILL and set(hand.about.targets) == wanted:
            return " ".join(hand.facts.get(NOTES) or [])
    return ""
