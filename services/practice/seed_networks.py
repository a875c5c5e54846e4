"""The networks of a new world: production with a hub and a VPN gateway, a drill network, one elsewhere."""

from __future__ import annotations

from typing import Any

from services.practice import network, peerings, resources
from services.practice.facts import group_id
from services.practice.store import Document, Store

REGION = "westeurope"
SUBNETS = {"Subnet-1": "10.42.1.0/24", "Subnet-2": "10.42.2.0/24"}
PRODUCTION, HUB, DRILL, ELSEWHERE = (
    "contoso-recovery-net",
    "contoso-hub-net",
    "drill-net",
    "contoso-eastus-net",
)


def sow(store: Store, facts: dict[str, Any], born: float) -> None:
    """Store the networks with what guards and connects them."""
    group = group_id(facts)
    base = group + network.PROVIDER + "/"
    production = network.fresh(base + PRODUCTION, REGION, born, ["10.42.0.0/16"], dict(SUBNETS))
    hub = network.fresh(
        base + HUB,
        REGION,
        born,
        ["10.40.0.0/16"],
        {"default": "10.40.0.0/24", "GatewaySubnet": "10.40.255.0/27"},
    )
    drill = network.fresh(base + DRILL, REGION, born, ["10.42.0.0/16"], dict(SUBNETS))
    far = network.fresh(base + ELSEWHERE, "eastus", born, ["10.43.0.0/16"], {"default": "10.43.0.0/24"})
    guard(store, group, production, drill)
    connect(store, group, production, hub)
    for vnet in (production, far, hub, drill):
        store.put("vnet", vnet["id"], vnet, parent=group)


def guard(store: Store, group: str, production: Document, drill: Document) -> None:
    """Security groups, a route table, DNS servers and a private zone."""
    rules = {name: security_group(store, group, name) for name in ("contoso-recovery-nsg", "drill-nsg")}
    table = f"{group}/providers/Microsoft.Network/routeTables/contoso-routes"
    route = {
        "name": "to-premises",
        "id": f"{table}/routes/to-premises",
        "properties": {"addressPrefix": "10.1.0.0/16", "nextHopType": "VirtualNetworkGateway"},
    }
    resources.keep(store, "Microsoft.Network/routeTables", table, REGION, {"routes": [route]})
    production["dns"] = ["10.40.0.4", "10.40.0.5"]
    for vnet, name in ((production, "contoso-recovery-nsg"), (drill, "drill-nsg")):
        routed = {"routeTable": {"id": table}} if vnet is production else {}
        own = {"networkSecurityGroup": {"id": rules[name]}, **routed}
        vnet["guards"] = dict.fromkeys(vnet["subnets"], own)
    zone = f"{group}/providers/Microsoft.Network/privateDnsZones/contoso.internal"
    resources.keep(
        store, "Microsoft.Network/privateDnsZones", zone, "global", {"numberOfVirtualNetworkLinks": 1}
    )
    link = {"virtualNetwork": {"id": production["id"]}, "registrationEnabled": True}
    resources.keep(store, resources.LINKS, f"{zone}/virtualNetworkLinks/recovery", "global", link)


def security_group(store: Store, group: str, name: str) -> str:
    """A security group that lets in SSH, RDP, WinRM and HTTP from its own network; its id."""
    kind = "Microsoft.Network/networkSecurityGroups"
    resource_id = f"{group}/providers/{kind}/{name}"
    rules = [
        {
            "name": rule,
            "id": f"{resource_id}/securityRules/{rule}",
            "properties": {
                "protocol": "Tcp",
                "sourceAddressPrefix": "VirtualNetwork",
                "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRange": port,
                "access": "Allow",
                "direction": "Inbound",
                "priority": 300 + 10 * index,
            },
        }
        for index, (rule, port) in enumerate(
            (("ssh", "22"), ("rdp", "3389"), ("winrm", "5985"), ("http", "80"))
        )
    ]
    resources.keep(store, kind, resource_id, REGION, {"securityRules": rules})
    return resource_id


def connect(store: Store, group: str, production: Document, hub: Document) -> None:
    """Production is peered with the hub, and the hub with the premises by VPN."""
    production["peerings"] = {
        "to-hub": peerings.peering(hub, {"allowForwardedTraffic": True, "useRemoteGateways": True})
    }
    hub["peerings"] = {"to-recovery": peerings.peering(production, {"allowGatewayTransit": True})}
    for one in (*production["peerings"].values(), *hub["peerings"].values()):
        one["peeringState"] = "Connected"
    gateway = f"{group}/providers/Microsoft.Network/virtualNetworkGateways/contoso-vpn"
    public = f"{group}/providers/Microsoft.Network/publicIPAddresses/contoso-vpn-ip"
    address = {"publicIPAllocationMethod": "Static", "ipAddress": "203.0.113.10"}
    resources.keep(store, "Microsoft.Network/publicIPAddresses", public, REGION, address)
    configuration = {
        "name": "default",
        "id": f"{gateway}/ipConfigurations/default",
        "properties": {
            "subnet": {"id": f"{hub['id']}/subnets/GatewaySubnet"},
            "publicIPAddress": {"id": public},
        },
    }
    properties = {
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "ipConfigurations": [configuration],
        "sku": {"name": "VpnGw1", "tier": "VpnGw1"},
    }
    resources.keep(store, "Microsoft.Network/virtualNetworkGateways", gateway, REGION, properties)
    resources.keep(
        store,
        "Microsoft.Network/connections",
        f"{group}/providers/Microsoft.Network/connections/to-premises",
        REGION,
        {
            "connectionType": "IPsec",
            "connectionStatus": "Connected",
            "virtualNetworkGateway1": {"id": gateway},
            "localNetworkGateway2": {
                "id": f"{group}/providers/Microsoft.Network/localNetworkGateways/contoso-premises"
            },
        },
    )
