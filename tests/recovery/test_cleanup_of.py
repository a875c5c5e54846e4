"""A clean-up stands in the record of the drill that it ends, and of no other."""

from __future__ import annotations

from collections.abc import Sequence

from services.recovery import cleanup, drill, drill_runs
from services.recovery.drill_runs import Ended
from services.recovery.vault import Vault
from services.world.deadline import Deadline


def drilled(vault: Vault, *titles: str, clean: bool = False) -> Ended:
    options = drill.Options(network="drill-net", cleanup=clean)
    shown = drill.plan(vault, [vault.find(title) for title in titles], options)
    return drill_runs.hold(drill_runs.begin(vault, shown, Deadline(60)), shown)


def cleaned(vault: Vault, titles: Sequence[str]) -> str:
    items = [vault.find(title) for title in titles]
    hand = drill_runs.begin_cleanup(vault, items, "", Deadline(60), cleanup.plan(vault, items))
    return drill_runs.clean(hand, items).evidence.name.partition("_")[0]


def test_a_drill_that_was_cleaned_up_does_not_get_the_clean_up_of_a_later_and_larger_one(
    vault: Vault,
) -> None:
    drilled(vault, "app-01", clean=True)
    drilled(vault, "app-01", "app-02")
    assert cleaned(vault, ["app-01"]) == "cleanup"
    assert cleaned(vault, ["app-02"]) == "cleanup"


def test_the_newest_drill_of_the_same_machines_gets_its_clean_up(vault: Vault) -> None:
    drilled(vault, "app-03", clean=True)
    drilled(vault, "app-03")
    assert cleaned(vault, ["app-03"]) == "drill"
