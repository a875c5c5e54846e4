"""Networks: what proves that one is isolated, and one that is made for a drill and removed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.practice import drills
from tests.practice.clients import Arm, Reply
from tests.practice.drills import Vault
from tests.practice_world import running_world


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault with twelve items."""
    with running_world(tmp_path_factory.mktemp("networks"), speed=1200, items=12) as world:
        yield Vault(Arm(world))


def kept(vault: Vault, answer: Reply) -> None:
    """The change was accepted, and has come about."""
    assert answer.status in (200, 201, 202), answer
    url = answer.headers["azure-asyncoperation"]
    while vault.arm("GET", url).body["status"] == "InProgress":
        pass


def test_production_reaches_the_premises_and_the_drill_network_does_not(vault: Vault) -> None:
    network = vault.arm("GET", vault.network("contoso-recovery-net")).body["properties"]
    drill = vault.arm("GET", vault.network("drill-net")).body["properties"]
    [peering] = network["virtualNetworkPeerings"]
    assert peering["properties"]["peeringState"] == "Connected"
    assert peering["properties"]["remoteVirtualNetwork"]["id"].endswith("/contoso-hub-net")
    assert drill["virtualNetworkPeerings"] == []
    assert {s["name"]: s["properties"]["addressPrefix"] for s in drill["subnets"]} == {
        s["name"]: s["properties"]["addressPrefix"] for s in network["subnets"]
    }
    assert network["dhcpOptions"]["dnsServers"] == ["10.40.0.4", "10.40.0.5"]
    table = network["subnets"][0]["properties"]["routeTable"]["id"]
    routes = vault.arm("GET", table).body["properties"]["routes"]
    assert routes[0]["properties"]["nextHopType"] == "VirtualNetworkGateway"
    [gateway] = vault.arm(
        "GET", f"{vault.arm.group}/providers/Microsoft.Network/virtualNetworkGateways"
    ).body["value"]
    assert "contoso-hub-net" in gateway["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"]
    everywhere = f"/subscriptions/{vault.arm.world['subscription']}/providers/Microsoft.Network"
    assert vault.arm("GET", f"{everywhere}/virtualNetworkGateways").status == 404
    assert vault.arm("GET", f"{everywhere}/routeTables").status == 200
    zone = f"{vault.arm.group}/providers/Microsoft.Network/privateDnsZones/contoso.internal"
    [link] = vault.arm("GET", f"{zone}/virtualNetworkLinks").body["value"]
    assert link["properties"]["virtualNetwork"]["id"].endswith("contoso-recovery-net")


def test_a_network_for_a_drill_is_made_used_and_removed(vault: Vault) -> None:
    group = f"{vault.arm.group}/providers/Microsoft.Network/networkSecurityGroups/own-nsg"
    rule = {
        "name": "deny-out",
        "properties": {
            "protocol": "*",
            "access": "Deny",
            "direction": "Outbound",
            "priority": 100,
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": "*",
        },
    }
    body = {"location": "westeurope", "properties": {"securityRules": [rule]}}
    kept(vault, vault.arm("PUT", group, body))
    subnets = [
        {
            "name": name,
            "properties": {"addressPrefix": prefix, "networkSecurityGroup": {"id": group}},
        }
        for name, prefix in (("Subnet-1", "10.42.1.0/24"), ("Subnet-2", "10.42.2.0/24"))
    ]
    own = vault.network("own-net")
    network = {
        "location": "westeurope",
        "properties": {"addressSpace": {"addressPrefixes": ["10.42.0.0/16"]}, "subnets": subnets},
    }
    kept(vault, vault.arm("PUT", own, network))
    shown = vault.arm("GET", own).body["properties"]["subnets"][0]["properties"]
    assert shown["networkSecurityGroup"]["id"] == group
    vault.done(vault.drill("app-02", "own-net"))
    assert drills.code(vault.arm("DELETE", own)) == (400, "InUseSubnetCannotBeDeleted")
    assert vault.arm("DELETE", group).status == 400
    vault.done(vault.post("app-02", "testFailoverCleanup", {"comments": ""}))
    kept(vault, vault.arm("DELETE", own))
    kept(vault, vault.arm("DELETE", group))
    assert (vault.arm("GET", own).status, vault.arm("GET", group).status) == (404, 404)
    assert (vault.arm("DELETE", own).status, vault.arm("DELETE", group).status) == (204, 204)


def test_a_peering_needs_both_sides(vault: Vault) -> None:
    one, other = vault.network("drill-net"), vault.network("contoso-hub-net")
    kept(vault, vault.arm("PUT", f"{one}/virtualNetworkPeerings/a", peer(other)))
    assert state(vault, one, "a") == "Initiated"
    kept(vault, vault.arm("PUT", f"{other}/virtualNetworkPeerings/b", peer(one)))
    assert (state(vault, one, "a"), state(vault, other, "b")) == ("Connected", "Connected")
    kept(vault, vault.arm("DELETE", f"{one}/virtualNetworkPeerings/a"))
    assert vault.arm("GET", f"{one}/virtualNetworkPeerings").body["value"] == []
    assert state(vault, other, "b") == "Disconnected"


def peer(remote: str) -> dict[str, object]:
    """A peering's body."""
    return {"properties": {"remoteVirtualNetwork": {"id": remote}}}


def state(vault: Vault, network: str, name: str) -> str:
    """A peering's state."""
    found = vault.arm("GET", f"{network}/virtualNetworkPeerings/{name}").body
    return str(found["properties"]["peeringState"])


def test_a_machine_lands_in_the_subnet_of_its_name_and_keeps_its_address_where_it_can(vault: Vault) -> None:
    space = {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}
    subnets = [
        {"name": "b", "properties": {"addressPrefix": "10.1.1.0/24"}},
        {"name": "a", "properties": {"addressPrefix": "10.1.0.0/24"}},
    ]
    same = {"location": "westeurope", "properties": {**space, "subnets": subnets}}
    kept(vault, vault.arm("PUT", vault.network("same-range"), same))
    vault.done(vault.drill("web-02", "same-range"))
    vault.done(vault.drill("web-03", "contoso-hub-net"))
    assert address(vault, "web-02-test") == ("a", "10.1.0.32")
    assert address(vault, "web-03-test") == ("default", "10.40.0.33")


def address(vault: Vault, name: str) -> tuple[str, str]:
    """The subnet and the address of a machine."""
    machine = vault.arm("GET", vault.machine(name)).body["properties"]
    nic = vault.arm("GET", machine["networkProfile"]["networkInterfaces"][0]["id"]).body["properties"]
    about = nic["ipConfigurations"][0]["properties"]
    return about["subnet"]["id"].rsplit("/", 1)[1], about["privateIPAddress"]
