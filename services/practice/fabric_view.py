"""What a registered configuration server, or a Hyper-V site, looks like in the vault."""

from __future__ import annotations

from typing import Any

from services.practice import hyperv, ids
from services.practice.clock import stamp
from services.practice.fabric_times import YEAR, last_contact
from services.practice.store import Document, Store

ACCOUNT_SECONDS = 15 * 60.0
PROCESS_SERVER_SECONDS = 2 * 60.0
AGENT, PROVIDER_VERSION = "9.65.7415.1", "5.24.1204.5"
OLD_AGENT = "9.62.7172.1"
GIB = 1024**3


def accounts(store: Store, fabric: Document, now: float) -> list[dict[str, str]]:
    """The accounts that show: a quarter of an hour after they were added, or once the server was refreshed."""
    seen = []
    for account in store.all("account"):
        shows = max(account["added"], fabric["registered"]) + ACCOUNT_SECONDS
        if now >= shows or (fabric["refreshed"] or 0.0) >= account["added"]:
            seen.append({"accountId": account["id"], "accountName": account["name"]})
    return seen


def process_servers(store: Store, fabric: Document, now: float) -> list[dict[str, Any]]:
    """The built-in process server, shortly after the registration, and stand-alone ones that were added."""
    if now < fabric["registered"] + PROCESS_SERVER_SECONDS:
        return []
    machines = str(store.count("item", fabric["id"]))
    built_in = _process_server(fabric, now, fabric["friendly"], fabric["host"], fabric["address"], machines)
    added = [
        {
            **_process_server(fabric, now, one["name"], one["host"], one["address"], "0"),
            **(strained(fabric, now) if one.get("strained") else {}),
        }
        for one in fabric.get("more", ())
    ]
    return [built_in, *added]


def _process_server(
    fabric: Document, now: float, name: str, host: str, address: str, machines: str
) -> dict[str, Any]:
    contact = stamp(last_contact(fabric, now))
    expiry = fabric["registered"] + 3 * YEAR
    return {
        "friendlyName": name,
        "id": host,
        "ipAddress": address,
        "osType": "Windows",
        "agentVersion": AGENT,
        "lastHeartbeat": contact,
        "versionStatus": "UpToDate",
        "mobilityServiceUpdates": [],
        "hostId": host,
        "machineCount": machines,
        "replicationPairCount": machines,
        **load(),
        "psServiceStatus": "Running",
        "sslCertExpiryDate": stamp(expiry),
        "sslCertExpiryRemainingDays": int((expiry - now) // 86400),
        "osVersion": "10.0.14393",
        "healthErrors": [],
        "agentExpiryDate": stamp(fabric["registered"] + YEAR),
        "agentVersionDetails": version(AGENT, fabric),
        "health": "Normal",
        "psStatsRefreshTime": contact,
        "throughputUploadPendingDataInBytes": 0,
        "throughputInMBps": 12,
        "throughputInBytes": 12582912,
        "throughputStatus": "Healthy",
        "marsCommunicationStatus": "Healthy",
        "marsRegistrationStatus": "Healthy",
    }


def strained(fabric: Document, now: float) -> dict[str, Any]:
    """A process server near its limits: little cache left, a busy processor, an agent to update."""
    message = "The free space of the cache folder of the process server is less than 30 percent."
    return {
        "cpuLoad": "86",
        "cpuLoadStatus": "Warning",
        "systemLoad": "6",
        "availableMemoryInBytes": 7 * GIB,
        "totalSpaceInBytes": 600 * GIB,
        "availableSpaceInBytes": 162 * GIB,
        "spaceUsageStatus": "Warning",
        "throughputStatus": "Warning",
        "throughputUploadPendingDataInBytes": 41 * GIB,
        "agentVersion": OLD_AGENT,
        "versionStatus": "UpdateRequired",
        "agentVersionDetails": version(OLD_AGENT, fabric) | {"status": "UpdateRequired"},
        "mobilityServiceUpdates": [{"version": AGENT, "rebootStatus": "NotRequired", "osType": "Windows"}],
        "health": "Warning",
        "healthErrors": [
            {
                "errorSource": "ProcessServer",
                "errorType": "Warning",
                "errorLevel": "Warning",
                "errorCategory": "FabricInfrastructure",
                "errorCode": "78081",
                "summaryMessage": message,
                "errorMessage": message,
                "possibleCauses": "The machines change more data than the server can upload.",
                "recommendedAction": "Add disk space or bandwidth, or move machines to another process server.",
                "creationTimeUtc": stamp(max(fabric["registered"], now - 5400)),
                "errorId": ids.derived(fabric["id"], "cache"),
                "customerResolvability": "NotAllowed",
                "innerHealthErrors": [],
            }
        ],
    }


def load() -> dict[str, Any]:
    """The load of a server with little to do."""
    return {
        "systemLoad": "1",
        "systemLoadStatus": "Healthy",
        "cpuLoad": "7",
        "cpuLoadStatus": "Healthy",
        "totalMemoryInBytes": 32 * GIB,
        "availableMemoryInBytes": 21 * GIB,
        "memoryUsageStatus": "Healthy",
        "totalSpaceInBytes": 800 * GIB,
        "availableSpaceInBytes": 720 * GIB,
        "spaceUsageStatus": "Healthy",
    }


def version(number: str, fabric: Document) -> dict[str, str]:
    """Version details that are fine."""
    return {"version": number, "expiryDate": stamp(fabric["registered"] + YEAR), "status": "Supported"}


def master_target(fabric: Document, now: float) -> dict[str, Any]:
    """The built-in master target: the same host."""
    return {
        "id": fabric["host"],
        "ipAddress": fabric["address"],
        "name": fabric["friendly"],
        "osType": "Windows",
        "agentVersion": AGENT,
        "lastHeartbeat": stamp(last_contact(fabric, now)),
        "versionStatus": "UpToDate",
        "retentionVolumes": [
            {
                "volumeName": "E:\\",
                "capacityInBytes": 600 * GIB,
                "freeSpaceInBytes": 590 * GIB,
                "thresholdPercentage": 25,
            }
        ],
        "dataStores": [],
        "validationErrors": [],
        "healthErrors": [],
        "diskCount": 3,
        "osVersion": "10.0.14393",
        "agentVersionDetails": version(AGENT, fabric),
    }


def view(store: Store, fabric: Document, now: float) -> Document:
    """The fabric as the service answers it."""
    if fabric.get("kind") == hyperv.SITE:
        return hyperv.site(fabric)
    servers = process_servers(store, fabric, now)
    items = str(store.count("item", fabric["id"]))
    expiry = fabric["registered"] + 3 * YEAR
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
            "customDetails": {
                "instanceType": "VMware",
                "processServers": servers,
                "masterTargetServers": [master_target(fabric, now)] if servers else [],
                "runAsAccounts": accounts(store, fabric, now),
                "replicationPairCount": items,
                "processServerCount": str(len(servers)),
                "agentCount": items,
                "protectedServers": items,
                **load(),
                "webLoad": "0",
                "webLoadStatus": "Healthy",
                "databaseServerLoad": "0",
                "databaseServerLoadStatus": "Healthy",
                "csServiceStatus": "Running",
                "ipAddress": fabric["address"],
                "agentVersion": AGENT,
                "hostName": fabric["friendly"],
                "lastHeartbeat": stamp(last_contact(fabric, now)),
                "versionStatus": "UpToDate",
                "sslCertExpiryDate": stamp(expiry),
                "sslCertExpiryRemainingDays": int((expiry - now) // 86400),
                "psTemplateVersion": AGENT,
                "agentExpiryDate": stamp(fabric["registered"] + YEAR),
                "agentVersionDetails": version(AGENT, fabric),
            },
            "healthErrorDetails": [error for one in servers for error in one["healthErrors"]],
            "health": "Warning" if any(one["healthErrors"] for one in servers) else "Normal",
        },
    }


def provider(store: Store, fabric: Document, now: float) -> Document:
    """The fabric's provider as the service answers it."""
    if fabric.get("kind") == hyperv.SITE:
        return hyperv.server(store, fabric, now)
    return {
        "id": f"{fabric['id']}/replicationRecoveryServicesProviders/{fabric['provider']}",
        "name": fabric["provider"],
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationRecoveryServicesProviders",
        "properties": {
            "fabricType": "VMware",
            "friendlyName": fabric["friendly"],
            "providerVersion": PROVIDER_VERSION,
            "serverVersion": AGENT,
            "providerVersionState": "Latest",
            "providerVersionExpiryDate": stamp(fabric["registered"] + YEAR),
            "fabricFriendlyName": fabric["friendly"],
            "lastHeartBeat": stamp(last_contact(fabric, now)),
            "connectionStatus": "Connected",
            "protectedItemCount": store.count("item", fabric["id"]),
            "allowedScenarios": ["Refresh"],
            "healthErrorDetails": [],
            "draIdentifier": ids.derived(fabric["id"], "dra"),
            "machineId": fabric["host"],
            "machineName": fabric["friendly"],
            "providerVersionDetails": version(PROVIDER_VERSION, fabric),
        },
    }
