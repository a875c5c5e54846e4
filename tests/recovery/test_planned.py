"""The plan of a planned failover: where it leads, what it takes, and what is refused before anything is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.problems.model import RefusedError, UsageError
from services.recovery import finishing, reprotect, requests
from services.recovery.item import FAILED_BACK, ProtectedItem, parse_item
from services.recovery.requests import Wish
from services.recovery.target import Target, item_target, plan_target
from services.recovery.vault import Vault
from services.recovery.verbs import (
    CANCEL,
    COMMIT,
    DRILL,
    PLANNED,
    REPROTECT,
    consequence,
    offers,
    verb,
    why_not,
)

HYPER_V = "HyperVReplicaAzure"
HOME = {"dataSyncOption": "ForSynchronization", "recoveryVmCreationOption": "NoAction"}


def of_hyper_v(vault: Vault, *, active: str = "Primary") -> Target:
    """An item of the vault as Azure would show a machine of a Hyper-V site that has a planned failover."""
    item = vault.find("web-01")
    return Target((replace(item, provider=HYPER_V, active=active, allowed=("PlannedFailover",)),))


def stands(operations: list[str], active: str, state: str = "Protected") -> ProtectedItem:
    """A machine of a Hyper-V site, as its JSON says."""
    about = {
        "protectionState": state,
        "activeLocation": active,
        "allowedOperations": operations,
        "providerSpecificDetails": {"instanceType": HYPER_V, "oSDetails": {"osType": "Windows"}},
    }
    return parse_item({"id": "/x", "properties": about})


def test_the_way_home_goes_by_the_same_verbs() -> None:
    away = stands(["CompleteMigration", "Failback"], "Recovery", "PlannedFailoverStatesBegin")
    assert (away.phase, verb(PLANNED).operation in away.allowed, away.os_type) == (
        "committed",
        True,
        "Windows",
    )
    assert "way home" in why_not(verb(REPROTECT), away)
    home = stands(["FinalizeFailback", "DisableProtection"], "Primary", "Anything")
    assert (home.phase, verb(COMMIT).operation in home.allowed) == ("commit-pending", True)
    assert "disks are deleted" in consequence(verb(COMMIT), active="Primary")
    back = stands(["ReverseReplicate", "DisableProtection"], "Primary", "RestoreFinalized")
    assert back.phase == FAILED_BACK
    [again] = [one.verb for one in offers(back) if one.possible and one.verb.id == REPROTECT]
    assert again.consequence == "The machine at its own site is replicated to Azure again."
    assert "reprotect it first" in why_not(verb(DRILL), back)
    over = stands(["Commit", "ChangePit"], "Recovery", "PlannedFailoverCommitRequired")
    assert "commit or change the point" in why_not(verb(CANCEL), over)
    assert "commit that" in why_not(verb(PLANNED), home)
    assert "Commit the failover first" in why_not(verb(REPROTECT), over)


def test_a_plan_leads_to_azure_or_home(vault: Vault) -> None:
    there, wish = finishing.plan(vault, PLANNED, of_hyper_v(vault), Wish())
    assert wish.details == {}
    assert any("joins the network" in note for note in there.notes)
    [settings] = there.looked_at["settings"].values()
    assert settings["network"].endswith("contoso-recovery-net")
    away = of_hyper_v(vault, active="Recovery")
    home, wish = finishing.plan(vault, PLANNED, away, Wish())
    assert (wish.details, there.digest == home.digest) == (HOME, False)
    body = requests.body(PLANNED, away, wish)
    assert body is not None
    assert body["properties"]["failoverDirection"] == "RecoveryToPrimary"
    first, wish = finishing.plan(vault, PLANNED, away, Wish(details={"dataSyncOption": "ForDownTime"}))
    assert wish.details["dataSyncOption"] == "ForDownTime"
    assert any("while it runs on in Azure" in note for note in first.notes)


def test_options_that_make_no_sense_are_refused(vault: Vault) -> None:
    with pytest.raises(UsageError, match="takes no option"):
        finishing.plan(vault, PLANNED, of_hyper_v(vault), Wish(details=HOME))
    away = of_hyper_v(vault, active="Recovery")
    for wrong in ({"colour": "red"}, {"recoveryVmCreationOption": "CreateVmIfNotFound"}):
        with pytest.raises(UsageError):
            finishing.plan(vault, PLANNED, away, Wish(details=wrong))


@pytest.mark.parametrize(
    ("provider", "said"), [("A2A", "has no planned"), ("HyperVReplica2012", "from here yet")]
)
def test_a_provider_without_it_says_so(vault: Vault, provider: str, said: str) -> None:
    target = of_hyper_v(vault)
    strange = replace(target, items=(replace(target.items[0], provider=provider),))
    with pytest.raises(RefusedError, match=said):
        finishing.plan(vault, PLANNED, strange, Wish())


def test_a_recovery_plan_of_hyper_v_machines_goes_both_ways(vault: Vault) -> None:
    target = plan_target(vault, "contoso-web")
    with pytest.raises(RefusedError, match="has no planned failover"):
        requests.body(PLANNED, target, Wish())
    hyper_v = replace(target, items=tuple(replace(item, provider=HYPER_V) for item in target.items))
    assert requests.body(PLANNED, hyper_v, Wish()) == {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "providerSpecificDetails": [{"instanceType": HYPER_V, "recoveryPointType": "Latest"}],
        }
    }
    assert requests.body(PLANNED, hyper_v, Wish(details=HOME)) == {
        "properties": {
            "failoverDirection": "RecoveryToPrimary",
            "providerSpecificDetails": [{"instanceType": "HyperVReplicaAzureFailback", **HOME}],
        }
    }
    mixed = replace(hyper_v, items=(hyper_v.items[0], target.items[1]))
    with pytest.raises(RefusedError, match="has no planned failover"):
        requests.body(PLANNED, mixed, Wish())


def test_what_azure_does_not_tell_must_be_given(vault: Vault) -> None:
    """The machine of a configuration server lacks what Hyper-V would tell; what is given completes it."""
    [item] = of_hyper_v(vault).items
    with pytest.raises(UsageError, match="hvHostVmId, osType, vHDId"):
        reprotect.details(vault, item, {})
    given = {"hvHostVmId": "vm", "osType": "Windows", "vHDId": "disk"}
    found = reprotect.details(vault, item, given)
    assert {key: found[key] for key in ("vmName", *given)} == {"vmName": "web-01", **given}
    plain = item_target(vault, "web-01").items[0]
    with pytest.raises(UsageError, match="masterTargetId"):
        reprotect.details(vault, plain, {})
    with pytest.raises(RefusedError, match="A2A cannot be reprotected"):
        reprotect.details(vault, replace(plain, provider="A2A"), {})
