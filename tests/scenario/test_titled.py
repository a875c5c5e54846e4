"""How reports name an engagement whose vault has become another."""

from __future__ import annotations

from services.scenario.answers import Answers
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE
from services.scenario.inspection import titled
from services.scenario.registry import OWN

NAME = "azure-stack-to-azure/contoso-vault"


def answers(vault: str) -> Answers:
    return Answers(AZURE_STACK_TO_AZURE, {"vault.name": vault}, {})


def test_the_current_vault_is_named_where_the_name_says_another() -> None:
    assert titled(NAME, answers("contoso-vault2")) == f"{NAME}, vault contoso-vault2"


def test_a_name_that_says_the_vault_stays() -> None:
    assert titled(NAME, answers("contoso-vault")) == NAME
    assert titled(OWN, answers("contoso-vault")) == OWN
