"""Which networks are isolated, and what each way out looks like."""

from __future__ import annotations

from typing import Any

import pytest

from services.azure.networks import Networks
from services.problems.model import Problem, ProblemError
from services.recovery import drill, isolation, surroundings
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
    networks = Networks(FakeArm(**answers), "s")  # type: ignore[arg-type]
    return isolation.prove(networks, wanted, isolation.Around(mapped or {}, frozenset({TEST.lower()})))


def peering(state: str) -> dict[str, Any]:
    remote = {"id": ID.replace("drill", "hub")}
    return {
        "name": "p",
        "id": ID + "/p",
        "properties": {"peeringState": state, "remoteVirtualNetwork": remote},
    }


TEST = GROUP + "/providers/Microsoft.Compute/virtualMachines/app-01-test"


def interface(machine: str, **more: Any) -> dict[str, Any]:
    home = {"privateIPAddress": "10.9.1.9", "subnet": {"id": ID.upper() + "/subnets/Subnet-1"}}
    owner = {"virtualMachine": {"id": machine}} if machine else {}
    return {
        "id": GROUP + "/providers/Microsoft.Network/networkInterfaces/nic-1",
        "properties": {"ipConfigurations": [{"properties": home}], **owner, **more},
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
        "service-endpoints": "ok",
        "security-groups": "warning",
        "machines": "ok",
        "not-looked-at": "warning",
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
        (
            {},
            {"networkInterfaces": [interface(TEST.replace("app-01", "orders"))]},
            "other machines run there: orders-test",
        ),
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
        ({"dhcpOptions": {"dnsServers": ["10.9.1.4", "168.63.129.16"]}}, {}),
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


def test_a_test_machine_of_this_vault_may_be_there_and_a_loose_interface_is_said() -> None:
    found = proven(network(), networkInterfaces=[interface(TEST.upper())])
    assert found.verdict == "isolated"
    loose = proven(network(), networkInterfaces=[interface("")])
    assert (loose.verdict, said(loose, "machines")) == (
        "isolated",
        [("ok", "none other"), ("warning", "interfaces of no machine: 10.9.1.9")],
    )


def said(found: isolation.NetworkProof, name: str) -> list[tuple[str, str]]:
    return [(one.state, one.actual) for one in found.proofs if one.name == name]


def rule(access: str, priority: int, **more: Any) -> dict[str, Any]:
    whole = {
        "protocol": "*",
        "sourcePortRange": "*",
        "destinationPortRange": "*",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
    }
    about = {**whole, "access": access, "direction": "Outbound", "priority": priority, **more}
    return {"properties": about}


DENY = rule("Deny", 200)


@pytest.mark.parametrize(
    ("rules", "state"),
    [
        ([DENY], "ok"),
        ([DENY, rule("Allow", 300)], "ok"),
        ([DENY, rule("Allow", 100, direction="Inbound")], "ok"),
        ([DENY, rule("Allow", 100, destinationAddressPrefix="10.9.1.0/24")], "ok"),
        ([DENY, rule("Allow", 100)], "warning"),
        ([DENY, rule("Allow", 100, protocol="Tcp", destinationPortRange="443")], "warning"),
        ([rule("Deny", 200, protocol="Tcp")], "warning"),
        ([rule("Deny", 200, destinationPortRange="80")], "warning"),
        ([rule("Deny", 200, sourcePortRange="1024")], "warning"),
        ([rule("Deny", 200, sourceAddressPrefix="10.9.1.5")], "warning"),
        ([rule("Deny", 200, destinationAddressPrefix="8.8.8.8")], "warning"),
    ],
)
def test_a_security_group_denies_only_where_nothing_is_let_out_before(
    rules: list[dict[str, Any]], state: str
) -> None:
    group = {"networkSecurityGroup": {"id": GROUP + "/networkSecurityGroups/nsg"}}
    answers: dict[str, Any] = {
        "nsg": {"properties": {"securityRules": rules}},
        "networkInterfaces": [interface(TEST, **group)],
    }
    words = "denies outbound Internet" if state == "ok" else "lets outbound Internet through"
    found = proven(network(subnet=group), **answers)
    assert found.open_to_internet is (state != "ok")
    assert said(found, "security-groups") == [
        (state, f"Subnet-1: nsg {words}"),
        (state, f"interface nic-1: nsg {words}"),
    ]


def test_service_endpoints_are_said() -> None:
    endpoints = [{"service": "Microsoft.Sql"}, {"service": "Microsoft.Storage"}]
    found = proven(network(subnet={"serviceEndpoints": endpoints}))
    assert said(found, "service-endpoints") == [("warning", "Subnet-1: Microsoft.Sql, Microsoft.Storage")]


def test_what_is_not_looked_at_is_said_as_such() -> None:
    [(state, what)] = said(proven(network()), "not-looked-at")
    assert state == "warning"
    assert [one in what for one in ("resolver", "Virtual Network Manager", "other subscriptions")] == [
        True
    ] * 3


def test_the_networks_of_all_items_and_of_the_mappings_count(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = {"id": "/v/replicationNetworkMappings/m1", "properties": {"recoveryNetworkId": ID}}
    monkeypatch.setattr(vault.reads, "network_mappings", lambda: [mapping])
    about = surroundings.around(vault)
    assert {item.title for item in vault.items()} < set(about.failover)
    found = isolation.prove(Networks(FakeArm(), "s"), network(), about)  # type: ignore[arg-type]
    assert (found.verdict, found.mapped) == ("reaches-production", ("mapping m1",))


def test_mappings_that_cannot_be_read_are_not_taken_for_none(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> Any:
        raise ProblemError(Problem("AuthorizationFailed", "mappings", "You may not read them."))

    monkeypatch.setattr(vault.reads, "network_mappings", refused)
    found = isolation.prove(Networks(FakeArm(), "s"), network(), surroundings.around(vault))  # type: ignore[arg-type]
    assert (found.verdict, found.against[0].actual) == ("unknown", "You may not read them.")


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
    about = surroundings.around(vault)
    verdicts = {one["name"]: isolation.prove(networks, one, about).verdict for one in networks.all}
    assert verdicts == {
        "contoso-recovery-net": "reaches-production",
        "contoso-hub-net": "reaches-production",
        "drill-net": "isolated",
        "contoso-eastus-net": "isolated",
    }


def test_the_plan_of_a_drill_says_that_an_isolated_network_is_open_to_the_internet(vault: Vault) -> None:
    shown = drill.plan(vault, [vault.find("app-02")], drill.Options())
    assert (shown.network.verdict, shown.network.open_to_internet) == (isolation.ISOLATED, True)
    assert any("not from the Internet" in one for one in shown.plan.notes)
