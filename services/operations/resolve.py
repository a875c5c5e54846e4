"""After a restart: which intents have no answer, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping

from services.journal import operations as ledger
from services.journal.base import Base
from services.journal.model import OperationRow
from services.journal.operations import FINISHED, INTENT
from services.operations.model import Find
from services.operations.perform import LAG, abandon, adopt, look, problem_json
from services.problems.model import ProblemError
from services.world.deadline import Deadline
from services.world.model import World


def unresolved(journal: Base, engagement_id: int | None = None) -> list[OperationRow]:
    """Intents of which it is not known whether Azure took them, the oldest first."""
    return [row for row in ledger.operations(journal, engagement_id) if row.state == INTENT]


def resolve_all(
    journal: Base,
    finders: Mapping[str, Find | None],
    world: World,
    deadline: Deadline,
    engagement_id: int | None = None,
) -> list[OperationRow]:
    """Look for every intent without an answer (of one engagement, where it is given).

    What was found is adopted, the rest comes back as it is.

    `finders` by verb; None for a verb whose answer cannot be read again: its intents are abandoned. An intent
    that comes back is sent again only by `perform`, when its step asks for it.
    """
    left = []
    for row in unresolved(journal, engagement_id):
        find = finders.get(row.verb)
        if find is not None:
            found = look(find, row, world.clock.real_seconds(LAG), deadline)
            if found is not None:
                adopt(journal, row, found)
                continue
        elif row.verb in finders:
            abandon(journal, row, "answer lost in an earlier run")
            continue
        left.append(row)
    return left


def finish(journal: Base, row: OperationRow, outcome: str, error: ProblemError | None = None) -> OperationRow:
    """Write how an accepted operation ended: succeeded, failed, cancelled, or superseded.

    Superseded: what it made is gone by another hand, so that the same may be asked again.
    """
    said = problem_json(error) if error else {}
    if (row.state, row.outcome, dict(row.error)) == (FINISHED, outcome, said):
        return row
    return ledger.note(journal, row, "operation-finished", state=FINISHED, outcome=outcome, error=said)
