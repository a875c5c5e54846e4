"""The scenarios there are. Their titles are known without loading them: the first page needs no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module

from services.journal.model import Engagement
from services.problems.model import Problem, UsageError
from services.scenario.model import Scenario
from services.text import _

TITLES = {
    "azure-stack-to-azure": "Replicate Azure Stack VMs to Azure",
    "existing-vault": "Open a vault that exists",
}
OWN = "readiness"
"""The engagement that keeps what is found, waived and fixed where no engagement was named."""
_MODULES = {
    "azure-stack-to-azure": ("services.scenario.azure_stack.scenario", "AZURE_STACK_TO_AZURE"),
    "existing-vault": ("services.scenario.existing_vault", "EXISTING_VAULT"),
}


class _Scenarios(Mapping[str, Scenario]):
    """Scenarios by id, each loaded when it is first looked at."""

    def __getitem__(self, name: str) -> Scenario:
        module, constant = _MODULES[name]
        found: Scenario = getattr(import_module(module), constant)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


SCENARIOS: Mapping[str, Scenario] = _Scenarios()


def scenario(name: str) -> Scenario:
    """The scenario of this id; UsageError names those there are."""
    if name not in _MODULES:
        known = ", ".join(_MODULES)
        raise UsageError(
            Problem("unknown-scenario", name, _("is no scenario; known: {known}").format(known=known))
        )
    return SCENARIOS[name]


def set_ups(engagements: Iterable[Engagement]) -> list[Engagement]:
    """Those of a scenario: neither drills and failovers, which the journal keeps likewise, nor `OWN`."""
    return [one for one in engagements if one.scenario in _MODULES and one.name != OWN]
