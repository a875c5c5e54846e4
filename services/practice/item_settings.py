"""Compute and network settings of a protected item: where the machine goes in Azure."""

from __future__ import annotations

import ipaddress
from typing import Any

from services.practice import enable, items, job_plans, lro
from services.practice.compute import SIZES
from services.practice.item_states import token
from services.practice.job_store import Outcome
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

# the request's name -> the item's own
FACTS = {
    "recoveryAzureVMName": "vmName",
    "recoveryAzureVMSize": "vmSize",
    "selectedRecoveryAzureNetworkId": "network",
}
SETTINGS = (
    "selectedTfoAzureNetworkId",
    "enableRdpOnTargetOption",
    "licenseType",
    "recoveryAvailabilitySetId",
)
DETAILS = (
    "useManagedDisks",
    "targetAvailabilityZone",
    "targetProximityPlacementGroupId",
    "sqlServerLicenseType",
    "targetVmTags",
    "targetManagedDiskTags",
    "targetNicTags",
)
routes = Router()


@routes.on("PATCH", items.ONE)
def patch(call: Call) -> Answer:
    """Change where the machine goes; what is not given stays."""
    vault, _, item = items.item_of(call)
    given = call.properties()
    changes = checked(call, vault, item, given)
    outcome = Outcome(done="item-updated", payload={**token(item), "changes": changes})
    return lro.accepted(call, vault, items.start(call, vault, item, job_plans.UPDATE_ITEM, outcome))


def checked(call: Call, vault: Document, item: Document, given: dict[str, Any]) -> dict[str, Any]:
    """The item's changed facts; refused if they cannot be."""
    more = given.get("providerSpecificDetails") or {}
    changes: dict[str, Any] = {ours: given[theirs] for theirs, ours in FACTS.items() if given.get(theirs)}
    settings = {name: given[name] for name in SETTINGS if name in given}
    settings |= {name: more[name] for name in DETAILS if name in more}
    changes["settings"] = {**(item.get("settings") or {}), **settings}
    if "vmName" in changes and not enable.VM_NAME.match(changes["vmName"]):
        raise wrong(call, "InvalidAzureVmName", f"The name '{changes['vmName']}' is not valid.")
    if "vmSize" in changes and changes["vmSize"] not in {size[0] for size in SIZES}:
        raise wrong(
            call, "InvalidAzureVmSize", f"The size '{changes['vmSize']}' is not offered in the region."
        )
    if group := more.get("recoveryAzureV2ResourceGroupId"):
        if call.store.get("group", group) is None:
            raise wrong(call, "ResourceGroupNotFound", f"The resource group '{group}' was not found.")
        changes["group"] = group
    changes |= interfaces(item, given.get("vmNics") or [])
    if "network" in changes or "subnet" in changes:
        network = {
            "targetAzureNetworkId": changes.get("network", item["network"]),
            "targetAzureSubnetId": changes.get("subnet", item["subnet"] if "network" not in changes else ""),
        }
        changes["network"], changes["subnet"] = enable.network_of(call, vault, network)
    address(call, {**item, **changes})
    return changes


def interfaces(item: Document, nics: list[dict[str, Any]]) -> dict[str, Any]:
    """What the request changes about the one interface."""
    changes: dict[str, Any] = {}
    chosen = dict(item.get("nic") or {})
    for interface in nics:
        chosen |= {k: v for k, v in interface.items() if k not in ("nicId", "ipConfigs")}
        for configuration in interface.get("ipConfigs") or []:
            known = ("ipConfigName", "isPrimary", "isSeletedForFailover", "recoverySubnetName")
            chosen |= {k: v for k, v in configuration.items() if k not in known}
            changes["subnet"] = configuration.get("recoverySubnetName") or item["subnet"]
    return changes | {"nic": chosen}


def address(call: Call, item: Document) -> None:
    """A chosen address lies in the chosen subnet."""
    wanted = (item.get("nic") or {}).get("recoveryStaticIPAddress")
    vnet = call.store.get("vnet", item["network"]) if item["network"] else None
    if not wanted or vnet is None:
        return
    prefix = next((p for n, p in vnet["subnets"].items() if n.lower() == item["subnet"].lower()), None)
    try:
        fits = prefix is None or ipaddress.ip_address(wanted) in ipaddress.ip_network(prefix)
    except ValueError:
        fits = False
    if not fits:
        raise wrong(
            call,
            "StaticIPAddressInvalid",
            f"The address '{wanted}' is not an address of the subnet '{item['subnet']}' ({prefix}).",
        )


def wrong(call: Call, code: str, message: str) -> Refusal:
    """A setting that cannot be."""
    return enable.wrong(
        call, code, message, "The value is not valid for this machine.", "Give a valid value."
    )
