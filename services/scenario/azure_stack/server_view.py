"""The configuration server as the vault shows it, and how it is made to look again."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.azure import inmage_azure_v2 as provider
from services.azure.replication import Json, Replication
from services.operations.asking import ask, follow_job
from services.scenario.azure_stack.vault import replication
from services.scenario.session import Session

REFRESH_EVERY = 900.0
"""World seconds: the documents say that a change takes 15 minutes or longer to show by itself."""


def server_fabric(session: Session, reads: Replication) -> Json | None:
    """The fabric of the configuration server that the answers name, or None while it is not registered."""
    wanted = session.answers.text("server.name").lower()
    for fabric in reads.fabrics():
        named = str(fabric["properties"].get("friendlyName", "")).lower() == wanted
        if named and provider.server_details(fabric):
            return fabric
    return None


def details(session: Session) -> Json:
    """What the registered configuration server says of itself: process servers, accounts, heartbeat."""
    reads, name = replication(session), session.facts.get("server.fabric")
    fabric = reads.fabric(name) if name else server_fabric(session, reads)
    return provider.server_details(fabric) if fabric else {}


def process_servers(session: Session) -> list[Json]:
    return list(details(session).get("processServers") or [])


def accounts(session: Session) -> dict[str, str]:
    """Accounts for the push installation, id by name."""
    found = details(session).get("runAsAccounts") or []
    return {str(one["accountName"]): str(one["accountId"]) for one in found}


def _refresh_one(reads: Replication, fabric: str, name: str, sdk: dict[str, Any]) -> object:
    return reads.sdk.replication_recovery_services_providers.begin_refresh_provider(
        *reads.scope, fabric, name, **sdk
    )


def refresh(session: Session, reads: Replication) -> None:
    """Refresh the server's data in the vault, as the portal's Refresh Server does. Changes nothing."""
    fabric = session.facts["server.fabric"]
    for one in reads.providers(fabric):
        name = one["name"]
        row = ask(
            session,
            "refresh-provider",
            str(one["id"]) + "/refreshProvider",
            "POST",
            None,
            partial(_refresh_one, reads, fabric, name),
            None,
            jobs=reads,
            repeatable=True,
        )
        follow_job(session, reads, row)
