"""What is sent for a verb, by provider: the shapes that the SDK's models take, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from services.azure import hyper_v_azure
from services.azure.verb_bodies import verbs_of, without_planned
from services.problems.model import RefusedError, UsageError

PROVIDERS = ("InMageAzureV2", "InMageRcm", "HyperVReplicaAzure", "A2A")
POINT = "/vault/recoveryPoints/p1"


def model(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The provider's details through the SDK's model of this name, which must know each of their properties."""
    from azure.mgmt.recoveryservicessiterecovery import models

    details = body["properties"]["providerSpecificDetails"]
    found = getattr(models, name)(details)
    known = {field._rest_name for field in found._attr_to_rest_field.values()}
    assert set(details) <= known, (name, details)
    assert details["instanceType"] == getattr(models, name)().instance_type
    return dict(found.as_dict())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_verb_has_the_shape_of_its_provider(provider: str) -> None:
    verbs = verbs_of(provider)
    drill = verbs.drill("/net", POINT)
    assert drill["properties"]["networkId"] == "/net"
    assert model(f"{provider}TestFailoverInput", drill)["recoveryPointId"] == POINT
    over = verbs.failover(POINT, shutdown=True)
    assert model(f"{provider}UnplannedFailoverInput", over)["instanceType"] == provider
    changed = verbs.change_point(POINT)
    assert changed["properties"]["recoveryPointId"] == POINT
    assert model(f"{provider}ApplyRecoveryPointInput", changed)["instanceType"] == provider
    assert (
        "recoveryPointId" not in verbs.failover("", shutdown=False)["properties"]["providerSpecificDetails"]
    )


def test_a_provider_without_established_bodies_says_so() -> None:
    with pytest.raises(RefusedError, match=r"HyperVReplica2012R2 cannot be failed over from here yet"):
        verbs_of("HyperVReplica2012R2")
    assert [one for one in PROVIDERS if without_planned(one)] == ["InMageAzureV2", "InMageRcm", "A2A"]
    assert not without_planned("HyperVReplica2012R2")


def test_planned_failover_of_hyper_v_leads_to_azure_and_home() -> None:
    over = hyper_v_azure.planned_body()
    assert over["properties"]["failoverDirection"] == "PrimaryToRecovery"
    model("HyperVReplicaAzurePlannedFailoverProviderInput", over)
    home = hyper_v_azure.failback_body({})
    assert home["properties"]["failoverDirection"] == "RecoveryToPrimary"
    assert model("HyperVReplicaAzureFailbackProviderInput", home) == {
        "instanceType": "HyperVReplicaAzureFailback",
        "dataSyncOption": "ForSynchronization",
        "recoveryVmCreationOption": "NoAction",
    }
    elsewhere = {"recoveryVmCreationOption": "CreateVmIfNotFound", "providerIdForAlternateRecovery": "/host"}
    assert model("HyperVReplicaAzureFailbackProviderInput", hyper_v_azure.failback_body(elsewhere))
    with pytest.raises(UsageError) as caught:
        hyper_v_azure.failback_body({"dataSyncOption": "Fast", "colour": "red"})
    assert [problem.subject for problem in caught.value.problems] == ["colour", "dataSyncOption"]


def test_a_reprotection_of_hyper_v_names_what_azure_tells() -> None:
    kept = {
        "properties": {
            "friendlyName": "hv-01",
            "providerSpecificDetails": {
                "azureVmDiskDetails": [
                    {"vhdType": "Data", "vhdId": "d1"},
                    {"vhdType": "OperatingSystem", "vhdId": "d0"},
                ],
                "oSDetails": {"osType": "Windows"},
                "recoveryAzureStorageAccount": "/storage",
                "recoveryAzureLogStorageAccountId": None,
            },
        }
    }
    machine = {"properties": {"customDetails": {"sourceItemId": "vm", "diskDetails": []}}}
    found = hyper_v_azure.reprotect_details(kept, machine)
    wanted = {"hvHostVmId": "vm", "vmName": "hv-01", "osType": "Windows", "vHDId": "d0"}
    assert found == {**wanted, "storageAccountId": "/storage"}
    body = hyper_v_azure.reprotect_body(found)
    assert model("HyperVReplicaAzureReprotectInput", body) == {"instanceType": "HyperVReplicaAzure", **found}
    assert hyper_v_azure.reprotect_details({}, {}) == {}
