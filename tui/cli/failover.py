"""`lifeboat failover` and what follows it: change-point, commit, cancel, planned-failover, reprotect, disable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from services.changes.plan import Plan
from services.problems.model import Problem, RefusedError, UsageError
from services.recovery import checks, failover, failover_runs, finishing, points, verb_run
from services.recovery.drill_runs import Ended
from services.recovery.item import ProtectedItem
from services.recovery.requests import Wish
from services.recovery.run import Run
from services.recovery.target import Moved, Target, item_target, plan_target
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.recovery.verbs import CANCEL, FAILOVER, verb
from services.text import _
from services.world.deadline import Deadline
from tui.cli import second_person
from tui.cli.consent import agreed, show, typed
from tui.cli.ended import Hands, ended
from tui.cli.globals import Globals, can_ask
from tui.cli.recover import signer_of

Worked = tuple[Sequence[ProtectedItem], Ended | None]
"""What was worked on, and how it ended; None for a plan that was only shown."""


@dataclass(frozen=True)
class VerbOptions:
    """What was typed. `item` or `plan` names the target; `confirm` is the name of what cannot be undone."""

    item: str = ""
    plan: str = ""
    point: str = ""
    shutdown: bool = True
    details: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    checks: Path | None = None
    answer_manual: str = ""
    change: str = ""
    confirm: str = ""
    plan_only: bool = False
    yes: bool = False
    as_json: bool = False
    sign: str = ""
    save_plan: Path | None = None
    approval: Path | None = None
    allowed_signers: Path | None = None
    rto: float | None = None
    rpo: float | None = None
    timeout: float | None = None


def fail_over(options: Globals, given: VerbOptions) -> int:
    """Fail over: the plan, consent, the job, the machines, the checks; what was cut off is gone on with."""
    wanted = _checks(given)
    second_person.refuse_incomplete(given)

    def work(vault: Vault, deadline: Deadline, hands: Hands) -> Worked:
        target = _target(vault, given)
        checks.refuse_unknown(wanted, [item.title for item in target.items])
        hand = _going_on(vault, FAILOVER, target, deadline, given)
        if hand is None:
            plan = partial(failover.plan, vault, target, shutdown=given.shutdown)
            shown, wish = _with_point(plan, FAILOVER, target, given, points.DEFAULT)
            show(shown, as_json=given.as_json)
            second_person.saved(vault, FAILOVER, target.id, shown, given)
            if second_person.only_shown(given):
                return target.items, None
            signed = second_person.approved(vault, FAILOVER, target.id, shown, given)
            agreed(target.name, yes=given.yes)
            targets = {"rto": given.rto, "rpo": given.rpo}
            more = {"change": given.change, "checks": [one.as_json() for one in wanted], **targets}
            hand = verb_run.begin(vault, FAILOVER, target, wish, more, deadline)
            hand.learn(**failover.begin_facts(target, shown))
            second_person.noted(hand, signed)
        return target.items, _held(hands.take(hand), target, given)

    return ended(options, given, Hands(FAILOVER, (given.plan or given.item,)), work)


def follow_up(options: Globals, id_: str, given: VerbOptions) -> int:
    """One of finishing.VERBS: planned, consented to, sent, followed, looked at."""
    second_person.refuse_incomplete(given)

    def work(vault: Vault, deadline: Deadline, hands: Hands) -> Worked:
        target = _target(vault, given)
        hand = _going_on(vault, id_, target, deadline, given)
        if hand is None:
            finishing.refuse_impossible(vault, id_, target)
            before = target.moved
            if not second_person.only_shown(given):
                if not can_ask():
                    _refuse_untyped(id_, target, given)
                target = finishing.settled(vault, id_, target, deadline)
                _refuse_unseen(id_, target, given, before)
            plan = partial(finishing.plan, vault, id_, target, Wish(details=_details(given.details)))
            shown, wish = _with_point(plan, id_, target, given, "")
            show(shown, as_json=given.as_json)
            second_person.saved(vault, id_, target.id, shown, given)
            if second_person.only_shown(given):
                return target.items, None
            signed = second_person.approved(vault, id_, target.id, shown, given)
            _refuse_untyped(id_, target, given)
            if not verb(id_).irreversible:
                agreed(target.name, yes=given.yes)
            hand = verb_run.begin(vault, id_, target, wish, {"change": given.change}, deadline)
            hand.learn(**failover.begin_facts(target, shown))
            second_person.noted(hand, signed)
        return target.items, _held(hands.take(hand), target, given)

    return ended(options, given, Hands(id_, (given.plan or given.item,)), work)


def _with_point(
    plan: Callable[[str], tuple[Plan, Wish]], id_: str, target: Target, given: VerbOptions, default: str
) -> tuple[Plan, Wish]:
    """The plan with the point that was typed, else with the approved one, else with the default."""
    shown, wish = plan(given.point or second_person.approved_point(given, id_, target.id) or default)
    if given.save_plan is not None and target.plan is None and wish.point:
        # It is signed later, when a newer point may be there: so it names the point itself, not its kind.
        return plan(wish.point)
    return shown, wish


def _held(hand: Run, target: Target, given: VerbOptions) -> Ended:
    """Do it to its end. How to connect was said with each machine."""
    manual, signer = Manual(given.answer_manual), signer_of(given.sign)
    return replace(failover_runs.hold(hand, target, manual=manual, signer=signer), connecting=())


def _refuse_untyped(id_: str, target: Target, given: VerbOptions) -> None:
    """What cannot be undone needs the name; whether it is possible at all is said first."""
    if verb(id_).irreversible:
        typed(target.name, given.confirm, finishing.typed_consequence(id_, target))


def _refuse_unseen(id_: str, target: Target, given: VerbOptions, before: Moved) -> None:
    """A name that was given while a failover still ran was not given for what has come of it."""
    if verb(id_).irreversible and given.confirm and target.moved != before and id_ != CANCEL:
        what = _("It was on its way when its name was given; now it is: {word}.")
        words = ", ".join(sorted({item.word for item in target.items}))
        remedy = _("Look at it, then give the command once more.")
        raise RefusedError(Problem("moved-meanwhile", target.name, what.format(word=words), remedy=remedy))


def _target(vault: Vault, given: VerbOptions) -> Target:
    if bool(given.item) == bool(given.plan):
        raise UsageError(
            Problem("target", "", _("Name an item, or a recovery plan with --plan NAME, not both."))
        )
    return plan_target(vault, given.plan) if given.plan else item_target(vault, given.item)


def _going_on(vault: Vault, id_: str, target: Target, deadline: Deadline, given: VerbOptions) -> Run | None:
    if vault.world.read_only or second_person.only_shown(given):
        return None
    hand = verb_run.going_on(vault, id_, target.id, deadline)
    if hand:
        vault.emit({"event": "going-on", "verb": id_, "target": target.name, "since": hand.about.declared})
    return hand


def _checks(given: VerbOptions) -> tuple[checks.Check, ...]:
    from_file = checks.from_file(given.checks) if given.checks else ()
    return (*from_file, *(one for text in given.check for one in checks.many(text)))


def _details(pairs: tuple[str, ...]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise UsageError(Problem("bad-detail", wrong[0], _("Give KEY=VALUE.")))
    return dict(pair.split("=", 1) for pair in pairs)
