"""A run is held while its work goes on, and let go when it is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from services.operations.resolve import unresolved
from services.problems.model import CancelledError, DeadlineError, ProblemError, RefusedError
from services.recovery.run import Run

Done = TypeVar("Done")


def held(run: Run, work: Callable[[], Done]) -> Done:
    """Do the work of a run and close it.

    What was only interrupted stays open and is gone on with; so does what may have been taken by Azure without
    our knowing: it is looked for before it is asked again.
    """
    try:
        result = work()
    except (DeadlineError, CancelledError):
        raise
    except ProblemError as error:
        if not unresolved(run.journal, run.engagement_id):
            run.end("refused" if isinstance(error, RefusedError) else "failed")
        raise
    run.end("done")
    return result
