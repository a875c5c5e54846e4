"""What runs in a network: machines of this vault's drills, and whatever else holds an address there."""

from __future__ import annotations

from collections.abc import Iterator

from services.azure.ids import last
from services.azure.networks import Json, Networks, addresses, properties
from services.evidence.entries import Proof

NAME, EXPECTED = "machines", "only machines of this vault's drills"
_USES = (
    "ipConfigurations",
    "applicationGatewayIPConfigurations",
    "serviceAssociationLinks",
    "resourceNavigationLinks",
)
"""Where a subnet names what is in it. The list of interfaces leaves out those of scale sets, of services, and of
groups that the account may not read.
"""
_HARMLESS = ("bastionhosts", "loadbalancers")
"""What leads to machines of the network, which are looked at themselves."""


def machines(networks: Networks, network: Json, tests: frozenset[str]) -> list[Proof]:
    """Whatever runs in it and is no drill's machine of this vault may be production, whatever its name is.

    `tests`: ids of the machines that the vault's items have in a drill, in lower case.
    """
    id_ = str(network["id"])
    taken = addresses(id_, networks.interfaces)
    others = sorted({last(one) for one in taken.values() if one and one.lower() not in tests})
    said = f"other machines run there: {', '.join(others)}" if others else "none other"
    found = [Proof(NAME, "failed" if others else "ok", EXPECTED, said, id_)]
    for name, kind in sorted(set(_besides(networks, network))):
        state = "warning" if kind.lower() in _HARMLESS else "failed"
        found.append(Proof(NAME, state, EXPECTED, f"also there: {name} ({kind})", id_))
    loose = sorted(address for address, machine in taken.items() if not machine)
    if loose:
        found.append(Proof(NAME, "warning", EXPECTED, f"interfaces of no machine: {', '.join(loose)}", id_))
    return found


def _besides(networks: Networks, network: Json) -> Iterator[tuple[str, str]]:
    """Name and kind of what holds an address in a subnet and is none of the interfaces that were listed."""
    known = {str(one["id"]).lower() for one in networks.interfaces}
    for subnet in properties(network).get("subnets") or []:
        if str(subnet["name"]) == "GatewaySubnet":
            continue  # gateways are looked at by themselves
        about = properties(subnet)
        for id_ in (str(one.get("id") or "") for use in _USES for one in about.get(use) or []):
            if id_.lower().split("/ipconfigurations/")[0] not in known:
                yield _owner(id_)


def _owner(id_: str) -> tuple[str, str]:
    parts = id_.split("/")
    lower = [part.lower() for part in parts]
    if "providers" not in lower or "subnets" in lower:
        return last(id_), parts[-2] if len(parts) > 1 else ""
    at = lower.index("providers")
    return (parts[at + 3], parts[at + 2]) if len(parts) > at + 3 else (last(id_), "")
