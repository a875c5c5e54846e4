"""A drill that is taken up again: the network is proven anew before the machines that are left are sent to it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.journal.operations import operations
from services.recovery import drill, drill_making, drill_runs
from services.recovery.drill_plan import Options
from services.recovery.vault import Vault
from services.world.deadline import Deadline
from tests.practice import drills
from tests.practice.clients import Arm
from tests.recovery.test_drill_making import network_body


@pytest.fixture
def azure(served: tuple[dict[str, Any], Path]) -> drills.Vault:
    return drills.Vault(Arm(served[0]))


def test_no_machine_follows_into_a_network_that_was_opened_after_a_death(
    vault: Vault, azure: drills.Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = azure.network("two-net")
    azure.arm.done(azure.arm("PUT", quiet, {**network_body(vault), "tags": {}}))
    items = [vault.find("app-01"), vault.find("app-02")]
    shown = drill.plan(vault, items, Options(network="two-net", cleanup=True))
    send = drill._send

    def dies(run: Any, kept: Any, part: Any) -> Any:
        if part.title == "app-02":
            raise KeyboardInterrupt
        return send(run, kept, part)

    monkeypatch.setattr(drill, "_send", dies)
    with pytest.raises(KeyboardInterrupt):
        drill_runs.hold(drill_runs.begin(vault, shown, Deadline(60)), shown)
    monkeypatch.setattr(drill, "_send", send)
    monkeypatch.setattr(drill_making, "STALE", timedelta(0))
    remote = {"remoteVirtualNetwork": {"id": azure.network("contoso-hub-net")}}
    azure.arm.done(azure.arm("PUT", f"{quiet}/virtualNetworkPeerings/p", {"properties": remote}))
    again = drill.taken_up(vault, [item.id for item in items], Deadline(60))
    assert again is not None
    ended = drill_runs.hold(*again)
    assert [(one.code, one.subject) for one in ended.problems] == [("network-moved", "two-net")]
    assert "contoso-hub-net" in ended.problems[0].cause
    assert [
        row for row in operations(vault.journal, again[0].engagement_id) if row.target == items[1].id
    ] == []
