"""The errands of failover and of what follows it, over an item or a recovery plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screens.console.ended import ended_lines, failed_over_lines, is_over, keeping, taken_up, word_of
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
    point_given,
)
from screens.style import Line, text, wrapped
from services.scenario.model import Field
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.drill_runs import Ended
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
            return taken_up(hand, point_given(hand, target))
        refuse_unknown(checks_of(str(values["checks"])), [item.title for item in target.items])
        _targets(values)
        shown, wish = failover.plan(vault, target, str(values["point"]), shutdown=bool(values["shutdown"]))
        here = _("To change network, size or address here: b, then t on the page of the machine.")
        return Shown(
            lambda width: [*plan_lines(shown, width), text(""), *wrapped(here, width)],
            _("Fail over"),
            (target, shown, wish),
            signable=Signable(FAILOVER, target.id, shown),
            evidence=True,
        )

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        from services.recovery import failover, failover_runs, verb_run
        from services.recovery.run import Run
        from services.recovery.verb_run import Manual
        from services.recovery.verbs import FAILOVER

        if isinstance(given.basis, Run):
            return self._outcome(*_held(self.find(vault), given.basis, consent, deadline), consent)
        target, shown, wish = given.basis
        checks = checks_of(str(consent.values["checks"]))
        more = {"change": consent.values["change"], "checks": [one.as_json() for one in checks]}
        more |= _targets(consent.values)
        hand = verb_run.begin(vault, FAILOVER, target, wish, more, deadline)
        if verb_run.SHOWN not in hand.facts:
            hand.learn(**failover.begin_facts(target, shown))
        manual = Manual(str(consent.values.get("manual") or ""))
        ended = failover_runs.hold(begun(hand, consent), target, manual=manual, signer=consent.signer)
        return self._outcome(hand, target, ended, consent)

    def _outcome(self, hand: Run, target: Target, ended: Ended, consent: Consent) -> Outcome:
        """What follows is offered where the failover went through, also where it was cut off between."""
        following = following_of(self.name, self.find, whole=target.plan is not None)
        return Outcome(
            word_of(ended),
            lambda width: failed_over_lines(ended, width),
            following if is_over(ended) else (),
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
            return taken_up(hand, point_given(hand, target))
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
            return self._outcome(*_held(self.find(vault), given.basis, consent, deadline), consent)
        basis: tuple[Target, Any, Wish] = given.basis
        target, shown, wish = basis
        hand = verb_run.begin(
            vault, self.verb, target, wish, {"change": consent.values[CHANGE.key]}, deadline
        )
        if verb_run.SHOWN not in hand.facts:
            hand.learn(**failover.begin_facts(target, shown))
        ended = failover_runs.hold(begun(hand, consent), target, manual=Manual(), signer=consent.signer)
        return self._outcome(hand, target, ended, consent)

    def _outcome(self, hand: Run, target: Target, ended: Ended, consent: Consent) -> Outcome:
        """After another point, and after a planned failover, there is still something to commit."""
        from services.recovery.verbs import CHANGE_POINT, PLANNED

        coming: tuple[tuple[str, Errand], ...] = ()
        if self.verb in (CHANGE_POINT, PLANNED) and is_over(ended):
            following = following_of(self.name, self.find, whole=target.plan is not None)
            coming = following if self.verb == CHANGE_POINT else following[-1:]
        return Outcome(
            _(ended.outcome), lambda width: ended_lines(ended, width), coming, keeping(hand, consent)
        )


def following_of(name: str, find: Find, *, whole: bool) -> tuple[tuple[str, Errand], ...]:
    """What comes after a failover: another point, which a `whole` recovery plan does not have, and the commit."""
    from services.recovery.verbs import CHANGE_POINT, COMMIT, verb

    ids = (COMMIT,) if whole else (CHANGE_POINT, COMMIT)
    return tuple((verb(one).title, FollowErrand(one, name, find)) for one in ids)


def _targets(values: Mapping[str, Any]) -> dict[str, float | None]:
    """The targets that were typed, in minutes. UsageError."""
    return {field.key: minutes(field, values) for field in (RTO, RPO)}


def _held(target: Target, hand: Run, consent: Consent, deadline: Deadline) -> tuple[Run, Target, Ended]:
    """A run that was cut off, brought to its end."""
    from services.recovery import failover_runs
    from services.recovery.verb_run import Manual

    hand.deadline = deadline
    ended = failover_runs.hold(begun(hand, consent), target, manual=Manual(), signer=consent.signer)
    return hand, target, ended


FOLLOW = ("planned-failover", "change-point", "commit", "cancel", "reprotect", "disable")


def errands(name: str, find: Find) -> dict[str, Callable[[], Errand]]:
    """Every verb of this module over a target, by the verb's id."""
    made: dict[str, Callable[[], Errand]] = {"failover": lambda: FailoverErrand(name, find)}
    for verb in FOLLOW:
        made[verb] = lambda verb=verb: FollowErrand(verb, name, find)  # type: ignore[misc]
    return made
