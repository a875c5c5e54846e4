"""Which vault the answers name, and Site Recovery in it."""

from __future__ import annotations

from typing import Any

from services.azure.ids import VaultRef
from services.azure.replication import Replication
from services.scenario.session import Session

VAULTS_API = "2024-04-01"
GROUPS_API = "2024-11-01"


def vault_ref(session: Session) -> VaultRef:
    """The vault that the answers name."""
    answers = session.answers
    return VaultRef(
        answers.text("subscription.subscription"),
        answers.text("vault.resource-group"),
        answers.text("vault.name"),
    )


def replication(session: Session) -> Replication:
    """Site Recovery in the chosen vault."""
    return Replication(session.azure, vault_ref(session))


def found_vault(session: Session) -> dict[str, Any] | None:
    """The vault as Resource Manager shows it, or None."""
    return session.azure.arm.get(vault_ref(session).id, VAULTS_API)
