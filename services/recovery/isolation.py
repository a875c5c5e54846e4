"""Proof that a network reaches no production: every way out of it is looked at, and what was seen is kept.

A network is isolated when nothing that was looked at leads out of it and everything could be looked at.
A warning (no rule keeps a machine from the Internet) is said and does not change the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.azure.ids import last
from services.azure.networks import Json, Networks, group_of, inside, properties, subnets
from services.evidence.entries import Proof
from services.problems.model import CancelledError, DeadlineError, ProblemError
from services.recovery.occupants import machines
from services.recovery.security_groups import NAME as GROUPS
from services.recovery.security_groups import security_groups

ISOLATED, REACHES, UNKNOWN = "isolated", "reaches-production", "unknown"
OK, WARNING, FAILED, UNSEEN = "ok", "warning", "failed", "unknown"
OUT = ("VirtualNetworkGateway", "VirtualAppliance")
"""Next hops that lead out of a network to somewhere of ours."""
RESOLVER = "168.63.129.16"
"""Azure's own name server, where somebody has written it down."""
UNLOOKED = "DNS resolver rulesets, Virtual Network Manager, private DNS zones of other subscriptions"
"""Ways between networks that are not looked at; every proof says so."""


@dataclass(frozen=True)
class Around:
    """What a vault knows of networks. `failover`: what is recovered -> id of the network it joins at a failover;
    `tests`: ids of the machines that its items have in a drill, in lower case; `unread`: why the networks of
    failovers could not all be read, or empty.
    """

    failover: Mapping[str, str] = field(default_factory=dict)
    tests: frozenset[str] = frozenset()
    unread: str = ""


NOTHING = Around()


@dataclass(frozen=True)
class NetworkProof:
    """What was found about one network; words are ids in English, for the record.

    `mapped` are names of machines that join it at a real failover.
    """

    id: str
    name: str
    region: str
    subnets: dict[str, str]
    proofs: tuple[Proof, ...]
    mapped: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        states = {proof.state for proof in self.proofs}
        return REACHES if FAILED in states else UNKNOWN if UNSEEN in states else ISOLATED

    @property
    def against(self) -> tuple[Proof, ...]:
        """What speaks against it, or could not be looked at."""
        return tuple(proof for proof in self.proofs if proof.state in (FAILED, UNSEEN))

    @property
    def seen(self) -> list[list[str]]:
        """What was seen, to be compared with what is seen later: name, state and finding of each proof."""
        return sorted([proof.name, proof.state, proof.actual] for proof in self.proofs)

    @property
    def open_to_internet(self) -> bool:
        """Whether nothing keeps a machine in it from the Internet; that is no way to production."""
        return any(proof.name == GROUPS and proof.state == WARNING for proof in self.proofs)

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> NetworkProof:
        """The proof that a run has kept."""
        proofs = tuple(Proof(**one) for one in json["proofs"])
        return cls(**{**json, "mapped": tuple(json["mapped"]), "proofs": proofs})


def prove(networks: Networks, network: Json, around: Around = NOTHING) -> NetworkProof:
    """Look at every way out of a network. Nothing raises but a cancelled call: what cannot be read is `unknown`."""
    id_ = str(network["id"])
    mapped = tuple(sorted(name for name, wanted in around.failover.items() if wanted.lower() == id_.lower()))
    looks: tuple[tuple[str, Callable[[], list[Proof]]], ...] = (
        ("failover-network", lambda: _mapped(mapped, around.unread)),
        ("peerings", lambda: _peerings(network)),
        ("gateways", lambda: _gateways(networks, network)),
        ("routes", lambda: _routes(networks, network)),
        ("dns-servers", lambda: [_dns(network)]),
        ("private-dns", lambda: _zones(networks, network)),
        ("private-endpoints", lambda: _endpoints(network)),
        ("service-endpoints", lambda: _services(network)),
        (GROUPS, lambda: security_groups(networks, network)),
        ("machines", lambda: machines(networks, network, around.tests)),
        ("not-looked-at", lambda: [Proof("not-looked-at", WARNING, "nothing", UNLOOKED, id_)]),
    )
    proofs = [proof for name, look in looks for proof in _seen(name, id_, look)]
    return NetworkProof(
        id_, str(network.get("name")), str(network.get("location")), subnets(network), tuple(proofs), mapped
    )


def _seen(name: str, id_: str, look: Callable[[], list[Proof]]) -> list[Proof]:
    try:
        return look()
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        return [Proof(name, UNSEEN, "readable", error.problems[0].what, id_)]


def _mapped(mapped: Sequence[str], unread: str) -> list[Proof]:
    expected = "no machine joins it at a failover"
    said = ", ".join(mapped) or "none"
    found = (
        [Proof("failover-network", FAILED if mapped else OK, expected, said)] if mapped or not unread else []
    )
    return [*found, *([Proof("failover-network", UNSEEN, expected, unread)] if unread else [])]


def _peerings(network: Json) -> list[Proof]:
    found = []
    for peering in properties(network).get("virtualNetworkPeerings") or []:
        about = properties(peering)
        state = str(about.get("peeringState") or "")
        remote = last(str((about.get("remoteVirtualNetwork") or {}).get("id") or ""))
        carries = FAILED if state != "Disconnected" else OK
        ways = [
            word
            for key, word in (
                ("useRemoteGateways", "uses its gateways"),
                ("allowForwardedTraffic", "forwards"),
            )
            if about.get(key)
        ]
        actual = ", ".join([f"{state} to {remote}", *ways])
        found.append(Proof("peerings", carries, "none", actual, str(peering.get("id") or "")))
    return found or [Proof("peerings", OK, "none", "none", str(network["id"]))]


def _gateways(networks: Networks, network: Json) -> list[Proof]:
    id_ = str(network["id"])
    subnet = next((s for s in properties(network).get("subnets") or [] if s["name"] == "GatewaySubnet"), None)
    if subnet is None:
        return [Proof("gateways", OK, "none", "no GatewaySubnet", id_)]
    prefix = f"{id_}/subnets/GatewaySubnet".lower()
    found = [
        str(gateway["id"])
        for gateway in networks.gateways(group_of(id_))
        if any(
            str((properties(one).get("subnet") or {}).get("id") or "").lower() == prefix
            for one in properties(gateway).get("ipConfigurations") or []
        )
    ]
    used = [str(one.get("id") or "") for one in properties(subnet).get("ipConfigurations") or []]
    if not found and not used:
        return [Proof("gateways", OK, "none", "a GatewaySubnet without a gateway", id_)]
    return [Proof("gateways", FAILED, "none", last(one), one) for one in found or used]


def _routes(networks: Networks, network: Json) -> list[Proof]:
    found = []
    for subnet in properties(network).get("subnets") or []:
        table_id = str((properties(subnet).get("routeTable") or {}).get("id") or "")
        if not table_id:
            continue
        table = networks.get(table_id)
        state = UNSEEN if table is None else OK
        routes = properties(table).get("routes") or []
        for route in (properties(one) for one in routes):
            hop, prefix = str(route.get("nextHopType") or ""), str(route.get("addressPrefix") or "")
            if hop in OUT and not inside(prefix, network):
                state = FAILED
                where = " ".join(part for part in (hop, str(route.get("nextHopIpAddress") or "")) if part)
                found.append(
                    Proof(
                        "routes", FAILED, "none leads out", f"{subnet['name']}: {prefix} to {where}", table_id
                    )
                )
        if state != FAILED:
            actual = f"{subnet['name']}: {len(routes)} routes, none leads out" if table else "not found"
            found.append(Proof("routes", state, "none leads out", actual, table_id))
    return found or [Proof("routes", OK, "none leads out", "no route table", str(network["id"]))]


def _dns(network: Json) -> Proof:
    servers = [str(one) for one in (properties(network).get("dhcpOptions") or {}).get("dnsServers") or []]
    outside = [one for one in servers if one != RESOLVER and not inside(one, network)]
    expected = "Azure's, or inside the network"
    actual = ", ".join(servers) or "Azure's"
    return Proof("dns-servers", FAILED if outside else OK, expected, actual, str(network["id"]))


def _zones(networks: Networks, network: Json) -> list[Proof]:
    """A machine registers its name in a zone that is linked so: production's would then lead to the copy."""
    id_ = str(network["id"]).lower()
    found = []
    for link in networks.zone_links:
        about = properties(link)
        if str((about.get("virtualNetwork") or {}).get("id") or "").lower() != id_:
            continue
        registers = bool(about.get("registrationEnabled"))
        zone = last(str(link["id"]).split("/virtualNetworkLinks/")[0])
        said = f"{zone}, registers names" if registers else f"{zone}, reads names"
        found.append(
            Proof("private-dns", FAILED if registers else WARNING, "not linked", said, str(link["id"]))
        )
    return found or [
        Proof("private-dns", OK, "not linked", "no link in this subscription", str(network["id"]))
    ]


def _endpoints(network: Json) -> list[Proof]:
    found = [
        Proof(
            "private-endpoints",
            FAILED,
            "none",
            f"{subnet['name']}: {last(str(one.get('id')))}",
            str(one["id"]),
        )
        for subnet in properties(network).get("subnets") or []
        for one in properties(subnet).get("privateEndpoints") or []
    ]
    return found or [Proof("private-endpoints", OK, "none", "none", str(network["id"]))]


def _services(network: Json) -> list[Proof]:
    """A subnet with a service endpoint reaches what admits that subnet: storage, databases, key vaults."""
    found = []
    for subnet in properties(network).get("subnets") or []:
        names = [str(one.get("service")) for one in properties(subnet).get("serviceEndpoints") or []]
        if names:
            said = f"{subnet['name']}: {', '.join(sorted(names))}"
            found.append(Proof("service-endpoints", WARNING, "none", said, str(network["id"])))
    return found or [Proof("service-endpoints", OK, "none", "none", str(network["id"]))]
