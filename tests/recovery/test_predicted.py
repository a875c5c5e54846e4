"""Where a machine lands: its subnet and address."""

from __future__ import annotations

from typing import Any

import pytest

from services.recovery.predicted import Landing, landing

SUBNETS = {"web": "10.9.2.0/24", "App": "10.9.1.0/24", "GatewaySubnet": "10.9.255.0/27"}


def details(**ip: str) -> dict[str, Any]:
    return {"ipAddress": "10.1.0.11", "vmNics": [{"ipConfigs": [ip]}]}


@pytest.mark.parametrize(
    ("ip", "taken", "subnet", "address"),
    [
        ({"recoverySubnetName": "WEB"}, (), "web", "10.9.2.11"),
        ({"recoverySubnetName": "gone"}, (), "App", "10.9.1.11"),
        ({"recoverySubnetName": "web", "tfoSubnetName": "app"}, (), "App", "10.9.1.11"),
        ({"recoverySubnetName": "web", "tfoStaticIPAddress": "10.9.2.77"}, (), "web", "10.9.2.77"),
        ({"recoverySubnetName": "web"}, ("10.9.2.11",), "web", "10.9.2.4"),
        ({"recoverySubnetName": "web"}, ("10.9.2.11", "10.9.2.4"), "web", "10.9.2.5"),
        ({"recoverySubnetName": "web", "staticIPAddress": "10.1.0.2"}, (), "web", "10.9.2.4"),
    ],
)
def test_the_same_subnet_and_address_where_they_are_free(
    ip: dict[str, str], taken: tuple[str, ...], subnet: str, address: str
) -> None:
    assert landing("app-01", details(**ip), SUBNETS, taken) == Landing("app-01", subnet, address)


def test_nothing_is_predicted_where_nothing_can_be_said() -> None:
    assert landing("app-01", details(), {}, ()) == Landing("app-01", "", "")
    assert landing("app-01", {}, {"a": "10.0.0.0/30"}, ()).address == ""
