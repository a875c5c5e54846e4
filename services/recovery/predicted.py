"""Where a machine will land: in the subnet of the same name, else in the first by name; at its own address if free.

Source: Microsoft, site-recovery-test-failover-to-azure.md, "Create a network for test failover".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from services.recovery.item import first_of

RESERVED = 4
"""The first addresses of a subnet, which Azure keeps."""
LOOKED_AT = 4096


@dataclass(frozen=True)
class Landing:
    """A prediction; empty texts where nothing can be said."""

    machine: str
    subnet: str
    address: str


def landing(
    machine: str, details: Mapping[str, Any], subnets: Mapping[str, str], taken: Collection[str]
) -> Landing:
    """Where a drill of an item (its providerSpecificDetails) lands in a network's subnets (name -> prefix).

    What is set for test failovers on its interface counts first, then what is set for failover.
    """
    nic = (details.get("vmNics") or [{}])[0]
    ip = (nic.get("ipConfigs") or [{}])[0]
    here = {**nic, **ip}  # InMageRcm has its words on the interface itself
    wanted = first_of(here, ("tfoSubnetName", "testSubnetName", "recoverySubnetName", "targetSubnetName"))
    names = sorted((name for name in subnets if name != "GatewaySubnet"), key=str.lower)
    name = next((one for one in names if one.lower() == wanted.lower()), names[0] if names else "")
    if not name:
        return Landing(machine, "", "")
    set_there = first_of(here, ("tfoStaticIPAddress", "testIPAddress", "staticIPAddress", "sourceIPAddress"))
    address = set_there or first_of(details, ("ipAddress", "primaryNicIpAddress"))
    return Landing(machine, name, _first_free(subnets[name], address, taken))


def _first_free(prefix: str, wanted: str, taken: Collection[str]) -> str:
    """The wanted address, its last part in this subnet, or the lowest one: the first that is free."""
    try:
        network = ipaddress.IPv4Network(prefix)
    except ValueError:
        return ""
    usable = range(RESERVED, min(network.num_addresses - 1, LOOKED_AT))
    order = [str(network[number]) for number in usable]
    try:
        source = ipaddress.IPv4Address(wanted)
        number = int(source) & int(network.hostmask) & 0xFF
        alike = [str(network[number])] if number in usable else []
        order = [*([str(source)] if source in network else []), *alike, *order]
    except ValueError:
        pass
    return next((one for one in order if one not in taken), "")
