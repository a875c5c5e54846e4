"""Two machines of one name in one drill, as of two sites: each keeps its own times, checks and problems."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from services.problems.model import Problem, ProblemError, UsageError
from services.recovery import drill, drill_runs, verify
from services.recovery.checks import many, parsed
from services.recovery.item import label
from services.recovery.vault import Vault
from services.world.deadline import Deadline


def test_what_is_seen_of_a_machine_is_not_said_of_the_other(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = vault.find("app-02")
    twins = [first, replace(vault.find("app-04"), title=first.title)]
    names = [label(one, twins) for one in twins]
    assert names == [f"app-02 ({one.name})" for one in twins]
    assert vault.find(names[0]).id == first.id
    with pytest.raises(UsageError) as caught:
        drill.plan(vault, twins, drill.Options(network="drill-net", checks=(parsed("app-02=tcp:22"),)))
    assert all(name in caught.value.problems[0].remedy for name in names)
    checked = many(f"{names[1]}=tcp:22")
    shown = drill.plan(vault, twins, drill.Options(network="drill-net", checks=checked))
    look = verify.machine

    def fails(run: object, part: drill.Part, *given: object) -> object:
        if part.id == first.id:
            raise ProblemError(Problem("unseen", part.title, "It could not be looked at."))
        return look(run, part, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(verify, "machine", fails)
    ended = drill_runs.hold(drill_runs.begin(vault, shown, Deadline(60)), shown)
    assert [one.subject for one in ended.problems] == [names[0]]
    made = json.loads((ended.evidence / "record.json").read_text(encoding="utf-8"))
    assert [one["rto"] is None for one in made["measures"]["machines"]] == [True, False]
    addresses = [(one["machine"], bool(one["actual"])) for one in made["isolation"]["addresses"]]
    assert addresses == [(names[0], False), (names[1], True)]
    assert {one["machine"] for one in made["verification"]} == {names[1]}
