"""Settings that are changed and jobs that are acted on, against the practice world."""

from __future__ import annotations

import pytest

from services.journal.model import OperationRow
from services.journal.operations import INTENT, intend
from services.problems.model import DeadlineError, Problem, ProblemError, RefusedError, UsageError
from services.recovery import item_settings, jobs, run
from services.recovery.vault import Vault
from services.world.deadline import Deadline


def test_a_changed_setting_is_read_back_and_the_others_stay(vault: Vault) -> None:
    item = vault.find("app-02")
    before = item_settings.current(item_settings.details(vault, item))
    wanted = {"name": "app-02-az", "address": "10.42.1.77"}
    shown = item_settings.plan(vault, item, wanted)
    assert {change.thing for change in shown.changes} == {"Azure VM name", "address"}
    hand = run.begin(vault, "settings", [item.id], [item.title], wanted, Deadline(60))
    item_settings.apply(hand, vault, item, wanted, shown)
    after = item_settings.current(item_settings.details(vault, item))
    assert after == {**before, **wanted}
    assert item_settings.plan(vault, item, wanted).empty


def test_a_plan_that_has_moved_is_refused_before_anything_is_sent(vault: Vault) -> None:
    item = vault.find("web-02")
    shown = item_settings.plan(vault, item, {"size": "Standard_D4s_v3"})
    other = {"size": "Standard_B2s"}
    hand = run.begin(vault, "settings", [item.id], [item.title], other, Deadline(60))
    item_settings.apply(hand, vault, item, other, item_settings.plan(vault, item, other))
    with pytest.raises(RefusedError, match="settings"):
        item_settings.apply(hand, vault, item, {"size": "Standard_D4s_v3"}, shown)
    assert item_settings.current(item_settings.details(vault, item))["size"] == "Standard_B2s"


def test_a_job_is_not_touched_where_azure_does_not_allow_it(vault: Vault) -> None:
    ended = next(job for job in vault.jobs() if job.over)
    with pytest.raises(RefusedError, match="not Cancel"):
        jobs.plan(jobs.VERBS["cancel"], ended, "")
    with pytest.raises(UsageError, match="no such job"):
        jobs.job_named(vault, "11111111-2222-3333-4444-555555555555")


def drill(vault: Vault, *names: str, **options: str) -> run.Run:
    ids = [vault.find(name).id for name in names]
    return run.begin(vault, "drill", ids, names, options, Deadline(60))


def test_an_open_run_holds_its_items_and_is_taken_up_by_its_own_kind(vault: Vault) -> None:
    first = drill(vault, "app-01", "db-01", point="latest")
    first.learn(network="/x/net")
    again = drill(vault, "db-01", "app-01", point="latest")
    assert again.engagement == first.engagement
    assert again.facts["network"] == "/x/net"
    with pytest.raises(RefusedError, match="drill of app-01, db-01"):
        drill(vault, "app-01", point="latest")
    first.end("done")
    assert drill(vault, "app-01", point="latest").engagement != first.engagement


def test_a_run_that_died_before_it_asked_for_anything_is_not_in_the_way(vault: Vault) -> None:
    dead = drill(vault, "app-01", point="latest")
    with pytest.raises(RefusedError, match="drill of app-01"):
        run.begin(vault, "failover", dead.about.targets, ["app-01"], {}, Deadline(60))
    run._alive.clear()  # as in a process that has just started
    assert (
        run.begin(vault, "failover", dead.about.targets, ["app-01"], {}, Deadline(60)).about.verb
        == "failover"
    )


def test_other_options_take_the_place_of_a_run_that_has_asked_nothing(vault: Vault) -> None:
    first = drill(vault, "app-01", point="latest")
    run._alive.clear()  # as in a process that has just started
    second = drill(vault, "app-01", point="latest-processed")
    assert second.about.options == {"point": "latest-processed"}
    assert [one.engagement for one in run.open_runs(vault, Deadline())] == [second.engagement]
    assert {one.engagement.id: outcome for one, outcome in run.runs(vault, Deadline())}[
        first.engagement.id
    ] == "given-up"


def test_other_options_are_refused_once_something_was_asked(vault: Vault) -> None:
    item, wanted = vault.find("web-03"), {"size": "Standard_B2s"}
    hand = run.begin(vault, "settings", [item.id], [item.title], wanted, Deadline(60))
    item_settings.apply(hand, vault, item, wanted, item_settings.plan(vault, item, wanted))
    with pytest.raises(RefusedError, match="size=Standard_B2s"):
        run.begin(vault, "settings", [item.id], [item.title], {"size": "Standard_D4s_v3"}, Deadline(60))


def test_a_run_that_failed_for_sure_holds_nothing_one_that_is_not_known_does(vault: Vault) -> None:
    item, wanted = vault.find("web-02"), {"size": "Standard_Nowhere"}
    hand = run.begin(vault, "settings", [item.id], [item.title], wanted, Deadline(60))
    with pytest.raises(ProblemError, match="not offered"), hand.closing():
        item_settings.apply(hand, vault, item, wanted, item_settings.plan(vault, item, wanted))
    assert run.open_runs(vault, Deadline()) == []
    other = drill(vault, "web-02")
    _intend(other)
    with pytest.raises(DeadlineError), other.closing():
        raise DeadlineError(Problem("time-out", "", "time is up"))
    assert [one.engagement for one in run.open_runs(vault, Deadline())] == [other.engagement]


def _intend(hand: run.Run) -> None:
    row = OperationRow(0, hand.engagement.id, "", "drill", "POST", "/x", "d", "id", INTENT, 1, "", "", "", "")
    intend(hand.journal, row)
