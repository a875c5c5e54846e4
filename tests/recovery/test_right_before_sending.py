"""What was confirmed is looked at right before each sending: after a wait, with its settings, by its whole id."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.azure.replication import Replication
from services.journal.operations import operations
from services.operations.asking import find_job
from services.problems.model import Problem, RefusedError, UsageError
from services.recovery import acting, failover, failover_runs, plan_drill, requests, run, verb_run
from services.recovery.drill_plan import Options
from services.recovery.plans import MANUAL, Action, find_plan
from services.recovery.points import LATEST
from services.recovery.requests import Wish
from services.recovery.target import Target, item_target, plan_target, refuse_if_moved
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
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


def test_a_failover_into_another_network_than_was_shown_is_not_sent(
    vault: Vault, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = item_target(vault, "app-01")
    shown, wish = failover.plan(vault, target, LATEST, shutdown=False)
    hand = verb_run.begin(vault, FAILOVER, target, wish, {}, Deadline(30))
    hand.learn(**failover.begin_facts(target, shown))
    asked = Replication.item

    def moved(self: Replication, *where: str) -> dict[str, Any] | None:
        found = asked(self, *where)
        assert found is not None
        found["properties"]["providerSpecificDetails"]["selectedRecoveryAzureNetworkId"] += "-other"
        return found

    monkeypatch.setattr(Replication, "item", moved)
    count = len(ledger(served[0]))
    with pytest.raises(RefusedError, match=r"network was .*, is .*-other"):
        failover_runs.hold(hand, target, manual=Manual())
    assert len(ledger(served[0])) == count


def test_an_id_is_taken_as_a_whole_and_not_by_its_last_word(vault: Vault) -> None:
    item, plan = vault.find("app-01"), find_plan(vault, "contoso-shop")
    assert vault.find(item.id.upper()).id == item.id
    assert find_plan(vault, plan.id.upper()).id == plan.id
    for moved in ("/contoso-vault/", "/contosoRG/"):
        assert moved in item.id
        with pytest.raises(UsageError, match="no such protected item"):
            vault.find(item.id.replace(moved, "/another/"))
        with pytest.raises(UsageError, match="no such recovery plan"):
            find_plan(vault, plan.id.replace(moved, "/another/"))


def test_a_recovery_plan_whose_steps_were_changed_meanwhile_is_not_sent(vault: Vault) -> None:
    target = plan_target(vault, "contoso-shop")
    assert target.plan is not None
    shown = json.loads(json.dumps(target.moved))
    assert refuse_if_moved(vault, target, shown).id == target.id
    first, *rest = target.plan.groups
    more = Action("Tell the press", MANUAL, ("UnplannedFailover",), ("PrimaryToRecovery",))
    for groups in ((replace(first, before=(*first.before, more)), *rest), (first, *reversed(rest))):
        other = replace(target, plan=replace(target.plan, groups=groups))
        with pytest.raises(RefusedError, match="contoso-shop"):
            refuse_if_moved(vault, target, json.loads(json.dumps(other.moved)))


def test_a_lost_request_is_not_looked_for_among_the_jobs_of_last_month(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = vault.find("app-02")
    hand = run.begin(vault, FAILOVER, [item.id], [item.title], {}, Deadline(30))

    def dies(_sdk: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        acting.send(hand, FAILOVER, item.id, {}, dies, lambda: None)
    now, read = vault.world.clock.now(), list[str]()
    ages = {"old": timedelta(days=30), "young": timedelta(hours=2)}
    listed = [
        {"name": name, "properties": {"startTime": (now - age).isoformat()}} for name, age in ages.items()
    ]
    monkeypatch.setattr(vault.reads, "jobs", lambda: listed)
    monkeypatch.setattr(vault.reads, "job", lambda name: read.append(name))
    [row] = operations(vault.journal, hand.engagement_id)
    assert find_job(hand, vault.reads)(row) is None
    assert read == ["young"]


def test_the_digest_of_a_recovery_plan_s_drill_is_another_when_its_steps_are(vault: Vault) -> None:
    target = plan_target(vault, "contoso-shop")
    assert target.plan is not None
    options = Options(network="drill-net")
    shown = plan_drill.plan(vault, target, options)
    assert plan_drill.plan(vault, target, options).plan.digest == shown.plan.digest
    turned = replace(target, plan=replace(target.plan, groups=tuple(reversed(target.plan.groups))))
    assert plan_drill.plan(vault, turned, options).plan.digest != shown.plan.digest
