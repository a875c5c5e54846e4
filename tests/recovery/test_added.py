"""What a person has added to a drill's machine is named after its clean-up, and does not keep that pending."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.evidence.history import entry
from services.recovery import cleanup, drill_runs
from services.recovery.vault import Vault
from services.world.deadline import Deadline
from tests.practice import drills
from tests.practice.clients import Arm

NETWORK = "providers/Microsoft.Network"


def test_an_address_and_a_group_that_a_person_has_added_are_a_warning(
    vault: Vault, served: tuple[dict[str, Any], Path]
) -> None:
    azure = drills.Vault(Arm(served[0]))
    arm = azure.arm
    azure.done(azure.drill("web-02"))
    tied = {
        "publicIPAddress": f"{arm.group}/{NETWORK}/publicIPAddresses/by-hand-ip",
        "networkSecurityGroup": f"{arm.group}/{NETWORK}/networkSecurityGroups/by-hand-nsg",
    }
    for id_ in tied.values():
        assert arm("PUT", id_, {"location": "westeurope", "properties": {}}).status in (200, 201)
    nic = f"{arm.group}/{NETWORK}/networkInterfaces/web-02-test-nic"
    body = arm("GET", nic).body
    about = body["properties"]
    about["networkSecurityGroup"] = {"id": tied["networkSecurityGroup"]}
    about["ipConfigurations"][0]["properties"]["publicIPAddress"] = {"id": tied["publicIPAddress"]}
    assert arm("PUT", nic, body).status in (200, 201)
    item = vault.find("web-02")
    hand = drill_runs.begin_cleanup(vault, [item], "", Deadline(60), cleanup.plan(vault, [item]))
    ended = drill_runs.clean(hand, [item])
    [told] = ended.warnings
    assert "by-hand-ip, by-hand-nsg" in told.what
    record = entry(ended.evidence).record
    assert record is not None
    assert (record.cleanup.state, record.cleanup.leftovers) == ("done", [])
    assert [one.what.split()[0] for one in record.deviations if "by hand" in one.what] == [
        "by-hand-ip",
        "by-hand-nsg",
    ]
