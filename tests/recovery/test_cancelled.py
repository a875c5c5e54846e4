"""A failover that was cut off is closed and recorded when its cancelling is accepted, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.evidence.history import entries
from services.problems.model import DeadlineError, Problem, ProblemError
from services.recovery import drill_runs, failover, failover_runs, finishing, run, verb_run
from services.recovery.points import PROCESSED
from services.recovery.requests import Wish
from services.recovery.target import Target, item_target
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.recovery.verbs import CANCEL, FAILOVER
from services.world.deadline import Deadline
from tests.practice_world import set_faults

Served = tuple[dict[str, Any], Path]


@pytest.fixture(autouse=True)
def _no_faults_stay(served: Served) -> Iterator[None]:
    yield
    set_faults(served[0], [])


def cancelled(vault: Vault, target: Target) -> drill_runs.Ended:
    shown, wish = finishing.plan(vault, CANCEL, target, Wish())
    hand = verb_run.begin(vault, CANCEL, target, wish, {}, Deadline(60))
    hand.learn(**failover.begin_facts(target, shown))
    return failover_runs.hold(hand, target, manual=Manual())


def test_a_failover_that_was_cut_off_has_a_record_once_it_is_cancelled(
    vault: Vault, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = item_target(vault, "web-01")
    shown, wish = failover.plan(vault, target, PROCESSED, shutdown=False)
    hand = verb_run.begin(vault, FAILOVER, target, wish, {}, Deadline(60))
    hand.learn(**failover.begin_facts(target, shown))

    def cut(*_given: object) -> None:
        raise DeadlineError(Problem("time-out", "", "time is up"))

    with monkeypatch.context() as patched:
        patched.setattr(failover, "looked_at", cut)
        with pytest.raises(DeadlineError):
            failover_runs.hold(hand, target, manual=Manual())
    target = item_target(vault, "web-01")
    no = {"status": 403, "code": "AuthorizationFailed", "message": "You may not."}
    set_faults(served[0], [{"id": "no", "path": "ailoverCancel$|cancelFailover$", "do": no}])
    with pytest.raises(ProblemError, match="You may not"):
        cancelled(vault, target)
    assert [one.about.verb for one in run.open_runs(vault, Deadline())] == [FAILOVER]
    ended = cancelled(vault, target)
    assert (ended.outcome, hand.outcome, run.open_runs(vault, Deadline())) == ("done", "given-up", [])
    records = [one.record for one in entries(ended.evidence.parent)]
    told = {one.identity.verb: (one.identity.outcome, one.measures.rto.total) for one in records if one}
    assert told[FAILOVER] == ("given-up", None)
    assert set(told) == {FAILOVER, CANCEL}
