"""Peerings of virtual networks; and networks and subnets that are deleted."""

from __future__ import annotations

from services.practice import network, resources
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Refusal, Router

ONE = network.GROUP + "/{vnet}"
PEERINGS = ONE + "/virtualNetworkPeerings"
routes = Router()


@routes.on("GET", PEERINGS)
def list_peerings(call: Call) -> Answer:
    """The peerings of a network."""
    vnet = network.vnet_of(call)
    return Answer(body={"value": [network.peering_view(vnet, name) for name in vnet["peerings"]]})


def name_of(call: Call, vnet: Document) -> str | None:
    """The peering named in the path, as it is written."""
    return next((n for n in vnet["peerings"] if n.lower() == call.path["peering"].lower()), None)


@routes.on("GET", PEERINGS + "/{peering}")
def get(call: Call) -> Answer:
    """One peering."""
    vnet = network.vnet_of(call)
    if (name := name_of(call, vnet)) is None:
        raise Refusal(404, "NotFound", f"Peering '{call.path['peering']}' not found in '{vnet['name']}'.")
    return Answer(body=network.peering_view(vnet, name))


@routes.on("PUT", PEERINGS + "/{peering}")
def put(call: Call) -> Answer:
    """Peer a network with another. It carries traffic once the other side does the same."""
    vnet, given = network.vnet_of(call), call.properties()
    remote = call.store.get("vnet", str((given.get("remoteVirtualNetwork") or {}).get("id") or ""))
    if remote is None:
        raise Refusal(400, "InvalidResourceReference", "The remote virtual network was not found.")
    known = name_of(call, vnet)
    name = known or call.path["peering"]
    vnet["peerings"] = {**vnet["peerings"], name: peering(remote, given)}
    both(call.store, vnet, remote)
    return network.saved(call, vnet, 200 if known else 201, network.peering_view(vnet, name))


def peering(remote: Document, given: Document | None = None) -> Document:
    """A peering's properties."""
    asked = given or {}
    return {
        "peeringState": "Initiated",
        "remoteVirtualNetwork": {"id": remote["id"]},
        "remoteAddressSpace": {"addressPrefixes": remote["prefixes"]},
        "allowVirtualNetworkAccess": bool(asked.get("allowVirtualNetworkAccess", True)),
        "allowForwardedTraffic": bool(asked.get("allowForwardedTraffic", False)),
        "allowGatewayTransit": bool(asked.get("allowGatewayTransit", False)),
        "useRemoteGateways": bool(asked.get("useRemoteGateways", False)),
    }


def both(store: Store, vnet: Document, remote: Document) -> None:
    """Both sides of a peering are connected once both exist. The remote side is stored."""
    mine = [p for p in vnet["peerings"].values() if points_at(p, remote)]
    theirs = [p for p in remote["peerings"].values() if points_at(p, vnet)]
    if mine and theirs:
        for one in [*mine, *theirs]:
            one["peeringState"] = "Connected"
        store.put("vnet", remote["id"], remote, parent=remote["id"].split("/providers/")[0])


def points_at(one: Document, vnet: Document) -> bool:
    """Does the peering lead to that network?"""
    return bool(one["remoteVirtualNetwork"]["id"].lower() == vnet["id"].lower())


@routes.on("DELETE", PEERINGS + "/{peering}")
def delete_peering(call: Call) -> Answer:
    """End a peering; 204 if there is none."""
    vnet = network.vnet_of(call)
    if (name := name_of(call, vnet)) is None:
        return Answer(204)
    gone = vnet["peerings"].pop(name)
    if (remote := call.store.get("vnet", gone["remoteVirtualNetwork"]["id"])) is not None:
        for other in (p for p in remote["peerings"].values() if points_at(p, vnet)):
            other["peeringState"] = "Disconnected"
        call.store.put("vnet", remote["id"], remote)
    call.store.put("vnet", vnet["id"], vnet, parent=vnet["id"].split("/providers/")[0])
    return resources.watched(call, f"{vnet['id']}/virtualNetworkPeerings/{name}", vnet["location"], 202, None)


@routes.on("DELETE", ONE)
def delete(call: Call) -> Answer:
    """Delete a network that no interface or gateway is in; 204 if there is none."""
    vnet = call.store.get("vnet", network.GROUP.format(**call.path) + "/" + call.path["vnet"])
    if vnet is None:
        return Answer(204)
    for name in vnet["subnets"]:
        unused(call, vnet, name)
    call.store.delete("vnet", vnet["id"])
    return resources.watched(call, vnet["id"], vnet["location"], 202, None)


@routes.on("DELETE", ONE + "/subnets/{subnet}")
def delete_subnet(call: Call) -> Answer:
    """Delete a subnet that nothing is in; 204 if there is none."""
    vnet = network.vnet_of(call)
    if (name := network.subnet_name(vnet, call.path["subnet"])) is None:
        return Answer(204)
    unused(call, vnet, name)
    vnet["subnets"] = {n: p for n, p in vnet["subnets"].items() if n != name}
    call.store.put("vnet", vnet["id"], vnet, parent=vnet["id"].split("/providers/")[0])
    return resources.watched(call, f"{vnet['id']}/subnets/{name}", vnet["location"], 202, None)


def unused(call: Call, vnet: Document, name: str) -> None:
    """Refuse while an interface or a gateway stands in the subnet."""
    users = resources.referring(call.store, f"{vnet['id']}/subnets/{name}")
    if users:
        raise Refusal(
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet {name} is in use by {users[0]} and cannot be deleted. In order to delete the subnet, "
            "delete all the resources within the subnet.",
        )
