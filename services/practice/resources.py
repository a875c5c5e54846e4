"""ARM resources that are kept as they were written: interfaces, groups of rules, routes, gateways, disks.

A resource is stored as its ARM document, so that what a client reads is what it (or the world) wrote.
"""

from __future__ import annotations

import uuid
from typing import Any

from services.practice import ids, lro
from services.practice.arm import SUBSCRIPTION
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Refusal, Router

WRITE_SECONDS = 10.0
KINDS = {
    "microsoft.network/networkinterfaces": "Microsoft.Network/networkInterfaces",
    "microsoft.network/networksecuritygroups": "Microsoft.Network/networkSecurityGroups",
    "microsoft.network/routetables": "Microsoft.Network/routeTables",
    "microsoft.network/publicipaddresses": "Microsoft.Network/publicIPAddresses",
    "microsoft.network/virtualnetworkgateways": "Microsoft.Network/virtualNetworkGateways",
    "microsoft.network/connections": "Microsoft.Network/connections",
    "microsoft.network/privatednszones": "Microsoft.Network/privateDnsZones",
    "microsoft.compute/disks": "Microsoft.Compute/disks",
    "microsoft.compute/availabilitysets": "Microsoft.Compute/availabilitySets",
}
# These are listed by resource group only.
BY_GROUP = ("Microsoft.Network/virtualNetworkGateways", "Microsoft.Network/connections")
LINKS = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
ONE = SUBSCRIPTION + "/resourceGroups/{rg}/providers/{namespace}/{kind}/{name}"
LINK = SUBSCRIPTION + "/resourceGroups/{rg}/providers/Microsoft.Network/privateDnsZones/{zone}"
routes = Router()


def keep(
    store: Store, kind: str, resource_id: str, location: str, properties: dict[str, Any], **more: Any
) -> Document:
    """Store a resource of the world; its document."""
    document: Document = {
        "id": resource_id,
        "name": resource_id.rsplit("/", 1)[1],
        "type": kind,
        "location": location,
        "etag": f'W/"{uuid.uuid4()}"',
        "properties": {"provisioningState": "Succeeded", **properties},
        **more,
    }
    store.put("resource", resource_id, document, parent=parent_of(resource_id, kind))
    return document


def parent_of(resource_id: str, kind: str) -> str:
    """The store's parent of a resource: its group with its type, so that each type is listed by itself."""
    return f"{resource_id.split('/providers/')[0]}/{kind}"


def listed(store: Store, kind: str, group: str = "") -> list[Document]:
    """The resources of a type, in a group or everywhere."""
    if group:
        return store.all("resource", f"{group}/{kind}")
    return [one for one in store.all("resource") if one["type"] == kind]


def kind_of(call: Call) -> str:
    """The type named in the path."""
    name = f"{call.path['namespace']}/{call.path['kind']}".lower()
    if name not in KINDS:
        raise Refusal(404, "InvalidResourceType", f"The resource type '{name}' could not be found.")
    return KINDS[name]


@routes.on("GET", SUBSCRIPTION + "/providers/{namespace}/{kind}")
def list_all(call: Call) -> Answer:
    """The resources of a type in the subscription."""
    kind = kind_of(call)
    if kind in BY_GROUP:
        raise Refusal(404, "InvalidResourceType", f"The resource type '{kind}' is listed by resource group.")
    return Answer(body={"value": listed(call.store, kind)})


@routes.on("GET", SUBSCRIPTION + "/resourceGroups/{rg}/providers/{namespace}/{kind}")
def list_group(call: Call) -> Answer:
    """The resources of a type in a group."""
    return Answer(body={"value": listed(call.store, kind_of(call), ids.group_of(call)["id"])})


def found(call: Call) -> tuple[str, str, Document | None]:
    """The type and the id in the path, and the resource if there is one."""
    kind, group = kind_of(call), ids.group_of(call)
    resource_id = f"{group['id']}/providers/{kind}/{call.path['name']}"
    return kind, resource_id, call.store.get("resource", resource_id)


def missing(kind: str, name: str, group: str) -> Refusal:
    """404 as ARM says it."""
    return Refusal(
        404, "ResourceNotFound", f"The Resource '{kind}/{name}' under resource group '{group}' was not found."
    )


@routes.on("GET", ONE)
def get(call: Call) -> Answer:
    """One resource."""
    kind, _, resource = found(call)
    if resource is None:
        raise missing(kind, call.path["name"], call.path["rg"])
    return Answer(body=resource)


@routes.on("PUT", ONE)
def put(call: Call) -> Answer:
    """Create or replace a resource."""
    kind, resource_id, known = found(call)
    body = call.body()
    location = str(body.get("location") or "").replace(" ", "").lower()
    if not location:
        raise Refusal(400, "LocationRequired", "The location property is required for this definition.")
    properties = dict(call.properties())
    for name in ("securityRules", "routes"):
        for rule in properties.get(name) or []:
            rule["id"] = f"{resource_id}/{name}/{rule.get('name')}"
    more = {key: body[key] for key in ("tags", "sku") if key in body}
    document = keep(call.store, kind, resource_id, location, properties, **more)
    return watched(call, resource_id, location, 200 if known else 201, document)


@routes.on("DELETE", ONE)
def delete(call: Call) -> Answer:
    """Delete a resource that nothing uses; 204 if there is none."""
    kind, resource_id, resource = found(call)
    if resource is None:
        return Answer(204)
    users = [u for u in referring(call.store, resource_id) if u.lower() != resource_id.lower()]
    if users:
        raise Refusal(
            400,
            "InUseNetworkSecurityGroupCannotBeDeleted" if "SecurityGroup" in kind else "ResourceInUse",
            f"{kind.rsplit('/', 1)[1]} {resource_id} cannot be deleted because it is in use by: {users[0]}.",
        )
    call.store.delete("resource", resource_id)
    return watched(call, resource_id, str(resource["location"]), 202, None)


def referring(store: Store, resource_id: str) -> list[str]:
    """The ids of networks, interfaces and machines whose documents name a resource."""
    wanted = f'%"{resource_id.lower()}"%'
    rows = store.database.execute(
        "SELECT key FROM documents WHERE kind IN ('resource', 'vnet', 'vm') AND lower(body) LIKE ?", (wanted,)
    )
    return [str(key) for (key,) in rows]


def watched(call: Call, resource_id: str, location: str, status: int, body: Document | None) -> Answer:
    """The answer to a change that takes a moment."""
    namespace = resource_id.split("/providers/")[1].split("/")[0]
    operation = lro.begun(call, resource_id, WRITE_SECONDS)
    base = f"/subscriptions/{call.path['sub']}/providers/{namespace}/locations/{location}"
    return lro.watched(call, operation, base, status, body)


@routes.on("GET", LINK + "/virtualNetworkLinks")
def list_links(call: Call) -> Answer:
    """The networks that a private DNS zone answers in."""
    zone = f"{ids.group_of(call)['id']}/providers/Microsoft.Network/privateDnsZones/{call.path['zone']}/"
    every = listed(call.store, LINKS)
    return Answer(body={"value": [one for one in every if one["id"].lower().startswith(zone.lower())]})
