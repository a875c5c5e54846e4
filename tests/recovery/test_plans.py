"""Recovery plans: read, written with everything in them, refused where they cannot be, deleted."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest

from services.azure.replication import Replication
from services.problems.model import ProblemError, RefusedError, UsageError
from services.recovery import plan_edit, run
from services.recovery.plan_json import plan_json, wanted_plan
from services.recovery.plans import RecoveryPlan, find_plan, parse_plan
from services.recovery.vault import Vault
from services.world.deadline import Deadline

MANUAL = {"name": "Ask", "kind": "manual", "instructions": "Is the night run over?"}
SCRIPT = {"name": "DNS", "kind": "script", "path": "Dns.ps1", "side": "Recovery", "timeout": "00:05:00"}
RUNBOOK = {"name": "Tell", "kind": "runbook", "runbook": "/subscriptions/s/runbooks/Tell", "side": "Recovery"}


def document(name: str = "three", **changes: Any) -> dict[str, Any]:
    groups = [
        {"items": ["db-01"], "after": [SCRIPT]},
        {"items": ["app-01", "app-02"], "before": [MANUAL, RUNBOOK]},
        {"items": ["web-01"]},
    ]
    return {"lifeboat": "recovery-plan", "format": 1, "name": name, "groups": groups, **changes}


def wanted(vault: Vault, data: dict[str, Any]) -> RecoveryPlan:
    return wanted_plan(json.dumps(data).encode(), vault, vault.items(), "file")


def written(vault: Vault, data: dict[str, Any]) -> RecoveryPlan:
    plan, items = wanted(vault, data), vault.items()
    hand = run.begin(vault, "write-plan", [plan.id], [plan.name], {}, Deadline(60))
    done = plan_edit.write(hand, vault, plan, items, plan_edit.write_plan(vault, plan, items))
    hand.end("done")
    return done


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (resources.files("assets") / "schemas" / "plan.json").read_text(encoding="utf-8")
    )
    return found


def test_a_plan_comes_out_as_it_went_in(vault: Vault) -> None:
    written(vault, document())
    out = plan_json(find_plan(vault, "three"), vault.items())
    jsonschema.validate(out, schema())
    jsonschema.validate(document(), schema())
    boot = [group for group in out["groups"] if group["kind"] == "boot"]
    assert [sorted(group["items"]) for group in boot] == [["db-01"], ["app-01", "app-02"], ["web-01"]]
    common = {
        "failoverTypes": ["TestFailover", "UnplannedFailover", "PlannedFailover"],
        "directions": ["PrimaryToRecovery"],
    }
    assert boot[0]["after"] == [{**SCRIPT, **common}]
    assert boot[1]["before"] == [{**MANUAL, **common}, {**RUNBOOK, **common}]
    assert plan_edit.write_plan(vault, wanted(vault, out), vault.items()).empty


def test_only_what_differs_is_said_and_written(vault: Vault) -> None:
    written(vault, document("moved"))
    groups = document()["groups"]
    turned = document("moved", groups=[groups[1], groups[0], {"items": ["web-01", "web-02"]}])
    shown = plan_edit.write_plan(vault, wanted(vault, turned), vault.items())
    assert ("create", "Group 3", "machine web-02") in {(c.kind, c.thing, c.name) for c in shown.changes}
    assert any("DNS" in change.name for change in shown.changes)
    assert not any("web-01" in change.name for change in shown.changes)
    written(vault, turned)
    assert plan_edit.write_plan(vault, wanted(vault, turned), vault.items()).empty


def test_a_plan_that_changed_since_it_was_shown_is_refused(vault: Vault) -> None:
    written(vault, document("race"))
    target = wanted(vault, document("race", groups=[{"items": ["web-02"]}]))
    shown = plan_edit.write_plan(vault, target, vault.items())
    written(vault, document("race", groups=[{"items": ["web-03"]}]))
    hand = run.begin(vault, "write-plan", [target.id], ["race"], {}, Deadline(60))
    with pytest.raises(RefusedError, match="changed since"):
        plan_edit.write(hand, vault, target, vault.items(), shown)
    assert "web-03" in str(plan_json(find_plan(vault, "race"), vault.items()))


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([{"items": ["web-01", "gone-77"]}], "gone-77: It is not protected"),
        ([{"items": ["web-01"]}, {"items": ["web-01"]}], "twice"),
        ([{}] * 8, "1 to 7"),
        ([], "1 to 7"),
        ([{"kind": "shutdown"}, {"kind": "shutdown"}, {}], "at most"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_sent(vault: Vault, groups: Any, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        wanted(vault, document("never", groups=groups))


def test_more_than_a_hundred_machines_are_refused(vault: Vault) -> None:
    from dataclasses import replace

    first = vault.find("web-01")
    crowd = [replace(first, id=f"{first.id}-{n}", name=f"n{n}", title=f"t{n}") for n in range(101)]
    data = document("crowd", groups=[{"items": [item.title for item in crowd]}])
    with pytest.raises(RefusedError, match="101 machines"):
        wanted_plan(json.dumps(data).encode(), vault, crowd, "file")
    data["groups"][0]["items"].pop()
    assert len(wanted_plan(json.dumps(data).encode(), vault, crowd, "file").members) == 100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "format 1"),
        ({"name": "a/b"}, "name"),
        ({"groups": "x"}, "groups"),
        ({"groups": [{"items": "web-01"}]}, "give a list"),
        ({"groups": [{"kind": "last"}]}, "shutdown, failover or boot"),
        ({"groups": [{"itmes": []}]}, "itmes"),
        ({"groups": [{"before": [{"name": "x", "kind": "script", "path": "p"}]}]}, "side is missing"),
        ({"groups": [{"before": [{"name": "x", "kind": "manual"}]}]}, "instructions is missing"),
        ({"groups": [{"before": [{**MANUAL, "failoverTypes": []}]}]}, "failoverTypes"),
    ],
)
def test_a_file_that_can_not_be_read_says_what_is_wrong(
    vault: Vault, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        wanted(vault, document(**changes))


def test_what_azure_drops_is_said_line_by_line(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(self: Replication, name: str) -> dict[str, Any] | None:
        found = asked(self, name)
        if found:
            found["properties"]["groups"][2]["endGroupActions"] = []
            found["properties"]["groups"][3]["replicationProtectedItems"].pop()
        return found

    asked = Replication.recovery_plan
    monkeypatch.setattr(Replication, "recovery_plan", forgetful)
    with pytest.raises(ProblemError) as raised:
        written(vault, document("dropped"))
    said = [problem.sentence() for problem in raised.value.problems]
    assert all(problem.code == "plan-dropped" for problem in raised.value.problems)
    assert any("Dns.ps1" in one and "Group 1, after" in one for one in said)
    assert any("machine app-0" in one for one in said)
    assert len(said) == 2


def test_an_action_of_a_kind_that_is_not_known_is_kept(vault: Vault) -> None:
    strange = {
        "actionName": "New",
        "failoverTypes": ["TestFailover"],
        "failoverDirections": ["PrimaryToRecovery"],
        "customDetails": {"instanceType": "WebhookActionDetails", "uri": "https://x.example"},
    }
    group = {"groupType": "Boot", "replicationProtectedItems": [], "startGroupActions": [strange]}
    plan = parse_plan(
        {"id": "/v/p", "name": "p", "properties": {"groups": [group], "primaryFabricId": "/f/F"}}
    )
    out = plan_json(plan, [])
    jsonschema.validate(out, schema())
    again = wanted_plan(json.dumps(out).encode(), vault, [], "file")
    from services.recovery.plans import group_body

    assert group_body(again.groups[2], {})["startGroupActions"] == [strange]


def test_a_deleted_plan_is_gone_and_its_machines_are_not(vault: Vault) -> None:
    target = written(vault, document("short", groups=[{"items": ["web-01"]}]))
    hand = run.begin(vault, "delete-plan", [target.id], ["short"], {}, Deadline(60))
    plan_edit.delete(hand, vault, target, plan_edit.delete_plan(target))
    hand.end("done")
    with pytest.raises(UsageError, match="no such recovery plan"):
        find_plan(vault, "short")
    assert vault.find("web-01").title == "web-01"
