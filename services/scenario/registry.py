"""The scenarios there are."""

from __future__ import annotations

from services.problems.model import Problem, ProblemError
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE
from services.scenario.model import Scenario
from services.text import _

SCENARIOS = {AZURE_STACK_TO_AZURE.id: AZURE_STACK_TO_AZURE}


def scenario(name: str) -> Scenario:
    """The scenario of this id; ProblemError names those there are."""
    if name not in SCENARIOS:
        known = ", ".join(SCENARIOS)
        raise ProblemError(
            Problem("unknown-scenario", name, _("is no scenario; known: {known}").format(known=known))
        )
    return SCENARIOS[name]
