"""Watching a job: it lives in Azure, and watching neither starts nor stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from services.azure.jobs import JobView
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

INTERVAL = 30.0
"""World seconds between two looks where the service names none."""
SHORTEST = 1.0
"""Real seconds between two looks, however fast the world's clock."""
LONGEST = 300.0
"""Real seconds; a job is looked at by then, whatever an answer on the way has asked for."""
FAILURES = 10
"""Looks that may fail in a row."""


def follow(
    read: Callable[[], JobView | None],
    world: World,
    deadline: Deadline,
    on_change: Callable[[JobView], None],
) -> JobView:
    """Look at a job until it ends; `on_change` gets each view that differs from the one before.

    A job that is not there yet (None) and a look that fails are tried again. Raises the problem of a look
    that goes on failing, DeadlineError when time runs out while the job still runs, CancelledError.
    """
    shown: JobView | None = None
    failures = 0
    while True:
        try:
            view = _present(read())
        except (CancelledError, DeadlineError, RefusedError):
            raise
        except ProblemError:
            failures += 1
            if failures >= FAILURES:
                raise
            deadline.wait(_pause(None, world) * min(failures, 4))
            continue
        failures = 0
        same = replace(view, retry_after=None)
        if same != shown:
            shown = same
            on_change(view)
        if view.over:
            return view
        deadline.wait(_pause(view.retry_after, world))


def _present(view: JobView | None) -> JobView:
    if view is None:
        raise ProblemError(Problem("job-not-found", "", _("The job cannot be found in the vault.")))
    return view


def _pause(retry_after: float | None, world: World) -> float:
    wanted = world.clock.real_seconds(INTERVAL) if retry_after is None else retry_after
    return min(max(wanted, SHORTEST), LONGEST)
