"""Without a name, a drill takes an isolated network only where that says that it is for drills."""

from __future__ import annotations

import pytest

from services.azure.networks import Networks
from services.recovery import drill_network
from services.recovery.surroundings import around
from services.recovery.vault import Vault


@pytest.mark.parametrize(
    ("name", "tags", "taken"),
    [
        ("spare-net", {}, False),
        ("latest-net", {"environment": "test"}, False),
        ("DrillNet-2", {}, True),
        ("asr_test", {}, True),
        ("spare-net", {"purpose": "drills"}, True),
    ],
)
def test_an_empty_network_that_may_be_kept_for_something_is_not_taken(
    vault: Vault, name: str, tags: dict[str, str], taken: bool
) -> None:
    networks, items = Networks(vault.azure.arm, vault.ref.subscription), [vault.find("app-01")]
    [there] = [one for one in networks.all if one["name"] == "drill-net"]
    networks.__dict__["all"] = [{**there, "name": name, "tags": tags}]
    region = drill_network.region_of(vault)
    chosen, made = drill_network.choose(networks, region, items, "", around(vault), vault.ref.group_id)
    assert (chosen["name"] == name, made is None) == (taken, taken)
