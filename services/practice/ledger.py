"""What was accepted: every mutation that got a 2xx, counted by target, verb and body."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from typing import Any

from services.practice.store import Store
from services.practice.web import Answer, Call, Refusal, Router

routes = Router()


def digest(raw: bytes) -> str:
    """SHA-256 of a body: of its canonical JSON, or of the bytes themselves where it is no JSON."""
    with contextlib.suppress(ValueError):
        raw = json.dumps(json.loads(raw), sort_keys=True, separators=(",", ":")).encode() if raw else b""
    return hashlib.sha256(raw).hexdigest()


def count(store: Store, call: Call, changes: bool) -> None:
    """Count one accepted mutation."""
    store.database.execute(
        "INSERT INTO ledger VALUES (?, ?, ?, ?, 1)"
        " ON CONFLICT (verb, target, body) DO UPDATE SET count = count + 1",
        (call.method, call.url_path.lower().rstrip("/"), digest(call.raw), int(changes)),
    )


def entries(store: Store) -> list[dict[str, Any]]:
    """The whole ledger, in the order of first acceptance."""
    rows = store.database.execute("SELECT target, verb, body, count, changes FROM ledger ORDER BY rowid")
    return [
        {"target": target, "verb": verb, "bodySha256": body, "count": number, "changes": bool(changes)}
        for target, verb, body, number, changes in rows
    ]


def require_key(call: Call) -> None:
    """Only who can read the world file may look behind the scenes."""
    given = call.headers.get("x-practice-key", "")
    if not secrets.compare_digest(given.encode(), call.realm.facts["ledgerKey"].encode()):
        raise Refusal(403, "Forbidden", "The header x-practice-key does not hold this world's key.")


@routes.on("GET", "/practice/ledger")
def show(call: Call) -> Answer:
    """The ledger, for tests."""
    require_key(call)
    return Answer(body=entries(call.store))
