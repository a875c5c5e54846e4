"""The registration key's files on this host: deleted once they have served."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.changes.plan import Change, Plan
from services.scenario.azure_stack.key import DELETED, folder
from services.scenario.azure_stack.server_view import server_fabric
from services.scenario.azure_stack.vault import replication
from services.scenario.session import Session


def _files(session: Session) -> list[Path]:
    return sorted(folder(session).glob("*.VaultCredentials"))


def plan_key_deletion(session: Session) -> Plan:
    """Delete each key file of the engagement, used or run out."""
    detail = "it has served once the server is registered; a new one can be made at any time"
    files = _files(session)
    changes = tuple(Change("delete", "registration key file", path.name, detail) for path in files)
    return Plan("delete-key", changes, looked_at={"files": [path.name for path in files]})


def delete_keys(session: Session, plan: Plan) -> Mapping[str, Any]:
    """Delete them and keep which they were; a server that is not registered still needs its key."""
    if plan.empty or server_fabric(session, replication(session)) is None:
        return {}
    deleted = dict(session.facts.get(DELETED) or {})
    for path in _files(session):
        deleted[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        # Kept before it is done: a key that is gone is never one of which nothing is known.
        session.journal.save_facts(session.engagement_id, "registered", {DELETED: deleted})
        path.unlink()
    return {DELETED: deleted}
