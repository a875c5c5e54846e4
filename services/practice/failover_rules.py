"""What must hold before a drill or a failover is accepted, and what is refused in which words."""

from __future__ import annotations

from typing import Any

from services.practice import ids, item_facts, points
from services.practice.store import Document
from services.practice.web import Call, Refusal

SAID = {
    "TestFailover": "Test failover",
    "TestFailoverCleanup": "Test failover cleanup",
    "UnplannedFailover": "Failover",
    "PlannedFailover": "Planned failover",
    "Commit": "Commit",
    "ChangePit": "Change recovery point",
    "CancelFailover": "Cancel failover",
    "ReverseReplicate": "Re-protect",
    "Failback": "Planned failover to the source site",
}


def wrong(call: Call, code: str, message: str, causes: str, action: str, status: int = 400) -> Refusal:
    """A refusal in Site Recovery's form."""
    outer = "Conflict" if status == 409 else "BadRequest"
    return ids.detailed(call, status, outer, code, message, causes, action)


def require(call: Call, item: Document, operation: str) -> None:
    """Refuse what the item's state does not allow."""
    if not item_facts.allows(item, operation):
        raise refused(call, item, operation)


def refused(call: Call, item: Document, operation: str) -> Refusal:
    """What is said of an operation that the item's state does not allow."""
    state = item_facts.described(item)[1]
    causes = f"The protected item is in the state '{state}'."
    action = "Wait for running jobs, or finish what is pending, then try again."
    if operation == "TestFailover" and item.get("test"):
        causes = "A test failover is pending: one or more replica IP addresses would be invalid."
        action = "Run Cleanup test failover on the machine, then try again."
    vmware = item_facts.provider(item) == item_facts.V2
    if operation == "PlannedFailover" and vmware:
        causes = "InMageAzureV2 has no planned failover."
        action = "Use Failover."
    if operation == "ReverseReplicate" and vmware and item.get("discovery") != "vCenter":
        causes = "The machine was protected as a physical server: there is no virtual machine to replicate back to."
        action = "Fail back by hand, then enable the replication again."
    return wrong(
        call,
        "ProtectedItemStateNotValidForOperation",
        f"The operation '{SAID[operation]}' cannot be performed on '{item['friendly']}'.",
        causes,
        action,
        409,
    )


def provider(call: Call, given: dict[str, Any], wanted: tuple[str, ...]) -> dict[str, Any]:
    """The request's details; refused if they are not this provider's."""
    details = given.get("providerSpecificDetails") or {}
    kind = details.get("instanceType")
    if kind not in wanted:
        raise wrong(
            call,
            "InvalidParameter",
            f"The instance type '{kind}' is not valid for this protected item.",
            "The details are missing or belong to another replication provider.",
            f"Use {wanted[0]}.",
        )
    return dict(details)


def direction(call: Call, given: dict[str, Any], wanted: str) -> None:
    """The direction of a failover."""
    if (said := given.get("failoverDirection")) not in (None, wanted):
        raise wrong(
            call,
            "InvalidFailoverDirection",
            f"The failover direction '{said}' is not valid now.",
            "The machine runs at the other side.",
            f"Use {wanted}.",
        )


def point(call: Call, item: Document, point_id: str | None) -> tuple[str, float]:
    """The id and the time of the chosen point; of none chosen, that of the newest data."""
    if not point_id:
        return "", call.now - 45.0
    for document in (points.view(item, *p) for p in points.times(call.store, call.now, item)):
        if document["id"].lower() == point_id.lower():
            return str(document["id"]), points.moment(document)
    raise wrong(
        call,
        "RecoveryPointNotFound",
        f"The recovery point '{point_id.rsplit('/', 1)[-1]}' was not found for '{item['friendly']}'.",
        "The recovery point was pruned by the retention of the policy, or belongs to another machine.",
        "Choose another recovery point.",
    )


def network(call: Call, vault: Document, given: dict[str, Any]) -> Document:
    """The network of a drill: it exists, in the vault's region."""
    network_id = str(given.get("networkId") or "")
    if not network_id:
        raise wrong(
            call,
            "TestFailoverNetworkMissing",
            "No network was given for the test failover.",
            f"networkType is '{given.get('networkType')}' and networkId is missing.",
            "Give the id of an Azure virtual network.",
        )
    vnet = call.store.get("vnet", network_id)
    if vnet is None:
        raise wrong(
            call,
            "AzureNetworkNotFound",
            f"The virtual network '{network_id}' was not found.",
            "The network does not exist, or its id is wrong.",
            "Give the id of an existing network.",
        )
    if vnet["location"] != vault["location"]:
        raise wrong(
            call,
            "AzureNetworkInDifferentLocation",
            f"The virtual network '{vnet['name']}' is in '{vnet['location']}', "
            f"the machines are recovered in '{vault['location']}'.",
            "The network and the vault are in different regions.",
            "Use a network in the vault's region.",
        )
    return vnet
