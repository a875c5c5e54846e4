"""Provider HyperVReplicaAzure: Hyper-V machines, of a site or of VMM, that replicate to Azure.

Source: Site Recovery API, HyperVReplicaAzure*Input; its published examples; recorded traffic for the failback;
azure-powershell for what a reprotection names. Planned failover leads to Azure, and is the only way back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.problems.model import Problem, UsageError
from services.text import _, plain

PROVIDER, FAILBACK = "HyperVReplicaAzure", "HyperVReplicaAzureFailback"
AT_ONCE, RUNNING = "ForSynchronization", "ForDownTime"
"""How data goes home: the machine in Azure is shut down at once, or runs on while it is synchronized."""
NO_ACTION, CREATE = "NoAction", "CreateVmIfNotFound"
_SYNC, _CREATION, _SERVER = "dataSyncOption", "recoveryVmCreationOption", "providerIdForAlternateRecovery"
_CHOICES = {_SYNC: (AT_ONCE, RUNNING), _CREATION: (NO_ACTION, CREATE)}

Json = dict[str, Any]


def planned_body() -> Json:
    """Planned failover to Azure: all data is sent first, so that it takes no point."""
    return {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "providerSpecificDetails": {"instanceType": PROVIDER},
        }
    }


def failback_body(given: Mapping[str, str]) -> Json:
    """Planned failover from Azure to the source site. UsageError for an option that is none."""
    details = {"instanceType": FAILBACK, **failback_options(given)}
    return {"properties": {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": details}}


def failback_options(given: Mapping[str, str]) -> dict[str, str]:
    """The options of the way back, complete. UsageError names what is wrong with those that were given."""
    wrong = [_bad(key, given[key]) for key in given if key not in (*_CHOICES, _SERVER)]
    wrong += [
        _bad(key, given[key], known)
        for key, known in _CHOICES.items()
        if given.get(key, known[0]) not in known
    ]
    if given.get(_CREATION) == CREATE and not given.get(_SERVER):
        what = _("A machine that is made anew needs the server that takes it.")
        wrong.append(Problem("failback-option", _SERVER, what, remedy=f"--with {_SERVER}=ID"))
    if wrong:
        raise UsageError(*wrong)
    return {_SYNC: AT_ONCE, _CREATION: NO_ACTION, **given}


def reprotect_body(details: Mapping[str, str]) -> Json:
    """Replication to Azure again, of a machine that has come home."""
    return {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "providerSpecificDetails": {"instanceType": PROVIDER, **details},
        }
    }


def reprotect_details(item: Json, machine: Json) -> dict[str, str]:
    """What a reprotection names, from the JSON of the protected item and of its protectable machine.

    Keys: hvHostVmId, vmName, osType, vHDId (of the system's disk), storageAccountId, logStorageAccountId; a key
    is missing where Azure does not tell it.
    """
    about = item.get("properties") or {}
    kept = about.get("providerSpecificDetails") or {}
    own = (machine.get("properties") or {}).get("customDetails") or {}
    disks = [*(kept.get("azureVmDiskDetails") or ()), *(own.get("diskDetails") or ())]
    system = [disk for disk in disks if disk.get("vhdType") == "OperatingSystem"] or disks[:1]
    found = {
        "hvHostVmId": own.get("sourceItemId"),
        "vmName": about.get("friendlyName"),
        "osType": (kept.get("oSDetails") or {}).get("osType"),
        "vHDId": system[0].get("vhdId") if system else "",
        "storageAccountId": kept.get("recoveryAzureStorageAccount"),
        "logStorageAccountId": kept.get("recoveryAzureLogStorageAccountId"),
    }
    return {key: str(value) for key, value in found.items() if value}


def _bad(key: str, value: str, known: tuple[str, ...] = ()) -> Problem:
    if not known:
        options = ", ".join((*_CHOICES, _SERVER))
        return Problem(
            "failback-option", plain(key), _("No such option; known: {known}.").format(known=options)
        )
    what = _("{value} is none of: {known}.").format(value=plain(value), known=", ".join(known))
    return Problem("failback-option", key, what)
