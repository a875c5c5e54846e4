"""A protected item as the service answers it, computed from its facts and the time."""

from __future__ import annotations

from typing import Any

from services.practice import hyperv, ids, item_facts
from services.practice.clock import stamp
from services.practice.item_details import details
from services.practice.store import Document

NO_SCENARIO = "1753-01-01T01:01:01Z"


def health_errors(item: Document) -> list[dict[str, Any]]:
    """What is wrong with an item: its enabling failed, or something hinders its replication."""
    found = []
    if failure := item.get("failure"):
        about = {"id": ids.derived(item["id"], "error"), "level": "Error", "at": item["since"], **failure}
        found.append({"resolvable": False, **about})
    return [health_error(problem) for problem in [*found, *(item.get("problems") or [])]]


def health_error(problem: dict[str, Any]) -> dict[str, Any]:
    """One health error as the service writes it."""
    return {
        "errorSource": "Server",
        "errorType": problem["level"],
        "errorLevel": problem["level"],
        "errorCategory": "Replication",
        "errorCode": str(problem.get("code", "78007")),
        "summaryMessage": problem.get("message", ""),
        "errorMessage": problem.get("message", ""),
        "possibleCauses": problem.get("possibleCauses", ""),
        "recommendedAction": problem.get("recommendedAction", ""),
        "creationTimeUtc": stamp(problem["at"]),
        "errorId": problem["id"],
        "customerResolvability": "Allowed" if problem.get("resolvable") else "NotAllowed",
        "innerHealthErrors": [],
    }


def view(item: Document, now: float) -> Document:
    """The item."""
    vault_id = item["fabric"].split("/replicationFabrics")[0]
    return {
        "id": item["id"],
        "name": item["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/"
        "replicationProtectedItems",
        "properties": {
            **sides(item, vault_id),
            **condition(item, vault_id),
            "healthErrors": health_errors(item),
            "policyId": item["policy"],
            "policyFriendlyName": item["policy"].rsplit("/", 1)[1],
            "providerSpecificDetails": provider(item, now),
            "eventCorrelationId": item["protectable"].rsplit("/", 1)[1],
        },
    }


def provider(item: Document, now: float) -> dict[str, Any]:
    """What only the item's provider says of it."""
    return (
        hyperv.details(item, now) if item_facts.provider(item) == item_facts.HYPER_V else details(item, now)
    )


def sides(item: Document, vault_id: str) -> dict[str, Any]:
    """What the item is, and where it replicates from and to."""
    friendly, vmware = item["affected"]["primaryVmmName"], item_facts.provider(item) == item_facts.V2
    return {
        "friendlyName": item["friendly"],
        "protectedItemType": "VMwareVirtualMachine" if vmware else "HyperVVirtualMachine",
        "protectableItemId": item["protectable"],
        "recoveryServicesProviderId": item["provider"],
        "primaryFabricFriendlyName": friendly,
        **({"primaryFabricProvider": "VMware"} if vmware else {}),
        "recoveryFabricFriendlyName": ids.AZURE_FABRIC,
        "recoveryFabricId": ids.AZURE_FABRIC,
        "primaryProtectionContainerFriendlyName": friendly,
        "recoveryProtectionContainerFriendlyName": ids.AZURE_FABRIC,
        "recoveryContainerId": f"{vault_id}/replicationFabrics/{ids.AZURE_FABRIC_ID}"
        f"/replicationProtectionContainers/{ids.AZURE_CONTAINER_ID}",
    }


def condition(item: Document, vault_id: str) -> dict[str, Any]:
    """The state that the item is in, and what it allows."""
    state, description = item_facts.described(item)
    running = item_facts.scenario(item)
    testing, told = item_facts.test_words(item)
    over = item["phase"] in item_facts.GONE_OVER and not item.get("home")
    result: dict[str, Any] = {
        "protectionState": state,
        "protectionStateDescription": description,
        "activeLocation": "Recovery" if over else "Primary",
        "testFailoverState": testing,
        "testFailoverStateDescription": told,
        "switchProviderState": "None",
        "allowedOperations": item_facts.operations(item),
        "replicationHealth": item_facts.health(item),
        "failoverHealth": item_facts.health(item),
        "currentScenario": {
            "scenarioName": running[0] if running else "None",
            "jobId": f"{vault_id}/replicationJobs/{running[1] if running else 'None'}",
            "startTime": stamp(running[2]) if running else NO_SCENARIO,
        },
    }
    for name, fact in (
        ("lastSuccessfulTestFailoverTime", "lastTest"),
        ("lastSuccessfulFailoverTime", "lastFailover"),
    ):
        if item.get(fact):
            result[name] = stamp(item[fact])
    if point := (item.get("failover") or item.get("test") or {}).get("point"):
        result["failoverRecoveryPointId"] = point
    return result
