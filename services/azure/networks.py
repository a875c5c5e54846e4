"""Virtual networks and what stands around them, as Resource Manager tells it. Each thing is read once.

Loads nothing heavy; the paths are those of Microsoft.Network 2024-05-01 and privateDnsZones 2020-06-01.
"""

from __future__ import annotations

import ipaddress
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.azure.arm import Arm

Json = dict[str, Any]
NETWORK_API = "2024-05-01"
DNS_API = "2020-06-01"


class Networks:
    """The networks of one subscription. Errors come out as ProblemError, also where reading is not allowed."""

    def __init__(self, arm: Arm, subscription: str) -> None:
        self._arm = arm
        self._base = f"/subscriptions/{subscription}/providers/Microsoft.Network"
        self._read: dict[str, Json | None] = {}
        self._gateways: dict[str, list[Json]] = {}

    @cached_property
    def all(self) -> list[Json]:
        """Every virtual network."""
        return self._arm.list(f"{self._base}/virtualNetworks", NETWORK_API)

    @cached_property
    def interfaces(self) -> list[Json]:
        """Every network interface."""
        return self._arm.list(f"{self._base}/networkInterfaces", NETWORK_API)

    @cached_property
    def zone_links(self) -> list[Json]:
        """Every link of a private DNS zone to a network; `id` names the zone."""
        zones = self._arm.list(f"{self._base}/privateDnsZones", DNS_API)
        return [
            link for zone in zones for link in self._arm.list(f"{zone['id']}/virtualNetworkLinks", DNS_API)
        ]

    def gateways(self, group_id: str) -> list[Json]:
        """Every virtual network gateway of a resource group: Azure lists them by group only."""
        key = group_id.lower()
        if key not in self._gateways:
            path = f"{group_id}/providers/Microsoft.Network/virtualNetworkGateways"
            self._gateways[key] = self._arm.list(path, NETWORK_API)
        return self._gateways[key]

    def get(self, resource_id: str) -> Json | None:
        """A network, route table or security group by its id; None when it is not there."""
        key = resource_id.lower()
        if key not in self._read:
            self._read[key] = self._arm.get(resource_id, NETWORK_API)
        return self._read[key]


def group_of(resource_id: str) -> str:
    """The id of the resource group that a resource lies in."""
    return "/".join(resource_id.split("/")[:5])


def properties(resource: Json | None) -> Json:
    """The properties of a resource; empty without one."""
    return dict((resource or {}).get("properties") or {})


def subnets(network: Json) -> dict[str, str]:
    """A network's subnets: name and first address prefix."""
    found = {}
    for subnet in properties(network).get("subnets") or []:
        about = properties(subnet)
        many = about.get("addressPrefixes") or [""]
        found[str(subnet.get("name") or "")] = str(about.get("addressPrefix") or many[0])
    return found


def addresses(network_id: str, interfaces: list[Json]) -> dict[str, str]:
    """The private addresses that are taken in a network, each with the id of the machine that has it."""
    prefix, found = network_id.lower() + "/subnets/", {}
    for interface in interfaces:
        about = properties(interface)
        for configuration in about.get("ipConfigurations") or []:
            ip = properties(configuration)
            if str((ip.get("subnet") or {}).get("id") or "").lower().startswith(prefix):
                machine = str((about.get("virtualMachine") or {}).get("id") or "")
                found[str(ip.get("privateIPAddress") or "")] = machine
    return found


def inside(text: str, network: Json) -> bool:
    """Whether an address or prefix lies within the network's own space."""
    space = (properties(network).get("addressSpace") or {}).get("addressPrefixes") or []
    try:
        wanted = ipaddress.IPv4Network(text)
        return any(wanted.subnet_of(ipaddress.IPv4Network(one)) for one in space)
    except ValueError:
        return False
