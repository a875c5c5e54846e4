"""Azure Stack Hub: an old Azure Resource Manager with the machines that are to be protected."""

from __future__ import annotations

import datetime
from typing import Any

from services.practice import faults, ids, ledger, metadata, oauth
from services.practice.app import Endpoint
from services.practice.arm import permission
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

GROUP, REGION = "contoso-apps", "local"
# name, private address, system, size, is it on, has it a public address
MACHINES = (
    ("cs-01", "10.1.0.5", "Windows", "Standard_D8s_v3", True, False),
    ("app-01", "10.1.0.11", "Linux", "Standard_D2_v2", True, True),
    ("app-02", "10.1.0.12", "Linux", "Standard_D2_v2", True, False),
    ("app-03", "10.1.0.13", "Linux", "Standard_D2_v2", True, False),
    ("app-04", "10.1.0.14", "Linux", "Standard_D2_v2", True, False),
    ("db-01", "10.1.0.21", "Linux", "Standard_D4_v2", True, False),
    ("web-01", "10.1.0.31", "Windows", "Standard_D2_v2", True, True),
    ("web-02", "10.1.0.32", "Windows", "Standard_D2_v2", True, False),
    ("web-03", "10.1.0.33", "Windows", "Standard_D2_v2", True, False),
    ("web-04", "10.1.0.34", "Windows", "Standard_D2_v2", False, False),
    ("web-05", "10.1.0.35", "Windows", "Standard_D2_v2", True, False),
    ("web-06", "10.1.0.36", "Windows", "Standard_D2_v2", True, False),
    ("web-07", "10.1.0.37", "Windows", "Standard_D2_v2", True, False),
)
# The newest api-version that this Hub knows, by provider.
NEWEST = {"compute": "2020-06-01", "network": "2018-11-01", "resources": "2019-10-01"}
SUBSCRIPTION = "/subscriptions/{sub}"
COMPUTE, NETWORK = "/providers/Microsoft.Compute", "/providers/Microsoft.Network"
IN_GROUP = SUBSCRIPTION + "/resourceGroups/{rg}"
routes = Router()


def endpoint(origin: str, facts: dict[str, Any]) -> Endpoint:
    """The endpoint of the Hub."""
    open_routes = [metadata.routes, oauth.routes, ledger.routes, faults.routes]
    return Endpoint(origin, facts["hubSubscription"], facts["hubTenant"], open_routes, [routes])


def known(call: Call, provider: str, kind: str) -> None:
    """Refuse an api-version that this Hub is too old for."""
    try:
        given = datetime.date.fromisoformat(call.version[:10])
    except ValueError:
        given = datetime.date.max
    if given > datetime.date.fromisoformat(NEWEST[provider]):
        raise Refusal(
            400,
            "NoRegisteredProviderFound",
            f"No registered resource provider found for location '{REGION}' and API version '{call.version}' for "
            f"type '{kind}'. The supported api-versions are '2015-06-15, 2016-03-30, 2017-12-01, "
            f"{NEWEST[provider]}'. The supported locations are '{REGION}'.",
        )


def subscription_view(call: Call) -> Document:
    """The Hub's subscription."""
    subscription = call.realm.facts["hubSubscription"]
    return {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "displayName": "Contoso Hub",
        "state": "Enabled",
        "tenantId": call.realm.facts["hubTenant"],
    }


@routes.on("GET", "/subscriptions")
def subscriptions(call: Call) -> Answer:
    """The Hub's subscriptions."""
    return Answer(body={"value": [subscription_view(call)]})


@routes.on("GET", SUBSCRIPTION)
def subscription(call: Call) -> Answer:
    """The Hub's subscription."""
    return Answer(body=subscription_view(call))


@routes.on("GET", "/tenants")
def tenants(call: Call) -> Answer:
    """The Hub's tenant."""
    tenant = call.realm.facts["hubTenant"]
    return Answer(body={"value": [{"id": f"/tenants/{tenant}", "tenantId": tenant}]})


@routes.on("GET", SUBSCRIPTION + "/locations")
def locations(call: Call) -> Answer:
    """The Hub's one region."""
    place = f"/subscriptions/{call.path['sub']}/locations/{REGION}"
    return Answer(body={"value": [{"id": place, "name": REGION, "displayName": REGION}]})


def group_view(call: Call) -> Document:
    """The Hub's one resource group."""
    group = f"/subscriptions/{call.realm.facts['hubSubscription']}/resourceGroups/{GROUP}"
    return {"id": group, "name": GROUP, "location": REGION, "properties": {"provisioningState": "Succeeded"}}


@routes.on("GET", SUBSCRIPTION + "/resourcegroups")
def groups(call: Call) -> Answer:
    """The Hub's resource groups."""
    return Answer(body={"value": [group_view(call)]})


def require_group(call: Call) -> None:
    """Refuse an unknown group."""
    if call.path.get("rg", GROUP).lower() != GROUP:
        raise Refusal(404, "ResourceGroupNotFound", f"Resource group '{call.path['rg']}' could not be found.")


@routes.on("GET", IN_GROUP)
def group(call: Call) -> Answer:
    """One resource group."""
    require_group(call)
    return Answer(body=group_view(call))


@routes.on("GET", "/{scope*}/providers/Microsoft.Authorization/permissions")
def permissions(call: Call) -> Answer:
    """What the caller may do."""
    return Answer(body={"value": [permission(call.claims.get("role", "owner"))]})


def resource_id(call: Call, provider: str, kind: str, name: str) -> str:
    """The id of a resource in the Hub's group."""
    return f"{group_view(call)['id']}{provider}/{kind}/{name}"


def machine_view(call: Call, machine: tuple[str, str, str, str, bool, bool]) -> Document:
    """A virtual machine."""
    name, _, system, size, on, _ = machine
    network = resource_id(call, NETWORK, "networkInterfaces", name + "-nic")
    power = "running" if on else "deallocated"
    return {
        "id": resource_id(call, COMPUTE, "virtualMachines", name),
        "name": name,
        "type": "Microsoft.Compute/virtualMachines",
        "location": REGION,
        "tags": {},
        "properties": {
            "vmId": ids.derived("hub", name),
            "provisioningState": "Succeeded",
            "hardwareProfile": {"vmSize": size},
            "storageProfile": {
                "osDisk": {
                    "osType": system,
                    "name": name + "-os",
                    "createOption": "FromImage",
                    "diskSizeGB": 127,
                },
                "dataDisks": [],
            },
            "osProfile": {"computerName": name, "adminUsername": "azureuser"},
            "networkProfile": {"networkInterfaces": [{"id": network, "properties": {"primary": True}}]},
            "instanceView": {"statuses": [{"code": "PowerState/" + power, "displayStatus": "VM " + power}]},
        },
    }


def interface_view(call: Call, machine: tuple[str, str, str, str, bool, bool]) -> Document:
    """A network interface with its private address."""
    name, address = machine[0], machine[1]
    configuration: Document = {
        "name": "ipconfig1",
        "properties": {
            "primary": True,
            "privateIPAddress": address,
            "privateIPAllocationMethod": "Static",
            "privateIPAddressVersion": "IPv4",
        },
    }
    if machine[5]:
        public = resource_id(call, NETWORK, "publicIPAddresses", name + "-ip")
        configuration["properties"]["publicIPAddress"] = {"id": public}
    return {
        "id": resource_id(call, NETWORK, "networkInterfaces", name + "-nic"),
        "name": name + "-nic",
        "type": "Microsoft.Network/networkInterfaces",
        "location": REGION,
        "properties": {
            "provisioningState": "Succeeded",
            "primary": True,
            "ipConfigurations": [configuration],
            "virtualMachine": {"id": resource_id(call, COMPUTE, "virtualMachines", name)},
        },
    }


def public_view(call: Call, machine: tuple[str, str, str, str, bool, bool]) -> Document:
    """A public address (of the range kept for documentation)."""
    return {
        "id": resource_id(call, NETWORK, "publicIPAddresses", machine[0] + "-ip"),
        "name": machine[0] + "-ip",
        "type": "Microsoft.Network/publicIPAddresses",
        "location": REGION,
        "properties": {
            "provisioningState": "Succeeded",
            "ipAddress": "203.0.113." + machine[1].rsplit(".", 1)[1],
            "publicIPAllocationMethod": "Static",
        },
    }


def one(call: Call, views: list[Document]) -> Answer:
    """The resource that the path names."""
    for document in views:
        if document["name"].lower() == call.path["name"].lower():
            return Answer(body=document)
    raise Refusal(
        404,
        "ResourceNotFound",
        f"The Resource '{call.path['name']}' under resource group '{GROUP}' was not found.",
    )


def machines(call: Call) -> list[Document]:
    """The machines, as far as the caller may know."""
    known(call, "compute", "virtualMachines")
    require_group(call)
    return [machine_view(call, machine) for machine in MACHINES]


def interfaces(call: Call) -> list[Document]:
    """The network interfaces."""
    known(call, "network", "networkInterfaces")
    require_group(call)
    return [interface_view(call, machine) for machine in MACHINES]


def publics(call: Call) -> list[Document]:
    """The public addresses."""
    known(call, "network", "publicIPAddresses")
    require_group(call)
    return [public_view(call, machine) for machine in MACHINES if machine[5]]


@routes.on("GET", SUBSCRIPTION + COMPUTE + "/virtualMachines", IN_GROUP + COMPUTE + "/virtualMachines")
def list_machines(call: Call) -> Answer:
    """The machines of the Hub."""
    return Answer(body={"value": machines(call)})


@routes.on("GET", IN_GROUP + COMPUTE + "/virtualMachines/{name}")
def get_machine(call: Call) -> Answer:
    """One machine."""
    return one(call, machines(call))


@routes.on("GET", IN_GROUP + COMPUTE + "/virtualMachines/{name}/instanceView")
def instance_view(call: Call) -> Answer:
    """Is the machine on?"""
    return Answer(body=one(call, machines(call)).body["properties"]["instanceView"])


@routes.on("GET", SUBSCRIPTION + NETWORK + "/networkInterfaces", IN_GROUP + NETWORK + "/networkInterfaces")
def list_interfaces(call: Call) -> Answer:
    """The network interfaces of the Hub."""
    return Answer(body={"value": interfaces(call)})


@routes.on("GET", IN_GROUP + NETWORK + "/networkInterfaces/{name}")
def get_interface(call: Call) -> Answer:
    """One network interface."""
    return one(call, interfaces(call))


@routes.on("GET", SUBSCRIPTION + NETWORK + "/publicIPAddresses", IN_GROUP + NETWORK + "/publicIPAddresses")
def list_publics(call: Call) -> Answer:
    """The public addresses of the Hub."""
    return Answer(body={"value": publics(call)})


@routes.on("GET", IN_GROUP + NETWORK + "/publicIPAddresses/{name}")
def get_public(call: Call) -> Answer:
    """One public address."""
    return one(call, publics(call))
