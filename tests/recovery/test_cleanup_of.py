"""A clean-up stands in the record of the drill that it ends, and of no other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.evidence.history import entries, trend
from services.recovery import cleanup, drill, drill_runs
from services.recovery.drill_runs import Ended
from services.recovery.vault import Vault
from services.world.deadline import Deadline


def drilled(vault: Vault, *titles: str, clean: bool = False) -> Ended:
    options = drill.Options(network="drill-net", cleanup=clean)
    shown = drill.plan(vault, [vault.find(title) for title in titles], options)
    return drill_runs.hold(drill_runs.begin(vault, shown, Deadline(60)), shown)


def cleaned(vault: Vault, titles: Sequence[str]) -> str:
    return clean_up(vault, titles).name.partition("_")[0]


def clean_up(vault: Vault, titles: Sequence[str]) -> Path:
    items = [vault.find(title) for title in titles]
    hand = drill_runs.begin_cleanup(vault, items, "", Deadline(60), cleanup.plan(vault, items))
    return drill_runs.clean(hand, items).evidence


def recorded(folder: Path) -> Any:
    return json.loads((folder / "record.json").read_text(encoding="utf-8"))


def test_a_drill_that_was_cleaned_up_does_not_get_the_clean_up_of_a_later_and_larger_one(
    vault: Vault,
) -> None:
    drilled(vault, "app-01", clean=True)
    drilled(vault, "app-01", "app-02")
    assert cleaned(vault, ["app-01"]) == "cleanup"
    assert recorded(clean_up(vault, ["app-02"]))["identity"]["target"] == "app-01, app-02"


def test_a_drill_whose_machines_are_cleaned_up_one_by_one_is_done_with_the_last(vault: Vault) -> None:
    drilled(vault, "app-01", "web-01")
    alone = recorded(clean_up(vault, ["app-01"]))
    assert alone["identity"]["verb"] == "cleanup"
    [last] = trend(entries(clean_up(vault, ["web-01"]).parent))
    made = last.record
    assert (last.cleaned, made.identity.outcome) == (True, "done")
    assert [one.name for one in made.scope.machines] == ["app-01", "web-01"]
    assert alone["cleanup"]["job_id"] in made.cleanup.job_id.split(", ")
    assert len(made.cleanup.job_id.split(", ")) == 2
    assert len(made.anchors) == 2


def test_the_newest_drill_of_the_same_machines_gets_its_clean_up(vault: Vault) -> None:
    drilled(vault, "app-03", clean=True)
    drilled(vault, "app-03")
    assert cleaned(vault, ["app-03"]) == "drill"
