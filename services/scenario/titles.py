"""What people read as the name of an engagement. It was named when it began; its vault may be another since."""

from __future__ import annotations

from services.scenario.answers import Answers
from services.text import _

_VAULT = "vault.name"


def current_vault(answers: Answers) -> str:
    """The vault that the engagement is about now; empty where its scenario asks for none."""
    return answers.text(_VAULT) if answers.field(_VAULT) else ""


def with_vault(name: str, vault: str) -> str:
    """An engagement's name, and its vault where that has become another than the name says."""
    if not vault or vault in name.split("/"):
        return name
    return _("{name}, vault {vault}").format(name=name, vault=vault)
