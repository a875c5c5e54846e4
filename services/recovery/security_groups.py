"""Whether the security groups of a network keep its machines from the Internet."""

from __future__ import annotations

from services.azure.ids import last
from services.azure.networks import Json, Networks, inside, properties
from services.evidence.entries import Proof

NAME, EXPECTED = "security-groups", "outbound to the Internet denied"
_ALL = ("*", "0.0.0.0/0", "Internet")


def security_groups(networks: Networks, network: Json) -> list[Proof]:
    """A proof for each subnet, and for each interface in the network that has a group of its own. A group on
    an interface can only deny more: it opens nothing that the subnet's denies.
    """
    found = [_of_subnet(networks, network, one) for one in properties(network).get("subnets") or []]
    prefix = f"{network['id']}/subnets/".lower()
    for interface in networks.interfaces:
        about = properties(interface)
        homes = [
            str((properties(one).get("subnet") or {}).get("id") or "")
            for one in about.get("ipConfigurations") or []
        ]
        group_id = str((about.get("networkSecurityGroup") or {}).get("id") or "")
        if group_id and any(home.lower().startswith(prefix) for home in homes):
            found.append(_judged(networks, network, f"interface {last(str(interface['id']))}", group_id))
    return found


def _of_subnet(networks: Networks, network: Json, subnet: Json) -> Proof:
    group_id = str((properties(subnet).get("networkSecurityGroup") or {}).get("id") or "")
    if group_id:
        return _judged(networks, network, str(subnet["name"]), group_id)
    said = f"{subnet['name']}: no security group, outbound Internet is open"
    return Proof(NAME, "warning", EXPECTED, said, str(network["id"]))


def _judged(networks: Networks, network: Json, where: str, group_id: str) -> Proof:
    group = networks.get(group_id)
    if group is None:
        return Proof(NAME, "unknown", EXPECTED, f"{where}: {last(group_id)} is not found", group_id)
    closed = _closed([properties(one) for one in properties(group).get("securityRules") or []], network)
    said = f"{where}: {last(group_id)} {'denies outbound Internet' if closed else 'lets outbound Internet through'}"
    return Proof(NAME, "ok" if closed else "warning", EXPECTED, said, group_id)


def _closed(rules: list[Json], network: Json) -> bool:
    """Whether a rule denies everything out, and no rule before it lets anything out of the network."""
    out = [rule for rule in rules if str(rule.get("direction")) == "Outbound"]
    for rule in sorted(out, key=lambda one: int(one.get("priority") or 0)):
        if str(rule.get("access")) == "Allow" and not _stays(rule, network):
            return False
        if str(rule.get("access")) == "Deny" and _denies_all(rule):
            return True
    return False


def _stays(rule: Json, network: Json) -> bool:
    many = rule.get("destinationAddressPrefixes") or [rule.get("destinationAddressPrefix") or "*"]
    return all(inside(str(one), network) for one in many)


def _denies_all(rule: Json) -> bool:
    whole = ("protocol", "sourcePortRange", "destinationPortRange", "sourceAddressPrefix")
    return all(str(rule.get(key)) == "*" for key in whole) and rule.get("destinationAddressPrefix") in _ALL
