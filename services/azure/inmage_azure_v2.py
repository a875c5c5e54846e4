"""Provider InMageAzureV2: machines behind a classic configuration server, replicated as physical ones.

Request bodies and the parts of answers that only this provider has. Azure keeps policy times in minutes.
Source: Site Recovery API, InMageAzureV2PolicyInput and InMageAzureV2EnableProtectionInput; azure-powershell
for which fields the service needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PROVIDER = "InMageAzureV2"
FABRIC = "VMware"
TO_AZURE = "Microsoft Azure"
CRASH_CONSISTENT_MINUTES = 5

Json = dict[str, Any]


@dataclass(frozen=True)
class PolicySettings:
    """A replication policy as the documents ask for it."""

    rpo_minutes: int
    retention_hours: int
    app_consistent_hours: int
    """0: never."""


@dataclass(frozen=True)
class ProtectionSettings:
    """Where one machine is replicated to, and by whom."""

    policy_id: str
    protectable_id: str
    process_server_id: str
    account_id: str
    """Empty for a machine whose Mobility service came another way."""
    log_account_id: str
    resource_group_id: str
    vm_name: str
    network_id: str = ""
    subnet: str = ""


def policy_body(settings: PolicySettings) -> Json:
    """Body of a policy's creation."""
    return {
        "properties": {
            "providerSpecificInput": {
                "instanceType": PROVIDER,
                "recoveryPointThresholdInMinutes": settings.rpo_minutes,
                "recoveryPointHistory": settings.retention_hours * 60,
                "crashConsistentFrequencyInMinutes": CRASH_CONSISTENT_MINUTES,
                "appConsistentFrequencyInMinutes": settings.app_consistent_hours * 60,
                "multiVmSyncStatus": "Disable",
            }
        }
    }


def policy_differs(policy: Json, settings: PolicySettings) -> bool:
    """Whether a policy in the vault is another one than the settings ask for."""
    details = (policy.get("properties") or {}).get("providerSpecificDetails") or {}
    wanted = policy_body(settings)["properties"]["providerSpecificInput"]
    keys = ("recoveryPointThresholdInMinutes", "recoveryPointHistory", "appConsistentFrequencyInMinutes")
    return details.get("instanceType") != PROVIDER or any(details.get(key) != wanted[key] for key in keys)


def mapping_body(policy_id: str) -> Json:
    """Body of the mapping that ties a container to a policy."""
    return {
        "properties": {
            "targetProtectionContainerId": TO_AZURE,
            "policyId": policy_id,
            "providerSpecificInput": {"instanceType": PROVIDER},
        }
    }


def protection_body(settings: ProtectionSettings) -> Json:
    """Body of enabling protection. What is empty is left out; the network can be chosen later."""
    details = {
        "instanceType": PROVIDER,
        "processServerId": settings.process_server_id,
        "masterTargetId": settings.process_server_id,
        "runAsAccountId": settings.account_id,
        "logStorageAccountId": settings.log_account_id,
        "targetAzureV2ResourceGroupId": settings.resource_group_id,
        "targetAzureVmName": settings.vm_name,
        "targetAzureNetworkId": settings.network_id,
        "targetAzureSubnetId": settings.subnet,
        "enableRdpOnTargetOption": "Never",
    }
    return {
        "properties": {
            "policyId": settings.policy_id,
            "protectableItemId": settings.protectable_id,
            "providerSpecificDetails": {key: value for key, value in details.items() if value},
        }
    }


def server_details(fabric: Json) -> Json:
    """What a fabric says of its configuration server; empty for a fabric of another kind."""
    details = (fabric.get("properties") or {}).get("customDetails") or {}
    return details if details.get("instanceType") == FABRIC else {}
