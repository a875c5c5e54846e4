"""The errands of recovery plans: write one, and the verbs over all its machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screens.commands import Command
from screens.console.drill_errands import CleanupErrand, DrillErrand
from screens.console.errand import Consent, Errand, Outcome, Shown
from screens.console.errands import plan_lines
from screens.console.verb_errands import errands
from screens.style import text
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.plans import RecoveryPlan
    from services.recovery.run import About
    from services.recovery.vault import Vault
    from services.scenario.model import Field
    from services.world.deadline import Deadline

WRITE = "write-plan"
"""The verb of the run, and what a second person signs."""


def errands_of(plan: RecoveryPlan) -> dict[str, Callable[[], Errand]]:
    """The errands of a recovery plan, by the verb's id; it is read again for each."""
    from services.recovery.target import plan_target

    found = errands(plan.name, lambda vault: plan_target(vault, plan.name))
    rest = {verb: make for verb, make in found.items() if verb not in ("change-point", "disable")}
    return {
        "drill": lambda: DrillErrand((), plan.name),
        "cleanup": lambda: CleanupErrand((), plan.name),
        **rest,
    }


def verb_commands(plan: RecoveryPlan, cut_off: Sequence[About] = ()) -> tuple[Command, ...]:
    """The verbs that Azure lets through for a plan now, and those to go on with, as commands."""
    from screens.console.item_lines import verb_command
    from services.recovery.verbs import verbs

    known = errands_of(plan)
    begun = {about.verb for about in cut_off if about.targets[0] == plan.id.lower()}
    return tuple(
        verb_command(verb, begun=verb.id in begun)
        for verb in verbs()
        if verb.id in known and (verb.operation in plan.allowed or verb.id in begun)
    )


@dataclass(frozen=True)
class WriteErrand:
    """Create or change a recovery plan."""

    wanted: RecoveryPlan

    @property
    def title(self) -> str:
        return _("Write recovery plan {name}").format(name=plain(self.wanted.name, 40))

    def prepare(self, _vault: Vault, _deadline: Deadline) -> Sequence[tuple[Field, Any]]:
        return ()

    def plan(self, vault: Vault, _values: Mapping[str, Any], _deadline: Deadline) -> Shown:
        from services.recovery.plan_edit import write_plan
        from services.recovery.second_person import Signable

        shown = write_plan(vault, self.wanted, vault.items())
        return Shown(
            lambda width: plan_lines(shown, width),
            _("Write"),
            shown,
            nothing=shown.empty,
            signable=Signable(WRITE, self.wanted.id, shown),
        )

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        from services.recovery import run, second_person
        from services.recovery.plan_edit import write

        items = vault.items()
        about = {"digest": given.basis.digest}
        hand = run.begin(vault, WRITE, [self.wanted.id], [self.wanted.name], about, deadline)
        with hand.closing():
            second_person.noted(hand, consent.approved)
            write(hand, vault, self.wanted, items, given.basis)
        return Outcome("done", lambda _width: [text(_("Written, and read back as it was wanted."))])
