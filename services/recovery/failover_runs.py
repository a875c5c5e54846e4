"""Failover and the verbs after it as whole runs: held, recorded and closed. What commands and pages call."""

from __future__ import annotations

from services.evidence.signing import Signer
from services.journal.operations import ACCEPTED, INTENT, operations
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.recovery import account, acting, failover, failover_record, finishing, settle, verb_run
from services.recovery.checks import Check
from services.recovery.drill import problem_json
from services.recovery.drill_runs import Ended
from services.recovery.record import NOTES
from services.recovery.run import GIVEN_UP, Run, cut_off
from services.recovery.target import Target
from services.recovery.verb_run import Manual
from services.recovery.verbs import CANCEL, FAILOVER

DONE, FAILED = "done", "failed"


def hold(hand: Run, target: Target, *, manual: Manual, signer: Signer | None = None) -> Ended:
    """Do the run's verb to its end and record it; one that was cut off is gone on with.

    A job that failed, and a machine that is not as it should be, is an outcome with problems. RefusedError:
    nothing was sent. DeadlineError, CancelledError, and SignInError after something was sent: it goes on in Azure,
    and the same call takes it up.
    """
    with hand.in_hand():
        lines, problems = _outcome(hand, target, manual)
        if problems:
            hand.learn(failed={target.name: [problem_json(one) for one in problems]})
        outcome = FAILED if problems else DONE
        if hand.about.verb == CANCEL and outcome == DONE:
            _close_cancelled(hand, target, signer)
        path = failover_record.write(hand, outcome, signer)
        hand.end(outcome)
        return Ended(outcome, path, (*problems, *account.left_on(hand.facts)), lines)


def _close_cancelled(hand: Run, target: Target, signer: Signer | None) -> None:
    """Record and close the failover that was cancelled, where a run of ours was on its way with it."""
    over = verb_run.going_on(hand.vault, FAILOVER, target.id, hand.deadline)
    if over and over.key in {one.key for one in cut_off(hand.vault, hand.deadline)}:
        settle.settled(over)
        said = f"It was cancelled: {hand.engagement.name}."
        over.learn(**{NOTES: [*(over.facts.get(NOTES) or []), said]})
        failover_record.write(over, GIVEN_UP, signer)
        over.end(GIVEN_UP)


def _outcome(hand: Run, target: Target, manual: Manual) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """As of `_work`; the problems with which what was sent has ended come back, others are raised."""
    try:
        return _work(hand, target, manual)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        rows = operations(hand.journal, hand.engagement_id)
        if any(row.state in (INTENT, ACCEPTED) for row in rows) or acting.link_lost(hand, error):
            raise
        if isinstance(error, RefusedError) or not any(row.job_id for row in rows):
            hand.end("refused" if isinstance(error, RefusedError) else FAILED)
            raise
        return (), error.problems


def _work(hand: Run, target: Target, manual: Manual) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """How to connect to what runs, and what is wrong."""
    wish, shown = verb_run.wish_of(hand.about.options), hand.facts[verb_run.SHOWN]
    if hand.about.verb != FAILOVER:
        return finishing.apply(hand, target, wish, shown, manual=manual), ()
    wanted = tuple(Check(**one) for one in hand.about.options.get("checks") or [])
    outcome = failover.apply(hand, target, wish, shown, manual=manual, checks=wanted)
    lines = tuple(f"{one.machine}: {line}" for one in outcome.machines for line in one.connect)
    return lines, outcome.problems
