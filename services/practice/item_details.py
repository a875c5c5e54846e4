"""The part of a protected item that is its provider's own: agent, disks, and where it goes in Azure."""

from __future__ import annotations

from typing import Any

from services.practice import ids, item_facts, item_states
from services.practice.clock import stamp
from services.practice.item_states import REPLICATION_SECONDS
from services.practice.store import Document

DISK_BYTES = 136365211648
AGENT = "9.65.7415.1"


def progress(item: Document, now: float) -> int | None:
    """Percent of the initial replication; None before it."""
    if item["phase"] in (item_states.ENABLING, item_states.FAILED):
        return None
    if item["phase"] == item_states.REPLICATING:
        return min(99, int((now - item["since"]) / REPLICATION_SECONDS * 100))
    return 100


def details(item: Document, now: float) -> dict[str, Any]:
    """The provider's details of an item."""
    if item["phase"] == item_facts.REVERSED:
        return reversed_details(item)
    percent = progress(item, now)
    result = {**identity(item), **target(item)}
    if percent is not None:
        result |= agent(item, now, percent)
    if item_facts.replicates(item):
        # A machine without a problem is a minute behind at most; a stalled one falls behind with the clock.
        since = item.get("stalled")
        measured = now if since is None else float(since)
        seen = stamp(measured - measured % 60)
        seconds = rpo(item) if since is None else int(now - float(since))
        result |= {"rpoInSeconds": seconds, "lastRpoCalculatedTime": stamp(now - now % 60)}
        result |= {"lastRecoveryPointReceived": seen}
    return result


def rpo(item: Document) -> int:
    """How far behind the item is, in seconds."""
    return int(item.get("rpo") or 45)


def identity(item: Document) -> dict[str, Any]:
    """What the machine is, and through which servers it replicates."""
    state, description = item_facts.described(item)
    machine = item["protectable"].rsplit("/", 1)[1]
    group = ids.derived(item["id"], "group")
    return {
        "instanceType": "InMageAzureV2",
        "infrastructureVmId": machine,
        "vCenterInfrastructureId": "",
        "vmId": machine,
        "vmProtectionState": state,
        "vmProtectionStateDescription": description,
        "ipAddress": item["address"],
        "osType": item["os"],
        "processServerId": item["host"],
        "processServerName": item["affected"]["primaryVmmName"],
        "masterTargetId": item["host"],
        "multiVmGroupId": group,
        "multiVmGroupName": group,
        "multiVmSyncStatus": "Disabled",
        "discoveryType": item.get("discovery") or "Physical",
        "protectedDisks": [],
        "diskResized": "false",
        "datastores": [],
        "validationErrors": [],
    }


def target(item: Document) -> dict[str, Any]:
    """Where the machine goes in Azure."""
    chosen = item.get("settings") or {}
    result = {
        "recoveryAzureVMName": item["vmName"],
        "recoveryAzureVMSize": item.get("vmSize") or "Standard_D2s_v3",
        "recoveryAzureStorageAccount": item["storage"],
        "recoveryAzureLogStorageAccountId": item["log"],
        "recoveryAzureResourceGroupId": item["group"],
        "selectedRecoveryAzureNetworkId": item["network"],
        "vmNics": [nic(item)],
        "enableRdpOnTargetOption": chosen.get("enableRdpOnTargetOption") or "Never",
        "useManagedDisks": chosen.get("useManagedDisks") or "True",
        "licenseType": chosen.get("licenseType") or "NoLicenseType",
    }
    optional = (
        "selectedTfoAzureNetworkId",
        "recoveryAvailabilitySetId",
        "targetAvailabilityZone",
        "targetProximityPlacementGroupId",
        "sqlServerLicenseType",
        "targetVmTags",
        "targetManagedDiskTags",
        "targetNicTags",
    )
    result |= {name: chosen[name] for name in optional if chosen.get(name)}
    if item.get("target"):
        result["targetVmId"] = item["target"]
    return result


def agent(item: Document, now: float, percent: int) -> dict[str, Any]:
    """The Mobility service, and how far the disks are."""
    replicated = item["phase"] not in (item_states.REPLICATING, item_states.COMPLETING)
    seen = stamp(now - now % 60)
    return {
        "agentVersion": item.get("agent") or AGENT,
        "isAgentUpdateRequired": "True" if item.get("agent") else "False",
        "isRebootAfterUpdateRequired": "False",
        "lastHeartbeat": seen,
        "resyncProgressPercentage": percent,
        "sourceVmCpuCount": 2,
        "sourceVmRamSizeInMB": 8192,
        "protectedDisks": [
            disk(item, index, size, percent, replicated, seen) for index, (_, size) in enumerate(disks(item))
        ],
        "protectedManagedDisks": [
            {
                "diskId": ids.derived(item["id"], "disk", str(index)),
                "replicaDiskType": "Standard_LRS",
                "targetDiskName": f"{item['vmName']}-{suffix}",
            }
            for index, (suffix, _) in enumerate(disks(item))
        ],
    }


def disks(item: Document) -> list[tuple[str, int]]:
    """The machine's disks: a suffix for their names, and GB."""
    return [("OSdisk-00", 128), *((f"datadisk-{n:02d}", 256) for n in range(int(item.get("dataDisks") or 0)))]


def nic(item: Document) -> dict[str, Any]:
    """The machine's one network interface."""
    chosen = item.get("nic") or {}
    names = (
        "recoveryNetworkSecurityGroupId",
        "tfoNetworkSecurityGroupId",
        "enableAcceleratedNetworkingOnRecovery",
        "enableAcceleratedNetworkingOnTfo",
        "targetNicName",
    )
    tested = (item.get("settings") or {}).get("selectedTfoAzureNetworkId")
    addresses = (
        "recoveryStaticIPAddress",
        "tfoSubnetName",
        "tfoStaticIPAddress",
        "recoveryPublicIPAddressId",
    )
    return {
        "nicId": ids.derived(item["id"], "nic"),
        "recoveryVMNetworkId": item["network"],
        **({"tfoVMNetworkId": tested} if tested else {}),
        **{name: chosen[name] for name in names if chosen.get(name) is not None},
        "ipConfigs": [
            {
                "name": "ipconfig1",
                "isPrimary": True,
                "staticIPAddress": item["address"],
                "recoverySubnetName": item["subnet"],
                **{name: chosen[name] for name in addresses if chosen.get(name)},
            }
        ],
        "selectionType": chosen.get("selectionType")
        or ("SelectedByUser" if item["network"] else "NotSelected"),
    }


def disk(item: Document, index: int, size: int, percent: int, replicated: bool, seen: str) -> dict[str, Any]:
    """One disk and how far it is."""
    letter = chr(ord("a") + index)
    total = DISK_BYTES if index == 0 else size * 1024**3
    result: dict[str, Any] = {
        "diskId": ids.derived(item["id"], "disk", str(index)),
        "diskName": f"\\\\.\\PHYSICALDRIVE{index}" if item["os"] == "Windows" else f"/dev/sd{letter}",
        "protectionStage": "Protected" if replicated else "InitialReplication",
        "resyncRequired": "false" if replicated else "true",
        "resyncProgressPercentage": percent,
        "diskCapacityInBytes": total,
        "resyncProcessedBytes": total * percent // 100,
        "resyncTotalTransferredBytes": total * percent // 300,
        "diskResized": "false",
        "progressHealth": "None" if replicated else "InProgress",
    }
    return result | ({"rpoInSeconds": rpo(item), "lastRpoCalculatedTime": seen} if replicated else {})


def reversed_details(item: Document) -> dict[str, Any]:
    """What a machine that replicates from Azure back to its own site carries."""
    return {
        "instanceType": "InMage",
        "activeSiteType": "Azure",
        "ipAddress": item["address"],
        "processServerId": item["host"],
        "masterTargetId": item["host"],
        "osDetails": {"osType": item["os"]},
        "protectionStage": "Protected",
        "vmId": item["protectable"].rsplit("/", 1)[1],
        "vmProtectionState": "Protected",
        "vmProtectionStateDescription": "Protected",
        "rpoInSeconds": rpo(item),
        "vmNics": [nic(item)],
        "discoveryType": item.get("discovery") or "Physical",
        "validationErrors": [],
        "datastores": [],
    }
