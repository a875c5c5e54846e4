"""What holds an address in a network without being one of the virtual machines that are listed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.recovery.test_isolation import GROUP, ID, TEST, interface, network, proven, said


def occupied(path: str) -> dict[str, Any]:
    """A subnet with an address that something which is no virtual machine holds."""
    return {"ipConfigurations": [{"id": GROUP + "/providers/" + path}]}


@pytest.mark.parametrize(
    ("subnet", "state", "what"),
    [
        (
            occupied(
                "Microsoft.Compute/virtualMachineScaleSets/shop/virtualMachines/0/networkInterfaces/n/ipConfigurations/i"
            ),
            "failed",
            "shop (virtualMachineScaleSets)",
        ),
        (
            {
                "applicationGatewayIPConfigurations": [
                    {
                        "id": f"{GROUP}/providers/Microsoft.Network/applicationGateways/front/gatewayIPConfigurations/i"
                    }
                ]
            },
            "failed",
            "front (applicationGateways)",
        ),
        (
            {
                "serviceAssociationLinks": [
                    {
                        "id": ID + "/subnets/Subnet-1/serviceAssociationLinks/AppServiceLink",
                        "properties": {"link": "/subscriptions/s/x"},
                    }
                ]
            },
            "failed",
            "AppServiceLink (serviceAssociationLinks)",
        ),
        (
            occupied("Microsoft.Network/bastionHosts/door/bastionHostIpConfigurations/i"),
            "warning",
            "door (bastionHosts)",
        ),
    ],
)
def test_what_is_no_virtual_machine_and_runs_in_it_is_seen(
    subnet: dict[str, Any], state: str, what: str
) -> None:
    found = proven(network(subnet=subnet), networkInterfaces=[interface(TEST)])
    assert (state, f"also there: {what}") in said(found, "machines")
    assert found.verdict == ("isolated" if state == "warning" else "reaches-production")


def test_the_interface_of_a_drill_s_machine_is_nothing_else_there() -> None:
    own = {"ipConfigurations": [{"id": interface(TEST)["id"].upper() + "/ipConfigurations/i"}]}
    found = proven(network(subnet=own), networkInterfaces=[interface(TEST)])
    assert said(found, "machines") == [("ok", "none other")]
