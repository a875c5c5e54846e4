"""The network that a drill makes for itself: proven as Azure has it, and taken away where nothing was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.problems.model import DeadlineError, ProblemError, RefusedError
from services.recovery import cleanup, drill_network, drill_plan, drill_runs
from services.recovery.drill_plan import DrillPlan, Options
from services.recovery.vault import Vault
from services.world.deadline import Deadline
from tests.practice import drills
from tests.practice.clients import Arm
from tests.practice_world import set_faults


@pytest.fixture
def azure(served: tuple[dict[str, Any], Path]) -> Iterator[drills.Vault]:
    described, _state = served
    yield drills.Vault(Arm(described))
    set_faults(described, [])


def network_body(vault: Vault, **more: Any) -> dict[str, Any]:
    subnet = {"name": "Subnet-1", "properties": {"addressPrefix": "10.77.1.0/24"}}
    about = {"addressSpace": {"addressPrefixes": ["10.77.0.0/16"]}, "subnets": [subnet], **more}
    region = drill_network.region_of(vault)
    return {"location": region, "tags": dict(drill_network.OURS), "properties": about}


def planned(vault: Vault, title: str, **more: Any) -> DrillPlan:
    return drill_plan.plan(vault, [vault.find(title)], Options(network="new", **more))


def held(vault: Vault, shown: DrillPlan) -> drill_runs.Ended:
    return drill_runs.hold(drill_runs.begin(vault, shown, Deadline(120)), shown)


def isolation(ended: drill_runs.Ended) -> Any:
    return json.loads((ended.evidence / "record.json").read_text(encoding="utf-8"))["isolation"]


def there(azure: drills.Vault, name: str) -> bool:
    return azure.arm("GET", azure.network(name)).status == 200


def test_what_is_made_is_proven_as_azure_has_it_before_anything_is_sent(
    vault: Vault, azure: drills.Vault
) -> None:
    shown = planned(vault, "app-01")
    shown = replace(shown, create=network_body(vault, dhcpOptions={"dnsServers": ["10.1.0.2"]}))
    ended = held(vault, shown)
    assert (ended.outcome, ended.problems[0].code) == ("failed", "not-isolated")
    assert "dns-servers: 10.1.0.2" in ended.problems[0].what
    assert not there(azure, "app-01-drill")
    assert azure.item("app-01")["testFailoverState"] in ("", "None")
    kept = isolation(ended)
    assert (kept["verdict"], bool(kept["read"])) == ("reaches-production", True)


def test_an_item_that_moves_while_its_network_is_made_is_not_drilled(
    vault: Vault, azure: drills.Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = planned(vault, "app-01")
    make = drill_network.make

    def slow(*given: Any) -> None:
        make(*given)
        azure.done(azure.drill("app-01"))

    monkeypatch.setattr(drill_network, "make", slow)
    ended = held(vault, shown)
    assert (ended.outcome, ended.problems[0].code) == ("failed", "item-moved")
    assert not there(azure, "app-01-drill")
    azure.done(azure.post("app-01", "testFailoverCleanup", {"comments": "over"}))


def test_a_drill_that_azure_refuses_leaves_no_network_and_a_record(
    vault: Vault, azure: drills.Vault, served: tuple[dict[str, Any], Path]
) -> None:
    no = {"status": 403, "code": "AuthorizationFailed", "message": "You may not drill."}
    rule = {"id": "no-drill", "path": "/testFailover$", "method": "POST", "times": 9, "do": no}
    set_faults(served[0], [rule])
    ended = held(vault, planned(vault, "app-03"))
    assert (ended.outcome, there(azure, "app-03-drill")) == ("failed", False)
    assert (ended.evidence / "record.json").exists()


def test_a_network_that_an_earlier_drill_has_left_is_proven_as_it_is(
    vault: Vault, azure: drills.Vault
) -> None:
    arm = azure.arm
    arm.done(arm("PUT", azure.network("app-04-drill"), network_body(vault)))
    assert planned(vault, "app-04").create is None
    remote = {"remoteVirtualNetwork": {"id": azure.network("contoso-hub-net")}}
    peering = f"{azure.network('app-04-drill')}/virtualNetworkPeerings/to-hub"
    arm.done(arm("PUT", peering, {"properties": {**remote, "allowVirtualNetworkAccess": True}}))
    with pytest.raises(RefusedError) as caught:
        planned(vault, "app-04")
    assert caught.value.problems[0].code == "not-isolated"
    assert "contoso-hub-net" in caught.value.problems[0].what


def test_a_network_that_was_left_behind_is_cleaned_up(vault: Vault, azure: drills.Vault) -> None:
    item = vault.find("web-03")
    with pytest.raises(ProblemError, match="nothing to clean up"):
        cleanup.plan(vault, [item])
    azure.arm.done(azure.arm("PUT", azure.network("web-03-drill"), network_body(vault)))
    shown = cleanup.plan(vault, [item])
    assert [(one.kind, one.thing, one.name) for one in shown.changes][-1] == (
        "delete",
        "network",
        "web-03-drill",
    )
    ended = drill_runs.clean(drill_runs.begin_cleanup(vault, [item], "", Deadline(120)), [item])
    assert (ended.outcome, there(azure, "web-03-drill")) == ("done", False)


def test_a_network_that_moves_after_the_plan_was_shown_is_refused(vault: Vault, azure: drills.Vault) -> None:
    arm = azure.arm
    arm.done(arm("PUT", azure.network("quiet-net"), {**network_body(vault), "tags": {}}))
    shown = drill_plan.plan(vault, [vault.find("app-02")], Options(network="quiet-net"))
    dns = {**network_body(vault, dhcpOptions={"dnsServers": ["10.77.1.4"]}), "tags": {}}
    assert arm("PUT", azure.network("quiet-net"), dns).status == 200
    with pytest.raises(RefusedError) as caught:
        held(vault, shown)
    problem = caught.value.problems[0]
    assert (problem.code, problem.cause) == ("network-moved", "dns-servers: 10.77.1.4")


def nic(azure: drills.Vault, name: str) -> None:
    """An interface of somebody else, in a network that is no drill's."""
    subnet = {"id": f"{azure.network('contoso-recovery-net')}/subnets/default"}
    about = {"ipConfigurations": [{"name": "a", "properties": {"subnet": subnet}}]}
    path = f"{azure.arm.group}/providers/Microsoft.Network/networkInterfaces/{name}"
    made = azure.arm("PUT", path, {"location": "westeurope", "properties": about})
    assert made.status in (200, 201), made


def test_what_only_has_a_like_name_is_not_taken_for_the_drill_s(vault: Vault, azure: drills.Vault) -> None:
    azure.done(azure.drill("app-03"))
    nic(azure, "app-03-test-monitoring")
    shown = cleanup.plan(vault, [vault.find("app-03")])
    deleted = {one.name for one in shown.changes if one.kind == "delete"}
    assert {"app-03-test", "app-03-test-nic"} < deleted
    assert "app-03-test-monitoring" not in deleted
    azure.done(azure.post("app-03", "testFailoverCleanup", {"comments": "over"}))


def test_a_clean_up_sends_only_what_was_confirmed(
    vault: Vault, azure: drills.Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = vault.find("web-02")
    azure.done(azure.drill("web-02"))
    item = vault.again(item)
    shown = cleanup.plan(vault, [item])
    there = {**shown.looked_at, "there": {item.title: shown.looked_at["there"][item.title][1:]}}
    for seen in ({**there}, {**shown.looked_at, "moved": {item.title: ["Protected", "", "", [], ""]}}):
        hand = drill_runs.begin_cleanup(vault, [item], "", Deadline(120), replace(shown, looked_at=seen))
        with pytest.raises(RefusedError, match="shown"):
            drill_runs.clean(hand, [item])
        assert "TestFailoverCleanup" in vault.again(item).allowed
    hand = drill_runs.begin_cleanup(vault, [item], "", Deadline(120), shown)
    assert drill_runs.clean(hand, [item]).outcome == "done"


def test_a_drill_s_machine_is_found_after_the_item_has_another_name(
    vault: Vault, azure: drills.Vault
) -> None:
    item = vault.find("app-02")
    shown = drill_plan.plan(vault, [item], Options(network="drill-net"))
    assert held(vault, shown).outcome == "done"
    renamed = replace(vault.again(item), azure_name="orders-9")
    names = [one.name for one in cleanup.plan(vault, [renamed]).changes if one.kind == "delete"]
    assert "app-02-test" in names
    drill_runs.clean(drill_runs.begin_cleanup(vault, [item], "", Deadline(120)), [vault.again(item)])


def test_the_wait_for_another_s_drill_ends_with_the_deadline(vault: Vault, azure: drills.Vault) -> None:
    item = vault.find("web-01")
    started = azure.drill("web-01")
    hand = drill_runs.begin_cleanup(vault, [item], "", Deadline(120))
    hand.deadline = Deadline(0)
    with pytest.raises(DeadlineError):
        cleanup.cleanup(hand, [vault.again(item)], "")
    azure.done(started)


def test_a_network_of_our_own_lies_in_the_vault_s_group_where_the_item_names_none(vault: Vault) -> None:
    item = replace(vault.find("app-01"), group_id="")
    assert drill_network.own_id(item, vault.ref.group_id).startswith(f"{vault.ref.group_id}/providers/")
    assert drill_plan.plan(vault, [item], Options(network="new")).network.id.startswith(vault.ref.group_id)


def test_a_clean_up_that_can_not_read_azure_is_pending_with_a_record(
    vault: Vault, azure: drills.Vault, served: tuple[dict[str, Any], Path]
) -> None:
    azure.done(azure.drill("app-03"))
    item = vault.find("app-03")
    shown = cleanup.plan(vault, [item])
    hand = drill_runs.begin_cleanup(vault, [item], "", Deadline(120), shown)
    forbidden = {"status": 403, "code": "AuthorizationFailed", "message": "No right to read machines."}
    rule = {
        "id": "no-machines",
        "method": "GET",
        "path": "Compute/virtualMachines",
        "times": 9,
        "do": forbidden,
    }
    set_faults(served[0], [rule])
    ended = drill_runs.clean(hand, [item])
    set_faults(served[0], [])
    assert (ended.outcome, "No right to read machines." in ended.problems[0].cause) == (
        "cleanup-pending",
        True,
    )
    made = json.loads((ended.evidence / "record.json").read_text(encoding="utf-8"))
    assert (made["identity"]["outcome"], made["cleanup"]["state"]) == ("cleanup-pending", "pending")
    assert [one["kind"] for one in made["deviations"]][:1] == ["error"]
    again = drill_runs.begin_cleanup(vault, [item], "", Deadline(120), cleanup.plan(vault, [item]))
    assert (again.engagement_id != hand.engagement_id, drill_runs.clean(again, [item]).outcome) == (
        True,
        "done",
    )
