"""Virtual networks and subnets: where machines are recovered, and where drills are held."""

from __future__ import annotations

import ipaddress
from typing import Any

from services.practice import ids, lro
from services.practice.arm import SUBSCRIPTION
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

CREATE_SECONDS = 15.0
PROVIDER = "/providers/Microsoft.Network/virtualNetworks"
GROUP = SUBSCRIPTION + "/resourceGroups/{rg}" + PROVIDER
routes = Router()


def fresh(
    vnet_id: str, location: str, created: float, prefixes: list[str], subnets: dict[str, str]
) -> Document:
    """A new network; `subnets` maps names to prefixes."""
    return {
        "id": vnet_id,
        "name": vnet_id.rsplit("/", 1)[1],
        "location": location,
        "created": created,
        "prefixes": prefixes,
        "subnets": subnets,
        "guards": {},
        "dns": [],
        "peerings": {},
        "tags": {},
    }


def state(vnet: Document, now: float) -> str:
    """Its provisioning state."""
    return "Succeeded" if now >= vnet["created"] + CREATE_SECONDS else "Updating"


def subnet_view(vnet: Document, name: str, now: float) -> Document:
    """A subnet as ARM answers it."""
    return {
        "name": name,
        "id": f"{vnet['id']}/subnets/{name}",
        "type": "Microsoft.Network/virtualNetworks/subnets",
        "properties": {
            "provisioningState": state(vnet, now),
            "addressPrefix": vnet["subnets"][name],
            **(vnet["guards"].get(name) or {}),
        },
    }


def view(vnet: Document, now: float) -> Document:
    """A network as ARM answers it."""
    return {
        "id": vnet["id"],
        "name": vnet["name"],
        "type": "Microsoft.Network/virtualNetworks",
        "location": vnet["location"],
        "tags": vnet["tags"],
        "properties": {
            "provisioningState": state(vnet, now),
            "addressSpace": {"addressPrefixes": vnet["prefixes"]},
            "subnets": [subnet_view(vnet, name, now) for name in vnet["subnets"]],
            "dhcpOptions": {"dnsServers": vnet["dns"]},
            "virtualNetworkPeerings": [peering_view(vnet, name) for name in vnet["peerings"]],
            "enableDdosProtection": False,
        },
    }


def peering_view(vnet: Document, name: str) -> Document:
    """A peering as ARM answers it."""
    return {
        "name": name,
        "id": f"{vnet['id']}/virtualNetworkPeerings/{name}",
        "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        "properties": {"provisioningState": "Succeeded", **vnet["peerings"][name]},
    }


@routes.on("GET", SUBSCRIPTION + PROVIDER)
def list_all(call: Call) -> Answer:
    """The networks of the subscription."""
    return Answer(body={"value": [view(v, call.now) for v in call.store.all("vnet")]})


@routes.on("GET", GROUP)
def list_group(call: Call) -> Answer:
    """The networks of a group."""
    return Answer(
        body={"value": [view(v, call.now) for v in call.store.all("vnet", ids.group_of(call)["id"])]}
    )


def vnet_of(call: Call) -> Document:
    """The network named in the path."""
    group = ids.group_of(call)
    vnet = call.store.get("vnet", f"{group['id']}{PROVIDER}/{call.path['vnet']}")
    if vnet is None:
        raise Refusal(
            404,
            "ResourceNotFound",
            f"The Resource 'Microsoft.Network/virtualNetworks/{call.path['vnet']}' "
            f"under resource group '{group['name']}' was not found.",
        )
    return vnet


@routes.on("GET", GROUP + "/{vnet}")
def get(call: Call) -> Answer:
    """One network."""
    return Answer(body=view(vnet_of(call), call.now))


@routes.on("PUT", GROUP + "/{vnet}")
def put(call: Call) -> Answer:
    """Create a network with its subnets, or replace them."""
    group, body, given = ids.group_of(call), call.body(), call.properties()
    prefixes = list((given.get("addressSpace") or {}).get("addressPrefixes") or [])
    subnets = {s["name"]: prefix_of(s.get("properties") or {}) for s in given.get("subnets") or []}
    check(prefixes, subnets)
    vnet_id = f"{group['id']}{PROVIDER}/{call.path['vnet']}"
    known = call.store.get("vnet", vnet_id)
    location = str(body.get("location", "")).replace(" ", "").lower()
    if not location or (known is not None and known["location"] != location):
        raise Refusal(
            400 if not location else 409,
            "InvalidResourceLocation",
            "The location is missing, or is not that of the network of this name.",
        )
    vnet = fresh(vnet_id, location, call.now, prefixes, subnets) | {
        "tags": body.get("tags") or {},
        "dns": list((given.get("dhcpOptions") or {}).get("dnsServers") or []),
        "guards": {s["name"]: guards(call, s.get("properties") or {}) for s in given.get("subnets") or []},
        "peerings": known["peerings"] if known else {},
    }
    return saved(call, vnet, 200 if known else 201, view(vnet, call.now))


def saved(call: Call, vnet: Document, status: int, body: Document) -> Answer:
    """Store it and let the caller watch."""
    call.store.put("vnet", vnet["id"], vnet, parent=vnet["id"].split("/providers/")[0])
    operation = lro.begun(call, vnet["id"], CREATE_SECONDS)
    base = f"/subscriptions/{call.path['sub']}/providers/Microsoft.Network/locations/{vnet['location']}"
    return lro.watched(call, operation, base, status, body)


def guards(call: Call, properties: dict[str, Any]) -> Document:
    """The security group and the route table of a subnet; refused if they do not exist."""
    found = {k: properties[k] for k in ("networkSecurityGroup", "routeTable") if properties.get(k)}
    for reference in found.values():
        if call.store.get("resource", str(reference.get("id") or "")) is None:
            raise Refusal(
                400, "InvalidResourceReference", f"Resource {reference.get('id')} referenced was not found."
            )
    return {k: {"id": v["id"]} for k, v in found.items()}


def prefix_of(properties: dict[str, Any]) -> str:
    """A subnet's one prefix, however it is given."""
    return str(properties.get("addressPrefix") or next(iter(properties.get("addressPrefixes") or []), ""))


def check(prefixes: list[str], subnets: dict[str, str]) -> None:
    """Subnets lie inside the address space and do not overlap."""
    try:
        space = [ipaddress.ip_network(p) for p in prefixes]
        nets = {name: ipaddress.ip_network(prefix) for name, prefix in subnets.items()}
    except ValueError as error:
        raise Refusal(
            400, "InvalidAddressPrefixFormat", f"An address prefix is not valid: {error}."
        ) from None
    if not space:
        raise Refusal(400, "InvalidRequestFormat", "The address space of the virtual network is missing.")
    for name, net in nets.items():
        if not any(isinstance(net, type(s)) and net.subnet_of(s) for s in space):  # type: ignore[arg-type]
            raise Refusal(
                400,
                "NetcfgInvalidSubnet",
                f"Subnet '{name}' is not valid in virtual network: its prefix "
                f"{net} is outside of the address space.",
            )
    pairs = [(a, b) for a in nets for b in nets if a < b and nets[a].overlaps(nets[b])]
    if pairs:
        raise Refusal(
            400,
            "NetcfgSubnetRangesOverlap",
            f"Subnet '{pairs[0][0]}' is not valid because its IP address "
            f"range overlaps with that of subnet '{pairs[0][1]}'.",
        )


@routes.on("GET", GROUP + "/{vnet}/subnets")
def list_subnets(call: Call) -> Answer:
    """The subnets of a network."""
    vnet = vnet_of(call)
    return Answer(body={"value": [subnet_view(vnet, name, call.now) for name in vnet["subnets"]]})


def subnet_name(vnet: Document, given: str) -> str | None:
    """The subnet of that name, however it is written."""
    return next((name for name in vnet["subnets"] if name.lower() == given.lower()), None)


@routes.on("GET", GROUP + "/{vnet}/subnets/{subnet}")
def get_subnet(call: Call) -> Answer:
    """One subnet."""
    vnet = vnet_of(call)
    name = subnet_name(vnet, call.path["subnet"])
    if name is None:
        raise Refusal(
            404, "NotFound", f"Subnet '{call.path['subnet']}' not found in network '{vnet['name']}'."
        )
    return Answer(body=subnet_view(vnet, name, call.now))


@routes.on("PUT", GROUP + "/{vnet}/subnets/{subnet}")
def put_subnet(call: Call) -> Answer:
    """Add or change a subnet."""
    vnet = vnet_of(call)
    known = subnet_name(vnet, call.path["subnet"])
    name = known or call.path["subnet"]
    vnet["subnets"] = {**vnet["subnets"], name: prefix_of(call.properties())}
    check(vnet["prefixes"], vnet["subnets"])
    vnet["guards"] = {**vnet["guards"], name: guards(call, call.properties())}
    vnet["created"] = call.now
    return saved(call, vnet, 200 if known else 201, subnet_view(vnet, name, call.now))
