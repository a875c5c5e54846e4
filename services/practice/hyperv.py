"""A Hyper-V site in the vault: its fabric and server, its machines, and the details of what it protects.

Source: Microsoft's published examples of a Hyper-V site, and recorded answers for HyperVReplicaAzure.
"""

from __future__ import annotations

from typing import Any

from services.practice import ids, item_facts
from services.practice.clock import stamp
from services.practice.fabric_times import YEAR, last_contact
from services.practice.item_details import disks, nic, rpo
from services.practice.store import Document, Store

SITE = "HyperVSite"
PROVIDER_VERSION, SERVER_VERSION, AGENT = "5.25.1015.0", "10.0.20348", "2.0.9938.0"


def site(fabric: Document) -> Document:
    """The fabric as the service answers it."""
    host = {"id": fabric["host"], "name": fabric["address"], "marsAgentVersion": AGENT}
    return {
        "id": fabric["id"],
        "name": fabric["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics",
        "properties": {
            "friendlyName": fabric["friendly"],
            "encryptionDetails": {"kekState": "None"},
            "rolloverEncryptionDetails": {"kekState": "None"},
            "internalIdentifier": fabric["internal"],
            "bcdrState": "Valid",
            "customDetails": {"instanceType": SITE, "hyperVHosts": [host]},
            "healthErrorDetails": [],
            "health": "Normal",
        },
    }


def server(store: Store, fabric: Document, now: float) -> Document:
    """The site's Hyper-V server as the service answers it."""
    return {
        "id": f"{fabric['id']}/replicationRecoveryServicesProviders/{fabric['provider']}",
        "name": fabric["provider"],
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationRecoveryServicesProviders",
        "properties": {
            "fabricType": SITE,
            "friendlyName": fabric["address"],
            "providerVersion": PROVIDER_VERSION,
            "serverVersion": SERVER_VERSION,
            "providerVersionState": "Latest",
            "providerVersionExpiryDate": stamp(fabric["registered"] + YEAR),
            "fabricFriendlyName": fabric["friendly"],
            "lastHeartBeat": stamp(last_contact(fabric, now)),
            "connectionStatus": "Connected",
            "protectedItemCount": store.count("item", fabric["id"]),
            "allowedScenarios": ["Refresh"],
            "healthErrorDetails": [],
        },
    }


def machine(item: Document) -> dict[str, Any]:
    """The details of a protectable machine."""
    return {
        "instanceType": "HyperVVirtualMachine",
        "sourceItemId": item["hostVm"],
        "generation": "2",
        "osDetails": system(item),
        "diskDetails": [
            {
                "maxSizeMB": size * 1024,
                "vhdType": "OperatingSystem" if index == 0 else "Data",
                "vhdId": vhd(item, index),
                "vhdName": f"{item['friendly']}-{suffix}",
            }
            for index, (suffix, size) in enumerate(disks(item))
        ],
        "hasPhysicalDisk": "NotPresent",
        "hasFibreChannelAdapter": "NotPresent",
        "hasSharedVhd": "NotPresent",
        "hyperVHostId": item["host"],
    }


def vhd(item: Document, index: int) -> str:
    """The id of a virtual hard disk; the first is that of the system."""
    return str(item["vhd"]) if index == 0 else ids.derived(item["id"], "vhd", str(index))


def system(item: Document) -> dict[str, str]:
    """The machine's operating system, as far as Hyper-V knows it."""
    return {"osType": item["os"], "productType": "VER_NT_SERVER", "osEdition": "Standard"}


def details(item: Document, now: float) -> dict[str, Any]:
    """The provider's details of a protected item."""
    state, description = item_facts.described(item)
    result = {
        "instanceType": item_facts.HYPER_V,
        "vmId": item["protectable"].rsplit("/", 1)[1],
        "vmProtectionState": state,
        "vmProtectionStateDescription": description,
        "initialReplicationDetails": {
            "initialReplicationType": "InitialReplication",
            "initialReplicationProgressPercentage": "100",
        },
        "azureVmDiskDetails": [
            {
                "vhdType": "OperatingSystem" if index == 0 else "Data",
                "vhdId": vhd(item, index),
                "diskId": ids.derived(item["id"], "disk", str(index)),
                "vhdName": f"{item['friendly']}-{suffix}",
                "maxSizeMB": str(size * 1024),
                "lunId": str(index),
            }
            for index, (suffix, size) in enumerate(disks(item))
        ],
        "vmNics": [nic(item)],
        "encryption": "Disabled",
        "oSDetails": system(item),
        "sourceVmRamSizeInMB": 8192,
        "sourceVmCpuCount": 2,
        **target(item),
    }
    if item_facts.replicates(item):
        at = stamp(now - now % 60)
        result |= {"rpoInSeconds": rpo(item), "lastRpoCalculatedTime": at, "lastRecoveryPointReceived": at}
    return result


def target(item: Document) -> dict[str, Any]:
    """Where the machine goes in Azure."""
    chosen = item.get("settings") or {}
    names = ("recoveryAvailabilitySetId", "targetAvailabilityZone", "targetProximityPlacementGroupId")
    return {
        "recoveryAzureVmName": item["vmName"],
        "recoveryAzureVMSize": item.get("vmSize") or "Standard_D2s_v3",
        "recoveryAzureStorageAccount": item["storage"],
        "recoveryAzureResourceGroupId": item["group"],
        "selectedRecoveryAzureNetworkId": item["network"],
        "enableRdpOnTargetOption": chosen.get("enableRdpOnTargetOption") or "Never",
        "useManagedDisks": chosen.get("useManagedDisks") or "True",
        "licenseType": chosen.get("licenseType") or "NotSpecified",
        **{name: chosen[name] for name in names if chosen.get(name)},
    }
