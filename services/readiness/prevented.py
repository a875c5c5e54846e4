"""Which checks of the sweep would have found the cause of an error before the job began."""

from __future__ import annotations

from services.problems.known import known
from services.readiness.guest_checks import GUEST_CHECKS


def caught_by(code: str) -> tuple[str, ...]:
    """Ids of the checks that prevent an error of this code; those that declare it lead, else those of its id."""
    declared = [one.check.id for one in GUEST_CHECKS if code in one.check.prevents]
    about = known(code)
    claimed = (
        [one.check.id for one in GUEST_CHECKS if about.prevented_by in one.check.claims]
        if about is not None and about.prevented_by
        else []
    )
    return tuple(dict.fromkeys(declared or claimed))
