"""A protected item as the service answers it, computed from its facts and the time."""

from __future__ import annotations

from typing import Any

from services.practice import ids, item_states
from services.practice.clock import stamp
from services.practice.item_states import REPLICATION_SECONDS
from services.practice.store import Document

# phase -> protection state, its description, allowed operations
STATES: dict[str, tuple[str, str, list[str]]] = {
    item_states.ENABLING: ("EnablingProtection", "Enabling protection", []),
    item_states.FAILED: ("EnablingFailed", "Enabling protection failed", ["DisableProtection"]),
    item_states.REPLICATING: (
        "InitialReplicationInProgress",
        "Initial replication is in progress",
        ["DisableProtection"],
    ),
    item_states.COMPLETING: (
        "InitialReplicationRecoveryCompletionPending",
        "Waiting for first recovery point",
        ["DisableProtection"],
    ),
    item_states.PROTECTED: (
        "Protected",
        "Protected",
        ["UnplannedFailover", "DisableProtection", "TestFailover"],
    ),
    item_states.DISABLING: ("DisablingProtection", "Disabling protection", []),
}
SCENARIOS = {
    item_states.ENABLING: "EnableProtection",
    item_states.DISABLING: "DisableProtection",
    item_states.COMPLETING: "FinalizeProtection",
}
NO_SCENARIO = "1753-01-01T01:01:01Z"
DISK_BYTES = 136365211648


def progress(item: Document, now: float) -> int | None:
    """Percent of the initial replication; None before it."""
    if item["phase"] in (item_states.ENABLING, item_states.FAILED):
        return None
    if item["phase"] == item_states.REPLICATING:
        return min(99, int((now - item["since"]) / REPLICATION_SECONDS * 100))
    return 100


def health_errors(item: Document) -> list[dict[str, Any]]:
    """What is wrong with an item whose enabling failed."""
    failure = item.get("failure")
    if not failure:
        return []
    return [
        {
            "errorSource": "Server",
            "errorType": "Error",
            "errorLevel": "Error",
            "errorCategory": "Replication",
            "errorCode": str(failure.get("code", "78007")),
            "summaryMessage": failure.get("message", ""),
            "errorMessage": failure.get("message", ""),
            "possibleCauses": failure.get("possibleCauses", ""),
            "recommendedAction": failure.get("recommendedAction", ""),
            "creationTimeUtc": stamp(item["since"]),
            "errorId": ids.derived(item["id"], "error"),
            "innerHealthErrors": [],
        }
    ]


def view(item: Document, now: float) -> Document:
    """The item."""
    state, description, operations = STATES[item["phase"]]
    vault_id = item["fabric"].split("/replicationFabrics")[0]
    running = SCENARIOS.get(item["phase"])
    errors = health_errors(item)
    health = "Critical" if errors else "Normal"
    friendly = item["affected"]["primaryVmmName"]
    return {
        "id": item["id"],
        "name": item["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/"
        "replicationProtectedItems",
        "properties": {
            "friendlyName": item["friendly"],
            "protectedItemType": "VMwareVirtualMachine",
            "protectableItemId": item["protectable"],
            "recoveryServicesProviderId": item["provider"],
            "primaryFabricFriendlyName": friendly,
            "primaryFabricProvider": "VMware",
            "recoveryFabricFriendlyName": ids.AZURE_FABRIC,
            "recoveryFabricId": ids.AZURE_FABRIC,
            "primaryProtectionContainerFriendlyName": friendly,
            "recoveryProtectionContainerFriendlyName": ids.AZURE_FABRIC,
            "protectionState": state,
            "protectionStateDescription": description,
            "activeLocation": "Primary",
            "testFailoverState": "None",
            "testFailoverStateDescription": "None",
            "switchProviderState": "None",
            "allowedOperations": operations,
            "replicationHealth": health,
            "failoverHealth": health,
            "healthErrors": errors,
            "policyId": item["policy"],
            "policyFriendlyName": item["policy"].rsplit("/", 1)[1],
            "currentScenario": {
                "scenarioName": running or "None",
                "jobId": f"{vault_id}/replicationJobs/{item['job'] if running else 'None'}",
                "startTime": stamp(item["since"]) if running else NO_SCENARIO,
            },
            "providerSpecificDetails": details(item, now),
            "recoveryContainerId": f"{vault_id}/replicationFabrics/{ids.AZURE_FABRIC_ID}"
            f"/replicationProtectionContainers/{ids.AZURE_CONTAINER_ID}",
            "eventCorrelationId": item["protectable"].rsplit("/", 1)[1],
        },
    }


def details(item: Document, now: float) -> dict[str, Any]:
    """The part that is InMageAzureV2's own."""
    percent = progress(item, now)
    protected = item["phase"] == item_states.PROTECTED
    seen = stamp(now - now % 60)
    result: dict[str, Any] = {
        "instanceType": "InMageAzureV2",
        "infrastructureVmId": item["protectable"].rsplit("/", 1)[1],
        "vCenterInfrastructureId": "",
        "vmId": item["protectable"].rsplit("/", 1)[1],
        "vmProtectionState": STATES[item["phase"]][0],
        "vmProtectionStateDescription": STATES[item["phase"]][1],
        "ipAddress": item["address"],
        "osType": item["os"],
        "processServerId": item["host"],
        "processServerName": item["affected"]["primaryVmmName"],
        "masterTargetId": item["host"],
        "multiVmGroupId": ids.derived(item["id"], "group"),
        "multiVmGroupName": ids.derived(item["id"], "group"),
        "multiVmSyncStatus": "Disabled",
        "discoveryType": "Physical",
        "protectedDisks": [],
        "diskResized": "false",
        "recoveryAzureVMName": item["vmName"],
        "recoveryAzureVMSize": item.get("vmSize") or "Standard_D2s_v3",
        "recoveryAzureStorageAccount": item["storage"],
        "recoveryAzureLogStorageAccountId": item["log"],
        "recoveryAzureResourceGroupId": item["group"],
        "selectedRecoveryAzureNetworkId": item["network"],
        "vmNics": [nic(item)],
        "enableRdpOnTargetOption": "Never",
        "useManagedDisks": "True",
        "licenseType": "NoLicenseType",
        "datastores": [],
        "validationErrors": [],
    }
    if percent is not None:
        result |= {
            "agentVersion": "9.65.7415.1",
            "isAgentUpdateRequired": "False",
            "isRebootAfterUpdateRequired": "False",
            "lastHeartbeat": seen,
            "resyncProgressPercentage": percent,
            "sourceVmCpuCount": 2,
            "sourceVmRamSizeInMB": 8192,
            "protectedDisks": [disk(item, percent, protected, seen)],
        }
    if protected:
        result |= {"rpoInSeconds": 45, "lastRpoCalculatedTime": seen, "lastRecoveryPointReceived": seen}
    return result


def nic(item: Document) -> dict[str, Any]:
    """The machine's one network interface."""
    return {
        "nicId": ids.derived(item["id"], "nic"),
        "recoveryVMNetworkId": item["network"],
        "ipConfigs": [
            {
                "name": "ipconfig1",
                "isPrimary": True,
                "staticIPAddress": item["address"],
                "recoverySubnetName": item["subnet"],
            }
        ],
        "selectionType": "SelectedByUser" if item["network"] else "NotSelected",
    }


def disk(item: Document, percent: int, protected: bool, seen: str) -> dict[str, Any]:
    """The machine's one disk and how far it is."""
    result: dict[str, Any] = {
        "diskId": ids.derived(item["id"], "disk"),
        "diskName": "\\\\.\\PHYSICALDRIVE0" if item["os"] == "Windows" else "/dev/sda",
        "protectionStage": "Protected" if protected else "InitialReplication",
        "resyncRequired": "false" if protected else "true",
        "resyncProgressPercentage": percent,
        "diskCapacityInBytes": DISK_BYTES,
        "resyncProcessedBytes": DISK_BYTES * percent // 100,
        "resyncTotalTransferredBytes": DISK_BYTES * percent // 300,
        "diskResized": "false",
        "progressHealth": "None" if protected else "InProgress",
    }
    return result | ({"rpoInSeconds": 45, "lastRpoCalculatedTime": seen} if protected else {})
