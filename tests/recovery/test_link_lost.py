"""The link is lost after Azure has failed over: the run waits for it, and is not recorded as failed."""

from __future__ import annotations

import pytest

from services.problems.model import Problem, SignInError
from services.recovery import drill, drill_runs, failover, failover_runs, run, verb_run, verify
from services.recovery.points import PROCESSED
from services.recovery.target import item_target
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.recovery.verbs import FAILOVER
from services.world.deadline import Deadline


def test_a_failover_whose_machine_cannot_be_looked_at_for_a_while_is_gone_on_with(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = item_target(vault, "web-02")
    shown, wish = failover.plan(vault, target, PROCESSED, shutdown=False)
    hand = verb_run.begin(vault, FAILOVER, target, wish, {}, Deadline(60))
    hand.learn(**failover.begin_facts(target, shown))

    def lost(*_given: object) -> None:
        raise SignInError(Problem("timeout", "management.azure.com", "No answer."))

    with monkeypatch.context() as patched:
        patched.setattr(failover, "again", lost)
        with pytest.raises(SignInError):
            failover_runs.hold(hand, target, manual=Manual())
    again = verb_run.going_on(vault, FAILOVER, target.id, Deadline(60))
    assert again is not None
    ended = failover_runs.hold(again, target, manual=Manual())
    assert (ended.outcome, ended.problems) == ("done", ())
    assert run.open_runs(vault, Deadline()) == []


def test_a_drill_whose_machine_cannot_be_looked_at_for_a_while_is_gone_on_with(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = drill.plan(vault, [vault.find("web-01")], drill.Options(cleanup=True))

    def lost(*_given: object) -> None:
        raise SignInError(Problem("timeout", "management.azure.com", "No answer."))

    with monkeypatch.context() as patched:
        patched.setattr(verify, "machine", lost)
        with pytest.raises(SignInError):
            drill_runs.hold(drill_runs.begin(vault, shown, Deadline(60)), shown)
    again = drill.taken_up(vault, [shown.parts[0].id], Deadline(60))
    assert again is not None
    assert drill_runs.hold(*again).outcome == "done"
