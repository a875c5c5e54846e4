"""What was confirmed is looked at right before each sending: after a wait, with its settings, by its whole id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.journal.operations import operations
from services.problems.model import Problem, RefusedError
from services.recovery import acting, requests, run
from services.recovery.requests import Wish
from services.recovery.target import Target
from services.recovery.vault import Vault
from services.recovery.verbs import FAILOVER
from services.world.deadline import Deadline
from tests.practice_world import ledger, set_faults

Served = tuple[dict[str, Any], Path]


def test_what_has_moved_while_azure_let_us_wait_is_not_sent_any_more(vault: Vault, served: Served) -> None:
    item = vault.find("app-01")
    busy = {"status": 429, "retryAfter": 1, "code": "TooManyRequests", "message": "Later."}
    set_faults(served[0], [{"id": "busy", "path": "/unplannedFailover$", "do": busy}])
    hand = run.begin(vault, FAILOVER, [item.id], [item.title], {}, Deadline(30))
    body = requests.body(FAILOVER, Target((item,)), Wish())
    call = requests.call(vault, FAILOVER, Target((item,)), body)
    looks: list[int] = []

    def before() -> None:
        looks.append(1)
        if len(looks) > 1:
            raise RefusedError(Problem("item-moved", item.title, "It has changed."))

    count = len(ledger(served[0]))
    with pytest.raises(RefusedError, match="has changed"):
        acting.send(hand, FAILOVER, item.id, body, call, before)
    assert len(ledger(served[0])) == count
    assert [row.outcome for row in operations(vault.journal, hand.engagement_id)] == ["refused"]
