"""Watching costs one list of jobs a look, whatever runs; items and trees only when they are due."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from services.azure.replication import Pace
from services.recovery import item_settings
from services.recovery.run import begin
from services.recovery.vault import Vault
from services.recovery.watch import ITEMS_EVERY, SCARCE_READS, Watch
from services.world.deadline import Deadline


def asked(state: Path, since: int) -> Counter[str]:
    """What was read of the vault behind exchange number `since`, by the last fixed word of its path."""
    found: Counter[str] = Counter()
    for path in sorted((state / "exchanges").iterdir())[since:]:
        url = json.loads(path.read_text())["uri"].split("?")[0]
        if "/replication" in url:
            found[next(part for part in reversed(url.split("/")) if part.startswith("replication"))] += 1
    return found


def count(state: Path) -> int:
    return len(list((state / "exchanges").iterdir()))


def test_a_look_reads_the_jobs_and_items_come_at_a_tenth_of_the_pace(
    vault: Vault, served: tuple[dict[str, Any], Path]
) -> None:
    state = served[1]
    watch, before = Watch(vault), count(state)
    first = watch.look()
    assert len(first.items) == 12
    assert first.moved_items == set(first.items)
    assert asked(state, before) == {
        "replicationJobs": 1,
        "replicationProtectedItems": 1,
        "replicationPolicies": 1,
    }
    before = count(state)
    for _number in range(ITEMS_EVERY - 1):
        assert not watch.look().moved_jobs
    assert asked(state, before) == {"replicationJobs": ITEMS_EVERY - 1}
    before = count(state)
    watch.look()
    assert asked(state, before) == {"replicationJobs": 1, "replicationProtectedItems": 1}


def test_a_tree_on_a_screen_costs_one_read_more(vault: Vault, served: tuple[dict[str, Any], Path]) -> None:
    state, watch = served[1], Watch(vault)
    name = next(iter(watch.look().jobs))
    before = count(state)
    seen = watch.look({name})
    assert seen.trees[name].tasks
    assert asked(state, before)["replicationJobs"] == 2


def test_items_are_read_at_once_when_a_job_of_one_has_ended(
    vault: Vault, served: tuple[dict[str, Any], Path]
) -> None:
    watch = Watch(vault)
    watch.look()
    watch.look()
    item = vault.find("db-01")
    wanted = {"size": "Standard_D8s_v3"}
    hand = begin(vault, "settings", [item.id], [item.title], wanted, Deadline(60))
    item_settings.apply(hand, vault, item, wanted, item_settings.plan(vault, item, wanted))
    before = count(served[1])
    watch.look()
    assert asked(served[1], before)["replicationProtectedItems"] == 1


def test_the_pace_follows_what_azure_asks(vault: Vault) -> None:
    watch = Watch(vault)
    assert watch._pause(Pace(retry_after=17)) == 17
    assert watch._pause(Pace(retry_after=17, reads_left=SCARCE_READS - 1)) == 68
    assert watch._pause(Pace()) == 1  # a practice world's 30 s are short, but never under a real second
