"""A job that cannot be read says nothing of its anchor: neither that it is there, nor that it is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.azure.replication import Replication
from services.problems.model import Problem, ProblemError, SignInError
from services.recovery import drill, drill_runs
from services.recovery.vault import Vault
from services.world.deadline import Deadline


def test_an_unread_anchor_is_unknown_and_a_lost_link_is_waited_for(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = drill.plan(vault, [vault.find("web-02")], drill.Options(cleanup=True))
    hand = drill_runs.begin(vault, shown, Deadline(60))

    def raising(error: ProblemError) -> Any:
        def job(_self: Replication, _name: str) -> None:
            raise error

        return job

    with monkeypatch.context() as patched:
        patched.setattr(Replication, "job", raising(SignInError(Problem("timeout", "azure", "No answer."))))
        with pytest.raises(SignInError):
            drill_runs.hold(hand, shown)
    again = drill.taken_up(vault, [shown.parts[0].id], Deadline(60))
    assert again is not None
    with monkeypatch.context() as patched:
        patched.setattr(Replication, "job", raising(ProblemError(Problem("http-403", "job", "No."))))
        ended = drill_runs.hold(*again)
    made = json.loads((ended.evidence / "record.json").read_text(encoding="utf-8"))
    assert [one["kind"] for one in made["deviations"] if "anchor" in one["what"]] == ["not-measured"]
