"""Which networks are isolated, and what each way out looks like."""

from __future__ import annotations

from typing import Any

import pytest

from services.azure.networks import Networks
from services.problems.model import Problem, ProblemError
from services.recovery import isolation
from services.recovery.vault import Vault

ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/drill"
GROUP = "/subscriptions/s/resourceGroups/g"


class FakeArm:
    """Answers from a table; a path that is absent is an empty list or nothing."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def list(self, path: str, _api: str) -> list[Any]:
        return self._answer(path) or []

    def get(self, path: str, _api: str) -> Any:
        return self._answer(path)

    def _answer(self, path: str) -> Any:
        found = self.answers.get(path.rsplit("/", 1)[-1])
        if isinstance(found, Exception):
            raise found
        return found


def network(**more: Any) -> dict[str, Any]:
    subnet = {"name": "Subnet-1", "properties": {"addressPrefix": "10.9.1.0/24", **more.pop("subnet", {})}}
    others = more.pop("subnets", [])
    return {
        "id": ID,
        "name": "drill",
        "location": "westeurope",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
            "subnets": [subnet, *others],
            **more,
        },
    }


def proven(
    wanted: dict[str, Any], mapped: dict[str, str] | None = None, **answers: Any
) -> isolation.NetworkProof:
    return isolation.prove(Networks(FakeArm(**answers), "s"), wanted, mapped)  # type: ignore[arg-type]


def peering(state: str) -> dict[str, Any]:
    remote = {"id": ID.replace("drill", "hub")}
    return {
        "name": "p",
        "id": ID + "/p",
        "properties": {"peeringState": state, "remoteVirtualNetwork": remote},
    }


GATEWAY = {
    "id": GROUP + "/providers/Microsoft.Network/virtualNetworkGateways/vpn",
    "properties": {"ipConfigurations": [{"properties": {"subnet": {"id": ID + "/subnets/GatewaySubnet"}}}]},
}
LINK = {
    "id": GROUP + "/providers/Microsoft.Network/privateDnsZones/corp.local/virtualNetworkLinks/l",
    "properties": {"virtualNetwork": {"id": ID.upper()}, "registrationEnabled": True},
}


def route(hop: str, prefix: str) -> dict[str, Any]:
    return {"properties": {"routes": [{"properties": {"nextHopType": hop, "addressPrefix": prefix}}]}}


def test_a_network_with_no_way_out_is_isolated_and_says_what_it_lets_through() -> None:
    found = proven(network())
    assert (found.verdict, found.against) == ("isolated", ())
    states = {proof.name: proof.state for proof in found.proofs}
    assert states == {
        "failover-network": "ok",
        "peerings": "ok",
        "gateways": "ok",
        "routes": "ok",
        "dns-servers": "ok",
        "private-dns": "ok",
        "private-endpoints": "ok",
        "security-groups": "warning",
        "machines": "ok",
    }


@pytest.mark.parametrize(
    ("about", "answers", "named"),
    [
        ({"virtualNetworkPeerings": [peering("Connected")]}, {}, "Connected to hub"),
        ({"virtualNetworkPeerings": [peering("Initiated")]}, {}, "Initiated to hub"),
        (
            {"subnets": [{"name": "GatewaySubnet", "properties": {"addressPrefix": "10.9.255.0/27"}}]},
            {"virtualNetworkGateways": [GATEWAY]},
            "vpn",
        ),
        (
            {"subnet": {"routeTable": {"id": GROUP + "/routeTables/rt"}}},
            {"rt": route("VirtualAppliance", "0.0.0.0/0")},
            "Subnet-1: 0.0.0.0/0 to VirtualAppliance",
        ),
        (
            {"subnet": {"routeTable": {"id": GROUP + "/routeTables/rt"}}},
            {"rt": route("VirtualNetworkGateway", "10.1.0.0/16")},
            "Subnet-1: 10.1.0.0/16 to VirtualNetworkGateway",
        ),
        ({"dhcpOptions": {"dnsServers": ["10.9.1.4", "10.1.0.2"]}}, {}, "10.9.1.4, 10.1.0.2"),
        (
            {},
            {"privateDnsZones": [{"id": LINK["id"].split("/virtual")[0]}], "virtualNetworkLinks": [LINK]},  # type: ignore[attr-defined]
            "corp.local, registers names",
        ),
        ({"subnet": {"privateEndpoints": [{"id": GROUP + "/privateEndpoints/sql"}]}}, {}, "Subnet-1: sql"),
    ],
)
def test_each_way_out_is_named(about: dict[str, Any], answers: dict[str, Any], named: str) -> None:
    found = proven(network(**about), **answers)
    assert found.verdict == "reaches-production"
    assert [proof.actual for proof in found.against] == [named]


@pytest.mark.parametrize(
    ("about", "answers"),
    [
        ({"virtualNetworkPeerings": [peering("Disconnected")]}, {}),
        ({"dhcpOptions": {"dnsServers": ["10.9.1.4"]}}, {}),
        ({"subnets": [{"name": "GatewaySubnet", "properties": {}}]}, {}),
        (
            {"subnet": {"routeTable": {"id": GROUP + "/routeTables/rt"}}},
            {"rt": route("VirtualAppliance", "10.9.2.0/24")},
        ),
        ({"subnet": {"routeTable": {"id": GROUP + "/routeTables/rt"}}}, {"rt": route("None", "0.0.0.0/0")}),
    ],
)
def test_what_does_not_lead_out_does_not_count(about: dict[str, Any], answers: dict[str, Any]) -> None:
    assert proven(network(**about), **answers).verdict == "isolated"


def test_what_cannot_be_read_is_unknown_and_not_isolated() -> None:
    refused = ProblemError(Problem("AuthorizationFailed", "zones", "You may not read it."))
    found = proven(network(), privateDnsZones=refused)
    assert found.verdict == "unknown"
    assert [(proof.name, proof.actual) for proof in found.against] == [
        ("private-dns", "You may not read it.")
    ]
    missing = proven(network(subnet={"routeTable": {"id": GROUP + "/routeTables/rt"}}))
    assert missing.verdict == "unknown"


def test_the_network_of_the_real_failover_is_named_as_such() -> None:
    found = proven(network(), {"app-01": ID.lower(), "db-01": "/other"})
    assert (found.verdict, found.mapped) == ("reaches-production", ("app-01",))
    assert found.against[0].actual == "app-01"


def test_the_practice_networks_are_told_apart(vault: Vault) -> None:
    networks = Networks(vault.azure.arm, vault.ref.subscription)
    verdicts = {one["name"]: isolation.prove(networks, one).verdict for one in networks.all}
    assert verdicts == {
        "contoso-recovery-net": "reaches-production",
        "contoso-hub-net": "reaches-production",
        "drill-net": "isolated",
        "contoso-eastus-net": "isolated",
    }
