"""Notes of what was seen, given when a run is over: kept with it, and its record is written anew with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from services.evidence.signing import Signer
from services.recovery import drill, drill_runs, failover_record, record
from services.recovery.record import NOTES
from services.recovery.run import Run
from services.recovery.vault import Vault
from services.world.deadline import Deadline


def keep(hand: Run, typed: str, signer: Signer | None = None) -> Path:
    """Add notes to a run that is over; the folder of its newest record. The one before stands beside it.

    ProblemError when disk or key do not allow it.
    """
    hand.learn(**{NOTES: [*(hand.facts.get(NOTES) or []), typed]})
    if drill.PLAN in hand.facts:
        return record.write(hand, record.of_drill(hand, hand.outcome), signer)
    return failover_record.write(hand, hand.outcome, signer)


def of_drill_to_end(vault: Vault, targets: Sequence[str], deadline: Deadline) -> str:
    """What was noted of the drill that a clean-up of these targets would end; or nothing."""
    held = drill_runs.drill_to_end(vault, [one.lower() for one in targets], deadline)
    return " ".join(held[0].facts.get(NOTES) or []) if held else ""
