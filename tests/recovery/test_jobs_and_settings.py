"""Settings that are changed and jobs that are acted on, against the practice world."""

from __future__ import annotations

import pytest

from services.problems.model import RefusedError, UsageError
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


def test_an_open_run_holds_its_items_and_is_taken_up_by_its_own_kind(vault: Vault) -> None:
    item, other = vault.find("app-01"), vault.find("db-01")
    first = run.begin(
        vault, "drill", [item.id, other.id], ["app-01", "db-01"], {"point": "latest"}, Deadline(60)
    )
    first.learn(network="/x/net")
    again = run.begin(
        vault, "drill", [other.id, item.id], ["db-01", "app-01"], {"point": "other"}, Deadline(60)
    )
    assert again.engagement == first.engagement
    assert again.about.options == {"point": "latest"}
    assert again.facts["network"] == "/x/net"
    with pytest.raises(RefusedError, match="drill of app-01, db-01"):
        run.begin(vault, "failover", [item.id], ["app-01"], {}, Deadline(60))
    first.end("done")
    assert run.begin(vault, "failover", [item.id], ["app-01"], {}, Deadline(60)).about.verb == "failover"
