"""The errands of a drill and of its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from screens.console.ended import cleaned_lines, done_word, ended_lines, keeping, taken_up
from screens.console.errand import Consent, Errand, Outcome, Shown, begun
from screens.console.errands import plan_lines
from screens.console.verb_fields import CHANGE, CHECKS, MANUAL, RPO, RTO, checks_of, minutes, point_field
from screens.style import Line, text, wrapped
from screens.welcome import problem_lines
from services.problems.model import RefusedError
from services.scenario.model import Choice, Field, Kind
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.drill_plan import DrillPlan, Options
    from services.recovery.drill_runs import Ended
    from services.recovery.item import ProtectedItem
    from services.recovery.run import Run
    from services.recovery.target import Target
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

PROPOSED = "proposed"
NOT_ISOLATED = "not-isolated"
CLEANUP = Field(
    "cleanup",
    "Clean up after",
    "Deletes the drill's machines once all is checked. Else they run, and cost, until you clean up.",
    Kind.YES_NO,
    default=True,
)
NOTES = Field("notes", "Notes", "What was observed; Azure keeps it with the clean-up.", required=False)


@dataclass(frozen=True)
class DrillErrand:
    """A drill of one item or several, or of the whole recovery plan that `plan_name` names."""

    items: tuple[ProtectedItem, ...]
    plan_name: str = ""

    @property
    def title(self) -> str:
        return _("Drill of {names}").format(names=plain(self.plan_name, 50) or _names(self.items))

    def prepare(self, vault: Vault, deadline: Deadline) -> Sequence[tuple[Field, Any]]:
        from services.recovery.points import PROCESSED
        from services.recovery.target import Target, refuse_unless
        from services.recovery.verbs import DRILL, verb

        if self._taken_up(vault, deadline) is not None:
            return ()
        targets = (
            [self._target(vault)] if self.plan_name else [Target((vault.again(one),)) for one in self.items]
        )
        for target in targets:
            refuse_unless(vault, verb(DRILL), target)
        items = [item for target in targets for item in target.items]
        asked = [
            (_networks(vault, items), PROPOSED),
            (point_field(vault, targets[0]), PROCESSED),
            (CHECKS, ""),
            (CLEANUP, True),
            (RTO, ""),
            (RPO, ""),
            (CHANGE, ""),
        ]
        return [*asked, (MANUAL, "")] if self.plan_name else asked

    def plan(self, vault: Vault, values: Mapping[str, Any], deadline: Deadline) -> Shown:
        going_on = self._taken_up(vault, deadline)
        if going_on is not None:
            return replace(taken_up(going_on[0]), basis=going_on[1])
        options = _options(values)
        try:
            return self._shown(vault, options)
        except RefusedError as error:
            refusal = error.problems[0]
            if refusal.code != NOT_ISOLATED:
                raise
            # It is shown all the same, with why: whoever knows better gives the network's name and a reason.
            taken = replace(options, confirm=refusal.subject, reason=_("not given yet"))
            shown = self._shown(vault, taken)
            why = replace(refusal, remedy="")

            def lines(width: int) -> list[Line]:
                return [*problem_lines(why, width), text(""), *shown.lines(width)]

            return replace(shown, lines=lines, name=refusal.subject, reason=True)

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        shown: DrillPlan = given.basis
        if given.reason:
            options = replace(shown.options, confirm=consent.name, reason=consent.reason)
            shown = replace(shown, options=options, accepted=consent.reason)
        hand, ended = self._hold(vault, shown, consent, deadline)
        left = ended.outcome == "cleanup-pending" or not shown.options.cleanup
        after = CleanupErrand(self.items, self.plan_name)
        coming: tuple[tuple[str, Errand], ...] = ((_("Clean up"), after),) if left else ()
        draw = cleaned_lines if shown.options.cleanup else ended_lines
        return Outcome(done_word(ended), lambda width: draw(ended, width), coming, keeping(hand, consent))

    def _target(self, vault: Vault) -> Target:
        from services.recovery.target import plan_target

        return plan_target(vault, self.plan_name)

    def _taken_up(self, vault: Vault, deadline: Deadline) -> tuple[Run, DrillPlan] | None:
        from services.recovery import drill, plan_drill

        if self.plan_name:
            return plan_drill.taken_up(vault, self._target(vault), deadline)
        return drill.taken_up(vault, [item.id for item in self.items], deadline)

    def _plan(self, vault: Vault, options: Options) -> DrillPlan:
        from services.recovery import drill, plan_drill

        if self.plan_name:
            return plan_drill.plan(vault, self._target(vault), options)
        return drill.plan(vault, [vault.again(item) for item in self.items], options)

    def _shown(self, vault: Vault, options: Options) -> Shown:
        from services.recovery.second_person import Signable, target_of
        from services.recovery.verbs import DRILL

        made = self._plan(vault, options)
        target = self._target(vault).id if self.plan_name else target_of(self.items)
        return replace(_shown(made), signable=Signable(DRILL, target, made.plan))

    def _hold(
        self, vault: Vault, shown: DrillPlan, consent: Consent, deadline: Deadline
    ) -> tuple[Run, Ended]:
        from services.recovery import drill_runs, plan_drill
        from services.recovery.verb_run import Manual

        known = self._taken_up(vault, deadline)
        if self.plan_name:
            target = self._target(vault)
            run = begun(known[0] if known else plan_drill.begin(vault, target, shown, deadline), consent)
            manual = Manual(str(consent.values.get("manual") or ""))
            return run, plan_drill.hold(run, target, shown, manual=manual, signer=consent.signer)
        run = begun(known[0] if known else drill_runs.begin(vault, shown, deadline), consent)
        return run, drill_runs.hold(run, shown, consent.signer)


@dataclass(frozen=True)
class CleanupErrand:
    """The end of a drill, whoever held it."""

    items: tuple[ProtectedItem, ...]
    plan_name: str = ""

    @property
    def title(self) -> str:
        return _("Clean up {names}").format(names=plain(self.plan_name, 50) or _names(self.items))

    def prepare(self, vault: Vault, deadline: Deadline) -> Sequence[tuple[Field, Any]]:
        from services.recovery.notes import of_drill_to_end

        if self._open(vault, deadline) is not None:
            return ()
        return ((NOTES, of_drill_to_end(vault, self._held(vault), deadline)),)

    def plan(self, vault: Vault, _values: Mapping[str, Any], deadline: Deadline) -> Shown:
        from services.recovery import cleanup
        from services.recovery.second_person import Signable, target_of
        from services.recovery.target import plan_target
        from services.recovery.verbs import CLEANUP

        if self._open(vault, deadline) is not None:
            note = _("A clean-up was cut off. It goes on where it was; nothing is asked twice.")
            return Shown(lambda width: wrapped(note, width), _("Go on"), evidence=True, begun=True)
        target = plan_target(vault, self.plan_name) if self.plan_name else None
        items = target.items if target else self.items
        shown = cleanup.plan(vault, [vault.again(item) for item in items])
        return Shown(
            lambda width: plan_lines(shown, width),
            _("Clean up"),
            shown,
            signable=Signable(CLEANUP, target.id if target else target_of(items), shown),
            evidence=True,
        )

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        from services.recovery import drill_runs, plan_drill
        from services.recovery.target import plan_target

        notes = str(consent.values.get("notes") or "")
        if self.plan_name:
            target = plan_target(vault, self.plan_name)
            run = plan_drill.begin_cleanup(vault, target, notes, deadline, given.basis)
            ended = plan_drill.clean(begun(run, consent), target, consent.signer)
        else:
            known = self._open(vault, deadline)
            run = known or drill_runs.begin_cleanup(vault, self.items, notes, deadline, given.basis)
            ended = drill_runs.clean(begun(run, consent), self.items, consent.signer)
        coming: tuple[tuple[str, Errand], ...] = ((_("Clean up"), self),) if ended.outcome != "done" else ()
        return Outcome(_(ended.outcome), lambda width: cleaned_lines(ended, width), coming)

    def _held(self, vault: Vault) -> list[str]:
        """The ids that its drill held."""
        from services.recovery.target import plan_target

        if not self.plan_name:
            return [item.id for item in self.items]
        target = plan_target(vault, self.plan_name)
        return [target.id, *(item.id for item in target.items)]

    def _open(self, vault: Vault, deadline: Deadline) -> Run | None:
        from services.recovery import drill_runs, plan_drill
        from services.recovery.target import plan_target

        if self.plan_name:
            return plan_drill.cleaning(vault, plan_target(vault, self.plan_name), deadline)
        return drill_runs.open_cleanup(vault, self.items, deadline)


def _names(items: Sequence[ProtectedItem]) -> str:
    return plain(", ".join(item.title for item in items), 50)


def _networks(vault: Vault, items: Sequence[ProtectedItem]) -> Field:
    """The networks of the vault's region; whether one is isolated is proven with the plan."""
    from services.azure.ids import same_region
    from services.azure.networks import Networks
    from services.recovery.drill_network import NEW, region_of

    region = region_of(vault)
    real = {item.network_id.lower() for item in items}
    choices = [
        Choice(
            PROPOSED,
            "An isolated one",
            "One for drills that is proven isolated, else one that is made for it.",
        ),
        Choice(NEW, "A new one", "Made with the same subnets, tied to nothing, deleted by the clean-up."),
    ]
    for network in Networks(vault.azure.arm, vault.ref.subscription).all:
        if same_region(str(network["location"]), region):
            note = "The network of the real failover." if str(network["id"]).lower() in real else ""
            choices.append(Choice(str(network["id"]), plain(str(network["name"])), note))
    return Field(
        "network",
        "Network",
        "Isolation is proven before anything is asked.",
        Kind.CHOICE,
        choices=tuple(choices),
    )


def _options(values: Mapping[str, Any]) -> Options:
    from services.recovery.drill_plan import Options

    network = str(values["network"])
    return Options(
        network="" if network == PROPOSED else network,
        point=str(values["point"]),
        checks=checks_of(str(values["checks"])),
        cleanup=bool(values["cleanup"]),
        change=str(values["change"]),
        rto=minutes(RTO, values),
        rpo=minutes(RPO, values),
    )


def _shown(made: DrillPlan) -> Shown:
    def lines(width: int) -> list[Line]:
        found = plan_lines(made.plan, width)
        found += [
            text(""),
            text(_("Isolation of {network}").format(network=plain(made.network.name)), "bold"),
        ]
        for proof in made.network.proofs:
            style = {"failed": "bad", "warning": "warn"}.get(proof.state, "")
            found += wrapped(plain(f"{proof.state}: {proof.name}: {proof.actual}"), width, style, "    ")
        found += [text(""), text(_("Quota and cost"), "bold")]
        for line in (*made.quota, *made.cost):
            found += wrapped(plain(line), width, indent="    ")
        return found

    return Shown(lines, _("Start the drill"), made, evidence=True)
