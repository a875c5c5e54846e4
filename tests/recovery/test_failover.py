"""Failover's parts: what is sent, a group's member refused, how prepared a machine is, what was lost by measure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.azure.replication import Replication
from services.problems.model import RefusedError, UsageError
from services.recovery import failover, finishing, requests
from services.recovery.prepared import CHECKS, prepared
from services.recovery.requests import Wish
from services.recovery.target import item_target, plan_target, refuse_group_member
from services.recovery.vault import Vault
from services.recovery.verbs import CANCEL, COMMIT, DISABLE, DRILL, FAILOVER, PLANNED, REPROTECT


@dataclass(frozen=True)
class Seen:
    id: str
    target: str
    status: str


def test_a_recovery_plan_is_given_a_kind_of_point_for_each_provider(vault: Vault) -> None:
    target = plan_target(vault, "contoso-shop")
    body = requests.body(FAILOVER, target, Wish(point="latest-app-consistent", shutdown=True))
    assert body == {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": "Required",
            "providerSpecificDetails": [
                {"instanceType": "InMageAzureV2", "recoveryPointType": "LatestApplicationConsistent"}
            ],
        }
    }
    with pytest.raises(UsageError, match="a kind of point"):
        requests.body(DRILL, target, Wish(point="/some/point"))
    strange = replace(target, items=(replace(target.items[0], provider="HyperVReplica2012R2"),))
    with pytest.raises(RefusedError, match="HyperVReplica2012R2"):
        requests.body(FAILOVER, strange, Wish())


@pytest.mark.parametrize("verb", [COMMIT, CANCEL])
def test_verbs_without_a_body(vault: Vault, verb: str) -> None:
    assert requests.body(verb, item_target(vault, "web-01"), Wish()) is None


def test_bodies_of_what_follows(vault: Vault) -> None:
    target = item_target(vault, "vmware-01")
    back = requests.body(REPROTECT, target, Wish(details={"masterTargetId": "m"}))
    assert back == {
        "properties": {
            "failoverDirection": "RecoveryToPrimary",
            "providerSpecificDetails": {"instanceType": "InMage", "masterTargetId": "m"},
        }
    }
    assert requests.body(DISABLE, target, Wish()) == {
        "properties": {"disableProtectionReason": "NotSpecified"}
    }
    home = replace(target, items=(replace(target.items[0], provider="InMageRcmFailback"),))
    assert requests.body(PLANNED, home, Wish()) == {
        "properties": {
            "providerSpecificDetails": {
                "instanceType": "InMageRcmFailback",
                "recoveryPointType": "ApplicationConsistent",
            }
        }
    }
    with pytest.raises(RefusedError, match="no planned failover"):
        requests.body(PLANNED, target, Wish())


def test_a_member_of_a_group_is_led_to_a_recovery_plan(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Replication.items

    def grouped(self: Replication) -> list[dict[str, Any]]:
        found = list(asked(self))
        for json in found:
            if json["properties"]["friendlyName"] in ("web-01", "web-02"):
                details = json["properties"]["providerSpecificDetails"]
                details |= {"multiVmSyncStatus": "Enabled", "multiVmGroupName": "shop"}
        return found

    monkeypatch.setattr(Replication, "items", grouped)
    with pytest.raises(RefusedError, match="lifeboat failover --plan"):
        failover.plan(vault, item_target(vault, "web-01"), "latest", shutdown=True)
    refuse_group_member(vault, vault.find("app-01"))


def test_a_machine_without_a_network_is_refused(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Replication.item

    def bare(self: Replication, *where: str) -> dict[str, Any] | None:
        found = asked(self, *where)
        assert found is not None
        found["properties"]["providerSpecificDetails"]["selectedRecoveryAzureNetworkId"] = ""
        return found

    monkeypatch.setattr(Replication, "item", bare)
    with pytest.raises(RefusedError, match="items set web-01"):
        failover.plan(vault, item_target(vault, "web-01"), "latest", shutdown=True)


def test_how_prepared_a_machine_is_comes_from_all_its_checks(vault: Vault) -> None:
    item = vault.find("web-01")
    assert prepared(vault.journal, item).status == "unknown"
    engagement = vault.journal.engagement("sweep", "azure-stack-to-azure")
    checks = CHECKS["Windows"]
    vault.journal.save_findings(engagement.id, "s", [Seen(check, "web-01", "ok") for check in checks[1:]])
    assert prepared(vault.journal, item).status == "unknown"
    vault.journal.save_findings(engagement.id, "t", [Seen(checks[0], "web-01", "ok")])
    assert prepared(vault.journal, item).status == "ok"
    vault.journal.save_findings(engagement.id, "t", [Seen(checks[0], "web-01", "failed")])
    found = prepared(vault.journal, item)
    assert (found.status, found.against) == ("failed", (checks[0],))
    assert checks[0] in found.sentence


def test_reprotect_names_what_its_provider_must_be_told(vault: Vault) -> None:
    item = replace(vault.find("vmware-01"), allowed=("ReverseReplicate",))
    from services.recovery.target import Target

    with pytest.raises(UsageError, match="retentionDrive, profileId"):
        finishing.plan(
            vault, REPROTECT, Target((item,)), Wish(details={"masterTargetId": "m", "processServerId": "p"})
        )
    stack = replace(vault.find("web-01"), active="Recovery", state="UnplannedFailoverCommitted", allowed=())
    with pytest.raises(RefusedError, match="failback"):
        finishing.plan(vault, REPROTECT, Target((stack,)), Wish())
