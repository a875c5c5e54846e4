"""A clean-up is believed only when Azure's item, and every machine by its own id, say so too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.azure.machines import Machines, MachineView
from services.azure.replication import Replication
from services.problems.model import RefusedError
from services.recovery import acting, cleanup, drill_network, drill_plan, drill_runs, run
from services.recovery.drill_plan import Options
from services.recovery.vault import Vault
from services.world.deadline import Deadline
from tests.practice import drills
from tests.practice.clients import Arm
from tests.practice_world import set_faults
from tests.recovery.test_drill_making import network_body


@pytest.fixture
def azure(served: tuple[dict[str, Any], Path]) -> drills.Vault:
    return drills.Vault(Arm(served[0]))


def test_an_item_that_still_waits_for_its_clean_up_is_not_done(
    vault: Vault, azure: drills.Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure.done(azure.drill("web-01"))
    item = vault.find("web-01")
    asked = Replication.item

    def pending(self: Replication, *where: str) -> dict[str, Any] | None:
        found = asked(self, *where)
        assert found is not None
        found["properties"] |= {"allowedOperations": ["TestFailoverCleanup"]}
        return found

    shown = cleanup.plan(vault, [item])
    hand = drill_runs.begin_cleanup(vault, [item], "", Deadline(60), shown)
    monkeypatch.setattr(Replication, "item", pending)
    monkeypatch.setattr(cleanup, "SETTLES", 0.0)
    ended = drill_runs.clean(hand, [item])
    assert ended.outcome == "cleanup-pending"
    assert "still waits" in ended.problems[0].cause


def test_a_network_whose_deletion_azure_took_and_did_not_do_is_left_and_not_awaited_for_ever(
    vault: Vault, azure: drills.Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = azure.network("web-03-drill")
    azure.arm.done(azure.arm("PUT", network, network_body(vault)))
    item = vault.find("web-03")
    monkeypatch.setattr(type(vault.azure.arm), "exists", lambda *_given: True)
    monkeypatch.setattr(drill_network, "GONE", 0.0, raising=False)
    hand = drill_runs.begin_cleanup(vault, [item], "", Deadline(8))
    ended = drill_runs.clean(hand, [item])
    assert (ended.outcome, "web-03-drill" in ended.problems[0].what) == ("cleanup-pending", True)
    assert run.open_runs(vault, Deadline()) == []


def test_a_network_that_another_drill_is_on_its_way_to_is_not_deleted(
    vault: Vault, azure: drills.Vault
) -> None:
    network = azure.network("web-03-drill")
    azure.arm.done(azure.arm("PUT", network, network_body(vault)))
    other = drill_plan.plan(vault, [vault.find("app-01")], Options(network="web-03-drill"))
    hand = drill_runs.begin(vault, other, Deadline(30))
    hand.learn(drill=other.as_json())
    body: dict[str, Any] = {}

    def dies(_sdk: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        acting.send(hand, "drill", other.parts[0].id, body, dies, lambda: None)
    item = vault.find("web-03")
    ended = drill_runs.clean(drill_runs.begin_cleanup(vault, [item], "", Deadline(30)), [item])
    assert (ended.outcome, azure.arm("GET", network).status) == ("done", 200)


def test_a_machine_that_has_the_name_of_the_drill_s_already_is_not_taken_for_the_drill_s(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = vault.find("db-01")
    other = MachineView("/vm", "db-01-test", "s", "running", "/n", "s", "10.0.0.4", (), "", True, ())
    monkeypatch.setattr(
        Machines, "named", lambda _self, _group, name: other if name == "db-01-test" else None
    )
    with pytest.raises(RefusedError, match="the name db-01-test is there already"):
        drill_plan.plan(vault, [item], Options(network="drill-net"))


def test_what_is_left_of_a_machine_is_said_beside_another_of_the_same_name(
    vault: Vault, azure: drills.Vault, served: tuple[dict[str, Any], Path]
) -> None:
    set_faults(served[0], [{"job": "TestFailoverCleanup", "item": "app-02", "leaves": "vm"}])
    for name in ("app-02", "app-03"):
        azure.done(azure.drill(name))
    first = vault.find("app-02")
    twins = [first, replace(vault.find("app-03"), title=first.title)]
    shown = cleanup.plan(vault, twins)
    ended = drill_runs.clean(drill_runs.begin_cleanup(vault, twins, "", Deadline(60), shown), twins)
    assert (ended.outcome, "app-02-test" in ended.problems[0].what) == ("cleanup-pending", True)
