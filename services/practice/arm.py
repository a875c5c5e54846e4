"""Azure Resource Manager itself: tenants, subscriptions, regions, groups, providers, permissions."""

from __future__ import annotations

from typing import Any

from services.practice import ids
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

SUBSCRIPTION = "/subscriptions/{sub}"
REGIONS = {
    "westeurope": "West Europe",
    "northeurope": "North Europe",
    "eastus": "East US",
    "westus2": "West US 2",
    "germanywestcentral": "Germany West Central",
}
TYPES = {
    "Microsoft.RecoveryServices": (
        ["vaults", "vaults/certificates", "vaults/extendedInformation", "locations", "operations"],
        [
            "2026-11-01",
            "2025-08-01",
            "2025-02-01",
            "2024-10-01",
            "2024-04-01",
            "2023-08-01",
            "2022-10-01",
            "2022-08-01",
        ],
    ),
    "Microsoft.Storage": (
        ["storageAccounts", "checkNameAvailability", "locations"],
        ["2024-01-01", "2023-05-01"],
    ),
    "Microsoft.Network": (
        [
            "virtualNetworks",
            "virtualNetworks/subnets",
            "virtualNetworks/virtualNetworkPeerings",
            "networkInterfaces",
            "networkSecurityGroups",
            "routeTables",
            "publicIPAddresses",
            "virtualNetworkGateways",
            "connections",
            "privateDnsZones",
            "privateDnsZones/virtualNetworkLinks",
            "locations",
        ],
        ["2024-05-01", "2023-11-01"],
    ),
    "Microsoft.Compute": (
        ["virtualMachines", "disks", "availabilitySets", "locations/vmSizes", "locations/usages", "skus"],
        ["2024-07-01"],
    ),
    "Microsoft.Authorization": (
        ["permissions", "roleAssignments", "policyAssignments", "policyDefinitions"],
        ["2023-04-01", "2022-04-01"],
    ),
    "Microsoft.Resources": (["resourceGroups", "subscriptions", "tenants"], ["2024-11-01", "2022-12-01"]),
}
routes = Router()


def subscription_view(call: Call) -> Document:
    """The one subscription."""
    world = call.realm.world
    return {
        "id": f"/subscriptions/{world['subscription']}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": world["subscription"],
        "tenantId": world["tenant"],
        "displayName": world["subscriptionName"],
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
    }


@routes.on("GET", "/tenants")
def tenants(call: Call) -> Answer:
    """The tenant."""
    tenant = call.realm.facts["tenant"]
    return Answer(
        body={
            "value": [
                {
                    "id": f"/tenants/{tenant}",
                    "tenantId": tenant,
                    "countryCode": "NL",
                    "displayName": "Contoso",
                    "domains": ["contoso.example"],
                    "tenantCategory": "Home",
                    "defaultDomain": "contoso.example",
                    "tenantType": "AAD",
                }
            ]
        }
    )


@routes.on("GET", "/subscriptions")
def subscriptions(call: Call) -> Answer:
    """The subscriptions that the caller sees."""
    return Answer(body={"value": [subscription_view(call)], "count": {"type": "Total", "value": 1}})


@routes.on("GET", SUBSCRIPTION)
def subscription(call: Call) -> Answer:
    """One subscription."""
    return Answer(body=subscription_view(call))


@routes.on("GET", SUBSCRIPTION + "/locations")
def locations(call: Call) -> Answer:
    """The regions."""
    base = f"/subscriptions/{call.path['sub']}/locations"
    return Answer(
        body={
            "value": [
                {
                    "id": f"{base}/{name}",
                    "name": name,
                    "type": "Region",
                    "displayName": shown,
                    "regionalDisplayName": shown,
                    "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
                }
                for name, shown in REGIONS.items()
            ]
        }
    )


@routes.on("GET", SUBSCRIPTION + "/providers")
def providers(call: Call) -> Answer:
    """The resource providers."""
    return Answer(body={"value": [provider_view(call, name) for name in TYPES]})


@routes.on("GET", SUBSCRIPTION + "/providers/{namespace}")
@routes.on("POST", SUBSCRIPTION + "/providers/{namespace}/register", changes=False)
def provider(call: Call) -> Answer:
    """One resource provider (registered already)."""
    name = next((n for n in TYPES if n.lower() == call.path["namespace"].lower()), None)
    if name is None:
        raise Refusal(
            404, "InvalidResourceNamespace", f"The resource namespace '{call.path['namespace']}' is invalid."
        )
    return Answer(body=provider_view(call, name))


def provider_view(call: Call, name: str) -> Document:
    """A provider with its types."""
    kinds, versions = TYPES[name]
    return {
        "id": f"/subscriptions/{call.path['sub']}/providers/{name}",
        "namespace": name,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": "Registered",
        "resourceTypes": [
            {
                "resourceType": kind,
                "locations": list(REGIONS.values()),
                "apiVersions": versions,
                "defaultApiVersion": versions[0],
                "capabilities": "None",
            }
            for kind in kinds
        ],
    }


def group_view(group: Document) -> Document:
    """A resource group as ARM answers it."""
    return {
        "id": group["id"],
        "name": group["name"],
        "type": "Microsoft.Resources/resourceGroups",
        "location": group["location"],
        "tags": group["tags"],
        "properties": {"provisioningState": "Succeeded"},
    }


@routes.on("GET", SUBSCRIPTION + "/resourcegroups")
def groups(call: Call) -> Answer:
    """The resource groups."""
    return Answer(body={"value": [group_view(g) for g in call.store.all("group")]})


@routes.on("GET", SUBSCRIPTION + "/resourcegroups/{rg}")
def group(call: Call) -> Answer:
    """One resource group."""
    return Answer(body=group_view(ids.group_of(call)))


@routes.on("HEAD", SUBSCRIPTION + "/resourcegroups/{rg}")
def group_exists(call: Call) -> Answer:
    """204 if it exists, 404 if not."""
    ids.group_of(call)
    return Answer(204)


@routes.on("PUT", SUBSCRIPTION + "/resourcegroups/{rg}")
def put_group(call: Call) -> Answer:
    """Create a resource group, or replace its tags."""
    body = call.body()
    location = str(body.get("location", "")).replace(" ", "").lower()
    if location not in REGIONS:
        raise Refusal(
            400,
            "LocationNotAvailableForResourceGroup",
            f"The provided location '{location}' is not available for resource group.",
        )
    group_id = f"/subscriptions/{call.realm.facts['subscription']}/resourceGroups/{call.path['rg']}"
    known = call.store.get("group", group_id)
    if known is not None and known["location"] != location:
        raise Refusal(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The "
            f"Resource group already exists in location '{known['location']}'.",
        )
    stored = (known or {"id": group_id, "name": call.path["rg"], "location": location}) | {
        "tags": body.get("tags") or {}
    }
    call.store.put("group", group_id, stored)
    return Answer(200 if known else 201, group_view(stored))


@routes.on("DELETE", SUBSCRIPTION + "/resourcegroups/{rg}")
def delete_group(call: Call) -> Answer:
    """Delete a resource group with networks, machines and what belongs to them; not one that holds a vault."""
    group = ids.group_of(call)
    if call.store.count("vault", group["id"]):
        raise Refusal(
            409, "ResourceGroupDeletionBlocked", f"The group '{group['name']}' holds a recovery vault."
        )
    for kind in ("vm", "vnet", "resource", "storage"):
        for one in call.store.all(kind, group["id"]):
            call.store.delete(kind, one["id"])
    call.store.delete("group", group["id"])
    return Answer(200)


@routes.on("GET", SUBSCRIPTION + "/resources", SUBSCRIPTION + "/resourcegroups/{rg}/resources")
def resources(call: Call) -> Answer:
    """Vaults, storage accounts, networks, machines and what belongs to them."""
    parent = ids.group_of(call)["id"] if "rg" in call.path else None
    kinds = {
        "vault": "Microsoft.RecoveryServices/vaults",
        "storage": "Microsoft.Storage/storageAccounts",
        "vnet": "Microsoft.Network/virtualNetworks",
        "vm": "Microsoft.Compute/virtualMachines",
    }
    value = [
        {"id": r["id"], "name": r["name"], "type": kind, "location": r["location"], "tags": r["tags"]}
        for name, kind in kinds.items()
        for r in call.store.all(name, parent)
    ]
    value += [
        {"id": r["id"], "name": r["name"], "type": r["type"], "location": r["location"]}
        for r in call.store.all("resource", parent)
    ]
    return Answer(body={"value": value})


@routes.on("GET", "/{scope*}/providers/Microsoft.Authorization/permissions")
def permissions(call: Call) -> Answer:
    """What the caller may do at a scope."""
    return Answer(body={"value": [permission(call.claims.get("role", "owner"))]})


def permission(role: str) -> dict[str, Any]:
    """The actions of a role."""
    actions = ["*"] if role == "owner" else ["*/read"]
    return {"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}
