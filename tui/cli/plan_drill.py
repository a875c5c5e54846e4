"""`lifeboat drill --plan` and `lifeboat cleanup --plan`: what is particular to a whole recovery plan."""

from __future__ import annotations

from typing import Any

from services.evidence.signing import Signer
from services.problems.model import Problem, UsageError
from services.recovery import cleanup, plan_drill
from services.recovery.drill import Options
from services.recovery.drill_kept import kept
from services.recovery.drill_plan import DrillPlan
from services.recovery.drill_runs import Ended
from services.recovery.target import Target, plan_target
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.recovery.verbs import CLEANUP, DRILL
from services.text import _
from services.world.deadline import Deadline
from tui.cli import second_person
from tui.cli.consent import agreed, show
from tui.cli.ended import Hands


def target_of(vault: Vault, name: str, items: tuple[str, ...]) -> Target:
    """The recovery plan that is meant; UsageError where items are named beside it."""
    if items:
        raise UsageError(Problem("target", name, _("Name items, or a recovery plan with --plan, not both.")))
    return plan_target(vault, name)


def drill(
    vault: Vault,
    target: Target,
    given: Any,
    chosen: Options,
    hands: Hands,
    deadline: Deadline,
) -> Ended | None:
    """Hold the drill of a recovery plan, or go on with the one that was cut off."""
    manual = Manual(given.answer_manual)
    known = plan_drill.taken_up(vault, target, deadline)
    if known and given.plan_only and given.save_plan is None:
        from tui.cli.recover import show_begun

        show_begun(known[1], as_json=given.as_json)
        return None
    if known and not second_person.only_shown(given):
        hand, shown = known
        since = hand.about.declared
        said = {"verb": "drill", "target": target.name, "since": since, "kept": kept(shown, chosen)}
        vault.emit({"event": "going-on", **said})
        return plan_drill.hold(hands.take(hand), target, shown, manual=manual, signer=_signer(given))
    shown = plan_drill.plan(vault, target, chosen)
    _show(shown, as_json=given.as_json)
    second_person.saved(vault, DRILL, target.id, shown.plan, given)
    if second_person.only_shown(given):
        return None
    signed = second_person.approved(vault, DRILL, target.id, shown.plan, given)
    agreed(target.name, yes=given.yes)
    hand = hands.take(plan_drill.begin(vault, target, shown, deadline))
    second_person.noted(hand, signed)
    return plan_drill.hold(hand, target, shown, manual=manual, signer=_signer(given))


def clean_up(vault: Vault, target: Target, given: Any, hands: Hands, deadline: Deadline) -> Ended | None:
    """Clean up the drill of a recovery plan, whoever held it."""
    hand = plan_drill.cleaning(vault, target, deadline)
    if hand is None or second_person.only_shown(given):
        shown = cleanup.plan(vault, target.items)
        show(shown, as_json=given.as_json)
        second_person.saved(vault, CLEANUP, target.id, shown, given)
        if second_person.only_shown(given):
            return None
        signed = second_person.approved(vault, CLEANUP, target.id, shown, given)
        agreed(target.name, yes=given.yes)
        hand = plan_drill.begin_cleanup(vault, target, given.notes, deadline, shown)
        second_person.noted(hand, signed)
    return plan_drill.clean(hands.take(hand), target, _signer(given))


def _show(shown: DrillPlan, *, as_json: bool) -> None:
    from tui.cli.recover import show_drill

    show_drill(shown, as_json=as_json)


def _signer(given: Any) -> Signer | None:
    from tui.cli.recover import signer_of

    found: Signer | None = signer_of(given.sign)
    return found
