"""A drill's job as Microsoft's published example has it: it stands, suspended, until the drill is cleaned up."""

from __future__ import annotations

import json

import pytest

from services.azure.jobs import parse_job
from services.azure.replication import Replication
from services.recovery import drill, drill_runs
from services.recovery.vault import Vault
from services.world.deadline import Deadline


def test_a_drill_whose_job_waits_for_the_clean_up_is_verified_cleaned_up_and_measured(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def standing(self: Replication, name: str) -> object:
        found = self.job(name)
        about = (found or {}).get("properties") or {}
        if about.get("scenarioName") == "TestFailover" and about.get("state") == "Succeeded":
            about |= {"state": "Suspended", "stateDescription": "WaitingForStopTestFailover"}
            about.pop("endTime")
        return parse_job(found) if found else None

    monkeypatch.setattr(Replication, "job_view", standing)
    limit = Deadline(25)
    shown = drill.plan(vault, [vault.find("db-01")], drill.Options(cleanup=True))
    ended = drill_runs.hold(drill_runs.begin(vault, shown, limit), shown)
    assert ended.outcome == "done"
    record = json.loads((ended.evidence / "record.json").read_text(encoding="utf-8"))
    rto = record["measures"]["rto"]
    assert rto["platform"] is not None
    assert rto["total"] >= rto["decision"] + rto["platform"]
