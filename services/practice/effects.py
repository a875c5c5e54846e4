"""What will happen: effects written down with their world time, applied in order once it has come.

There are no timers. Whoever looks at the world first settles it: effects whose time has come are applied in
the order of their times, each as of its own time, so that it makes no difference whether anybody was
looking, or whether the server was running.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from services.practice.store import Store

Effect = Callable[[Store, float, dict[str, Any]], None]
EFFECTS: dict[str, Effect] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register what `name` does: called with the store, the effect's world time and its payload."""

    def register(function: Effect) -> Effect:
        EFFECTS[name] = function
        return function

    return register


def schedule(store: Store, at: float, name: str, payload: dict[str, Any]) -> None:
    """Write down that `name` happens at world time `at` (seconds since 1970)."""
    if name not in EFFECTS:
        raise KeyError(name)
    store.database.execute(
        "INSERT INTO effects (at, name, payload) VALUES (?, ?, ?)", (at, name, json.dumps(payload))
    )


def settle(store: Store, now: float) -> None:
    """Apply every effect whose time has come."""
    due = "SELECT seq, at, name, payload FROM effects WHERE at <= ? ORDER BY at, seq LIMIT 1"
    while (row := store.database.execute(due, (now,)).fetchone()) is not None:
        seq, at, name, payload = row
        with store.transaction():
            store.database.execute("DELETE FROM effects WHERE seq = ?", (seq,))
            EFFECTS[name](store, at, json.loads(payload))
