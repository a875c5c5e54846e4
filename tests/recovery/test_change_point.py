"""The plan of another recovery point: what is lost counts to the failover, and the point in use now is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.recovery import account, change_point, finishing, run
from services.recovery.requests import Wish
from services.recovery.target import Target
from services.recovery.vault import Vault
from services.world.deadline import Deadline


def test_what_is_lost_counts_to_the_failover_and_what_is_in_use_is_named(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, there = vault.find("app-01"), vault.points(vault.find("app-01"))
    newest, used = there[0], there[3]
    assert newest.at is not None
    assert used.at is not None
    over = replace(item, last_failover=newest.at + timedelta(minutes=5))
    said = {"properties": {"failoverRecoveryPointId": f"/x/recoveryPoints/{used.name}"}}
    monkeypatch.setattr(Vault, "item_json", lambda *_: said)
    _wish, _text, notes = change_point.chosen(vault, over, newest.name)
    assert f"Now it runs from {used.kind} of {used.at:%Y-%m-%d %H:%M} UTC." in notes
    assert "app-01: what is lost: 5 min." in notes
    assert any("written in Azure since the failover" in one for one in notes)


def test_the_decision_is_that_of_the_run_which_made_this_failover(vault: Vault) -> None:
    item = vault.find("app-02")
    hand = run.begin(vault, "failover", [item.id], ["app-02"], {}, Deadline(60))
    hand.mark("ended")
    hand.end("done")
    ended = vault.world.clock.now()
    mine = replace(item, last_failover=ended - timedelta(minutes=10))
    assert str(change_point.decided(vault, mine)) == str(
        change_point.decided(vault, replace(item, last_failover=None))
    )
    later = ended + timedelta(days=1)
    assert change_point.decided(vault, replace(item, last_failover=later)) == later


def test_a_commit_says_that_the_source_was_not_shut_down(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = replace(vault.find("app-03"), active="Recovery", allowed=("Commit",))
    monkeypatch.setattr(finishing, "refuse_unless", lambda *_: None)
    hand = run.begin(vault, "failover", [item.id], ["app-03"], {}, Deadline(60))
    hand.mark("ended")
    target = Target((item,))
    warning = "app-03: its failover could not shut down the source. See that it is off before you commit."
    assert warning not in finishing.plan(vault, "commit", target, Wish())[0].notes
    hand.learn(**{account.LEFT_ON: [{"machine": "app-03", "job": "j", "at": "", "why": "It is off."}]})
    hand.end("done")
    assert finishing.plan(vault, "commit", target, Wish())[0].notes[0] == warning
