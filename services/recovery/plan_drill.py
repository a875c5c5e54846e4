"""The drill of a whole recovery plan, and its clean-up: one job of the plan, every machine verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.changes.plan import Plan
from services.evidence.signing import Signer
from services.problems.model import (
    CancelledError,
    DeadlineError,
    Problem,
    ProblemError,
    RefusedError,
    UsageError,
)
from services.recovery import (
    cleanup,
    drill,
    drill_making,
    drill_plan,
    drill_runs,
    points,
    requests,
    run,
    verb_run,
)
from services.recovery.drill_plan import DrillPlan, Options
from services.recovery.drill_runs import Ended
from services.recovery.requests import Wish
from services.recovery.run import Run
from services.recovery.target import Moved, Target, again, refuse_unless
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.recovery.verbs import CLEANUP, DRILL, verb
from services.text import _, plain
from services.world.deadline import Deadline


def plan(vault: Vault, target: Target, options: Options) -> DrillPlan:
    """What the drill of a recovery plan will do. RefusedError, UsageError as for items."""
    refuse_unless(vault, verb(DRILL), target)
    if options.point not in points.KINDS:
        what = _("A recovery plan takes a kind of point, not one point: {kinds}.")
        raise UsageError(Problem("point", target.name, what.format(kinds=", ".join(points.KINDS))))
    requests.body(DRILL, target, Wish(point=options.point))
    shown = drill_plan.plan(vault, target.items, options)
    rest = tuple(need for need in shown.plan.needs if need != drill_plan.NEEDS)
    needs = (requests.permission(DRILL, target), *rest)
    notes = (*shown.plan.notes, *_manual_notes(target))
    # The items stand in it already; the steps of the recovery plan are what a second person agrees to as well.
    looked = {**shown.plan.looked_at, "recovery plan": target.moved[target.id]}
    return replace(shown, plan=replace(shown.plan, needs=needs, notes=notes, looked_at=looked))


def _manual_notes(target: Target) -> list[str]:
    """Where the drill will wait for a person, as sentences."""
    waits = target.plan.actions("TestFailover") if target.plan else ()
    return [
        _("It waits for a person at: {name}. {instructions}").format(
            name=plain(one.name), instructions=plain(str(one.details.get("description") or ""))
        )
        for one in waits
        if one.kind == "manual"
    ]


def taken_up(vault: Vault, target: Target, deadline: Deadline) -> tuple[Run, DrillPlan] | None:
    """The open drill of this recovery plan, with the plan that was consented to."""
    for hand in run.open_runs(vault, deadline):
        if hand.about.verb == DRILL and hand.about.targets[0] == target.id.lower() and drill.begun(hand):
            return hand, DrillPlan.of(hand.facts[drill.PLAN])
    return None


def begin(vault: Vault, target: Target, shown: DrillPlan, deadline: Deadline) -> Run:
    """A run for a drill that was consented to; it holds the recovery plan and its items."""
    hand = _begun(vault, DRILL, target, shown.options.as_json(), deadline)
    hand.learn(**{verb_run.SHOWN: target.moved, "recovery-plan": target.name})
    return hand


def hold(
    hand: Run, target: Target, shown: DrillPlan, *, manual: Manual, signer: Signer | None = None
) -> Ended:
    """Hold the drill to its end and record it. See drill_runs.hold for what is raised."""
    moved: Moved = hand.facts[verb_run.SHOWN]
    wish = Wish(point=shown.options.point)

    def start(network: str) -> None:
        asked = Wish(point=wish.point, network=network)
        kept = DrillPlan.of(hand.facts[drill.PLAN])
        verb_run.perform(
            hand,
            target,
            asked,
            moved,
            manual=manual,
            done=lambda: _pending(hand, target),
            before=lambda: drill_making.refuse_if_opened(hand, kept),
        )

    whole = drill.Whole(target.id, start, lambda comments: _clean(hand, target, comments))
    return drill_runs.hold(hand, shown, signer, whole)


def cleaning(vault: Vault, target: Target, deadline: Deadline) -> Run | None:
    """The open clean-up of this recovery plan that has begun its work."""
    for hand in run.open_runs(vault, deadline):
        mine = hand.about.verb == CLEANUP and hand.about.targets[0] == target.id.lower()
        if mine and "comments" in hand.facts:
            return hand
    return None


def begin_cleanup(
    vault: Vault, target: Target, notes: str, deadline: Deadline, shown: Plan | None = None
) -> Run:
    """A run for the clean-up, or the open one of this recovery plan; `shown` is the plan that was agreed to."""
    known = cleaning(vault, target, deadline)
    if known:
        return known
    hand = _begun(vault, CLEANUP, target, {"notes": notes}, deadline)
    hand.learn(**{"recovery-plan": target.name})
    cleanup.confirm(hand, shown)
    return hand


def clean(hand: Run, target: Target, signer: Signer | None = None) -> Ended:
    """Clean up the recovery plan's drill, look what is left, and record it."""
    return drill_runs.clean(hand, target.items, signer, lambda comments: _clean(hand, target, comments))


def _begun(vault: Vault, verb_id: str, target: Target, options: Mapping[str, Any], deadline: Deadline) -> Run:
    held, names = [target.id], [target.name]
    held += [item.id for item in target.items]
    names += [item.title for item in target.items]
    return run.begin(vault, verb_id, held, names, options, deadline)


def _clean(hand: Run, target: Target, comments: str) -> dict[str, str]:
    """The plan's clean-up job; what failed, by the plan's name."""
    now = again(hand.vault, target)
    try:
        if now.plan and now.plan.busy and now.plan.scenario == "TestFailover":
            verb_run.follow_foreign(hand.vault, now.plan.job, hand.deadline)
            now = again(hand.vault, target)
        sent = verb_run.sent(hand, CLEANUP, target)
        for item in now.items if not sent and cleanup.CONFIRMED in hand.facts else ():
            cleanup.refuse_unless_as_confirmed(hand, item)
        if sent or _pending(hand, now):
            wish = Wish(comments=comments)
            verb_run.perform(hand, now, wish, now.moved, verb=CLEANUP, done=lambda: not _pending(hand, now))
    except (CancelledError, DeadlineError, RefusedError):
        raise
    except ProblemError as error:
        return {target.name: error.problems[0].sentence()}
    return {}


def _pending(hand: Run, target: Target) -> bool:
    plan_now = again(hand.vault, target).plan
    return plan_now is not None and cleanup.OPERATION in plan_now.allowed
