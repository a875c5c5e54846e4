"""The errands of failover and of what follows it, over an item or a recovery plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screens.console.ended import before_commit, ended_lines, keeping, taken_up
from screens.console.errand import Consent, Errand, Outcome, Shown, begun
from screens.console.errands import plan_lines
from screens.console.verb_fields import (
    CHANGE,
    CHECKS,
    MANUAL,
    RPO,
    RTO,
    SHUTDOWN,
    checks_of,
    minutes,
    point_field,
)
from screens.style import Line, wrapped
from services.scenario.model import Field
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.requests import Wish
    from services.recovery.run import Run
    from services.recovery.target import Target
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

Find = Callable[["Vault"], "Target"]
"""Reads the target as it is now."""


@dataclass(frozen=True)
class FailoverErrand:
    """Fail over an item or a recovery plan."""

    name: str
    find: Find

    @property
    def title(self) -> str:
        return _("Fail over {name}").format(name=plain(self.name, 50))

    def prepare(self, vault: Vault, deadline: Deadline) -> Sequence[tuple[Field, Any]]:
        from services.recovery.points import PROCESSED
        from services.recovery.target import refuse_unless
        from services.recovery.verb_run import going_on
        from services.recovery.verbs import FAILOVER, verb

        target = self.find(vault)
        if going_on(vault, FAILOVER, target.id, deadline) is not None:
            return ()
        refuse_unless(vault, verb(FAILOVER), target)
        asked = [(point_field(vault, target), PROCESSED), (SHUTDOWN, True), (CHECKS, "")]
        asked += [(RTO, ""), (RPO, ""), (CHANGE, "")]
        return [*asked, (MANUAL, "")] if target.plan else asked

    def plan(self, vault: Vault, values: Mapping[str, Any], deadline: Deadline) -> Shown:
        from services.recovery import failover
        from services.recovery.checks import refuse_unknown
        from services.recovery.second_person import Signable
        from services.recovery.verb_run import going_on
        from services.recovery.verbs import FAILOVER

        target = self.find(vault)
        if (hand := going_on(vault, FAILOVER, target.id, deadline)) is not None:
            return taken_up(hand)
        refuse_unknown(checks_of(str(values["checks"])), [item.title for item in target.items])
        _targets(values)
        shown, wish = failover.plan(vault, target, str(values["point"]), shutdown=bool(values["shutdown"]))
        return Shown(
            lambda width: plan_lines(shown, width),
            _("Fail over"),
            (target, shown, wish),
            signable=Signable(FAILOVER, target.id, shown),
            evidence=True,
        )

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        from services.recovery import failover, failover_runs, verb_run
        from services.recovery.run import Run
        from services.recovery.verb_run import Manual
        from services.recovery.verbs import COMMIT, FAILOVER

        if isinstance(given.basis, Run):
            return _held(self.find(vault), given.basis, consent, deadline)
        target, shown, wish = given.basis
        checks = checks_of(str(consent.values["checks"]))
        more = {"change": consent.values["change"], "checks": [one.as_json() for one in checks]}
        more |= _targets(consent.values)
        hand = verb_run.begin(vault, FAILOVER, target, wish, more, deadline)
        if verb_run.SHOWN not in hand.facts:
            hand.learn(**failover.begin_facts(target, shown))
        manual = Manual(str(consent.values.get("manual") or ""))
        ended = failover_runs.hold(begun(hand, consent), target, manual=manual, signer=consent.signer)
        following = tuple(FollowErrand(verb, self.name, self.find) for verb in ("change-point", COMMIT))
        return Outcome(
            _(ended.outcome),
            lambda width: [*ended_lines(ended, width), *before_commit(width)],
            following,
            keeping(hand, consent),
        )


@dataclass(frozen=True)
class FollowErrand:
    """What follows a failover, and the end of protection: one of services.recovery.finishing's verbs."""

    verb: str
    name: str
    find: Find

    @property
    def title(self) -> str:
        from services.recovery.verbs import verb

        return f"{verb(self.verb).title} {plain(self.name, 50)}"

    def prepare(self, vault: Vault, deadline: Deadline) -> Sequence[tuple[Field, Any]]:
        from services.recovery import finishing
        from services.recovery.points import PROCESSED
        from services.recovery.verb_run import going_on
        from services.recovery.verbs import CHANGE_POINT, REPROTECT

        target = self.find(vault)
        if going_on(vault, self.verb, target.id, deadline) is not None:
            return ()
        finishing.refuse_impossible(vault, self.verb, target)
        asked: list[tuple[Field, Any]] = []
        if self.verb == CHANGE_POINT:
            asked.append((point_field(vault, target, latest=False), PROCESSED))
        if self.verb == REPROTECT:
            needs = finishing.REPROTECT_NEEDS.get(target.items[0].provider, ())
            asked += [
                (Field(key, key, "What Azure needs to replicate the machine back."), "") for key in needs
            ]
        return [*asked, (CHANGE, "")]

    def plan(self, vault: Vault, values: Mapping[str, Any], deadline: Deadline) -> Shown:
        from services.recovery import finishing
        from services.recovery.requests import Wish
        from services.recovery.second_person import Signable
        from services.recovery.verb_run import going_on
        from services.recovery.verbs import verb

        target = self.find(vault)
        if (hand := going_on(vault, self.verb, target.id, deadline)) is not None:
            return taken_up(hand)
        target = finishing.settled(vault, self.verb, target, deadline)
        own = ("point", CHANGE.key)
        wish = Wish(details={key: str(value) for key, value in values.items() if key not in own})
        shown, wish = finishing.plan(vault, self.verb, target, wish, str(values.get("point") or ""))
        chosen = verb(self.verb)
        warned = finishing.typed_consequence(self.verb, target) if chosen.irreversible else ""

        def lines(width: int) -> list[Line]:
            return [*wrapped(warned, width, "bad"), *plan_lines(shown, width)]

        name = target.name if chosen.irreversible else ""
        signable = Signable(self.verb, target.id, shown)
        return Shown(lines, chosen.title, (target, shown, wish), name, signable=signable, evidence=True)

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        from services.recovery import failover, failover_runs, verb_run
        from services.recovery.run import Run
        from services.recovery.verb_run import Manual

        if isinstance(given.basis, Run):
            return _held(self.find(vault), given.basis, consent, deadline)
        basis: tuple[Target, Any, Wish] = given.basis
        target, shown, wish = basis
        hand = verb_run.begin(
            vault, self.verb, target, wish, {"change": consent.values[CHANGE.key]}, deadline
        )
        if verb_run.SHOWN not in hand.facts:
            hand.learn(**failover.begin_facts(target, shown))
        ended = failover_runs.hold(begun(hand, consent), target, manual=Manual(), signer=consent.signer)
        return Outcome(_(ended.outcome), lambda width: ended_lines(ended, width), keep=keeping(hand, consent))


def _targets(values: Mapping[str, Any]) -> dict[str, float | None]:
    """The targets that were typed, in minutes. UsageError."""
    return {field.key: minutes(field, values) for field in (RTO, RPO)}


def _held(target: Target, hand: Run, consent: Consent, deadline: Deadline) -> Outcome:
    """A run that was cut off, brought to its end."""
    from services.recovery import failover_runs
    from services.recovery.verb_run import Manual

    hand.deadline = deadline
    ended = failover_runs.hold(begun(hand, consent), target, manual=Manual(), signer=consent.signer)
    return Outcome(_(ended.outcome), lambda width: ended_lines(ended, width), keep=keeping(hand, consent))


FOLLOW = ("planned-failover", "change-point", "commit", "cancel", "reprotect", "disable")


def errands(name: str, find: Find) -> dict[str, Callable[[], Errand]]:
    """Every verb of this module over a target, by the verb's id."""
    made: dict[str, Callable[[], Errand]] = {"failover": lambda: FailoverErrand(name, find)}
    for verb in FOLLOW:
        made[verb] = lambda verb=verb: FollowErrand(verb, name, find)  # type: ignore[misc]
    return made
