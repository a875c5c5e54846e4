"""Who the practice world is: ids and secrets, random at its birth, the same until it is reset."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from services.practice.store import Store

RESOURCE_GROUP, VAULT, LOCATION = "contosoRG", "contoso-vault", "westeurope"
ACCOUNT = "op@contoso.example"


def made() -> dict[str, Any]:
    """Fresh facts."""
    guid = {
        name: str(uuid.uuid4())
        for name in (
            "tenant",
            "subscription",
            "clientId",
            "clientObject",
            "readerId",
            "readerObject",
            "expiredId",
            "accountObject",
            "hubTenant",
            "hubSubscription",
            "identityObject",
        )
    }
    return {
        **guid,
        "id": "practice-" + secrets.token_hex(4),
        "clientSecret": secrets.token_urlsafe(30),
        "readerSecret": secrets.token_urlsafe(30),
        "expiredSecret": secrets.token_urlsafe(30),
        "tokenKey": secrets.token_hex(32),
        "ledgerKey": secrets.token_urlsafe(24),
        "identityHeader": secrets.token_urlsafe(24),
    }


def kept(store: Store) -> dict[str, Any]:
    """The facts of this world, made at its birth."""
    facts = store.setting("facts")
    if facts is None:
        facts = made()
        store.set_setting("facts", facts)
    return dict(facts)


def group_id(facts: dict[str, Any]) -> str:
    """The ARM id of the seeded resource group."""
    return f"/subscriptions/{facts['subscription']}/resourceGroups/{RESOURCE_GROUP}"
