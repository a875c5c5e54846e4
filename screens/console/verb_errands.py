"""The errands of failover and of what follows it, over an item or a recovery plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screens.console import words
from screens.console.errand import Consent, Errand, Outcome, Shown
from screens.console.errands import plan_lines
from screens.style import Line, wrapped
from screens.welcome import problem_lines
from services.scenario.model import Choice, Field, Kind
from services.text import _, plain

if TYPE_CHECKING:
    from pathlib import Path

    from services.recovery.drill_runs import Ended
    from services.recovery.requests import Wish
    from services.recovery.run import Run
    from services.recovery.target import Target
    from services.recovery.vault import Vault
    from services.recovery.verb_run import Manual
    from services.world.deadline import Deadline

Find = Callable[["Vault"], "Target"]
"""Reads the target as it is now."""
MOST_POINTS = 6
SHUTDOWN = Field(
    "shutdown",
    "Shut down source",
    "Tries to stop the source first. The failover goes on even when that fails.",
    Kind.YES_NO,
    default=True,
)
CHECKS = Field(
    "checks",
    "Checks",
    "As http:80/ tcp:22 app-01=ssh:COMMAND=EXPECTED, parted by two spaces.",
    required=False,
)
CHANGE = Field(
    "change", "Change reference", "Of your change management; it stands in the record.", required=False
)
MANUAL = Field(
    "manual",
    "Manual actions",
    "A comment that answers each one at once; empty: the job waits for you.",
    required=False,
)


def point_field(vault: Vault, target: Target, *, latest: bool = True) -> Field:
    """The choice of a recovery point: by kind, and for an item the newest ones by their time."""
    from services.recovery.points import APP_CONSISTENT, LATEST, PROCESSED

    choices = [
        Choice(PROCESSED, "Latest processed", "There already: no time is spent on processing."),
        Choice(APP_CONSISTENT, "Latest app-consistent", "Applications had written their data."),
    ]
    if latest:
        choices.append(
            Choice(LATEST, "Latest", "All data that has arrived: the least is lost, it takes longer.")
        )
    if target.plan is None:
        for point in vault.points(target.items[0])[:MOST_POINTS]:
            at = f"{point.at:%Y-%m-%d %H:%M} UTC" if point.at else point.name
            choices.append(Choice(point.name, at, plain(point.kind)))
    return Field(
        "point", "Recovery point", "Where the machine starts from.", Kind.CHOICE, choices=tuple(choices)
    )


def checks_of(typed: str) -> tuple[Any, ...]:
    """The application checks that were typed; UsageError for one that makes no sense."""
    from services.recovery.checks import parsed

    return tuple(parsed(one.strip()) for one in typed.split("  ") if one.strip())


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
        asked = [(point_field(vault, target), PROCESSED), (SHUTDOWN, True), (CHECKS, ""), (CHANGE, "")]
        return [*asked, (MANUAL, "")] if target.plan else asked

    def plan(self, vault: Vault, values: Mapping[str, Any], deadline: Deadline) -> Shown:
        from services.recovery import failover
        from services.recovery.checks import refuse_unknown
        from services.recovery.verb_run import going_on
        from services.recovery.verbs import FAILOVER

        target = self.find(vault)
        if (hand := going_on(vault, FAILOVER, target.id, deadline)) is not None:
            return taken_up(hand)
        refuse_unknown(checks_of(str(values["checks"])), [item.title for item in target.items])
        shown, wish = failover.plan(vault, target, str(values["point"]), shutdown=bool(values["shutdown"]))
        return Shown(lambda width: plan_lines(shown, width), _("Fail over"), (target, shown, wish))

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        from services.recovery import failover, failover_runs, verb_run
        from services.recovery.run import Run
        from services.recovery.verb_run import Manual
        from services.recovery.verbs import COMMIT, FAILOVER

        if isinstance(given.basis, Run):
            return _held(self.find(vault), given.basis, Manual(), deadline)
        target, shown, wish = given.basis
        checks = checks_of(str(consent.values["checks"]))
        more = {"change": consent.values["change"], "checks": [one.as_json() for one in checks]}
        hand = verb_run.begin(vault, FAILOVER, target, wish, more, deadline)
        if verb_run.SHOWN not in hand.facts:
            hand.learn(**failover.begin_facts(target, shown))
        manual = Manual(str(consent.values.get("manual") or ""))
        ended = failover_runs.hold(hand, target, manual=manual)
        following = tuple(FollowErrand(verb, self.name, self.find) for verb in ("change-point", COMMIT))
        return Outcome(
            _(ended.outcome), lambda width: [*ended_lines(ended, width), *_before_commit(width)], following
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
        return Shown(lines, chosen.title, (target, shown, wish), name)

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        from services.recovery import failover, failover_runs, verb_run
        from services.recovery.run import Run
        from services.recovery.verb_run import Manual

        if isinstance(given.basis, Run):
            return _held(self.find(vault), given.basis, Manual(), deadline)
        basis: tuple[Target, Any, Wish] = given.basis
        target, shown, wish = basis
        hand = verb_run.begin(
            vault, self.verb, target, wish, {"change": consent.values[CHANGE.key]}, deadline
        )
        if verb_run.SHOWN not in hand.facts:
            hand.learn(**failover.begin_facts(target, shown))
        ended = failover_runs.hold(hand, target, manual=Manual())
        return Outcome(_(ended.outcome), lambda width: ended_lines(ended, width))


def taken_up(hand: Run) -> Shown:
    """What is shown of a run that was cut off: it goes on, nothing new is asked."""
    said = _("What was begun at {at} was cut off. It goes on where it was; nothing is asked twice.")
    note = said.format(at=hand.about.declared)
    return Shown(lambda width: wrapped(note, width), _("Go on"), hand)


def _held(target: Target, hand: Run, manual: Manual, deadline: Deadline) -> Outcome:
    """A run that was cut off, brought to its end."""
    from services.recovery import failover_runs

    hand.deadline = deadline
    ended = failover_runs.hold(hand, target, manual=manual)
    return Outcome(_(ended.outcome), lambda width: ended_lines(ended, width))


def ended_lines(ended: Ended, width: int) -> list[Line]:
    """How a run ended: what is wrong, how to connect to what runs, and where its evidence is."""
    lines: list[Line] = []
    for problem in ended.problems:
        lines += problem_lines(problem, width)
    for line in ended.connecting:
        lines += wrapped(plain(line), width, indent="    ")
    lines += _measured(ended.evidence, width)
    lines += wrapped(_("Evidence: {path}").format(path=plain(str(ended.evidence))), width, "good")
    return lines


def _measured(evidence: Path, width: int) -> list[Line]:
    """RTO and RPO as the record has them, against their targets."""
    from services.evidence.history import entry

    record = entry(evidence).record
    if record is None or record.measures.rto.total is None:
        return []
    rto, worst = record.measures.rto, record.measures.worst_rpo
    parts = [
        (_("decision"), rto.decision),
        (_("platform"), rto.platform),
        (_("boot"), rto.boot),
        (_("application"), rto.application),
    ]
    split = ", ".join(f"{name} {words.span(value)}" for name, value in parts if value is not None)
    said = _("RTO {total} ({split})").format(total=words.span(record.measures.rto.total), split=split)
    if rto.target is not None:
        said += _("; target {target}").format(target=words.span(rto.target))
    if worst is not None:
        said += _("; RPO {rpo}").format(rpo=words.span(worst))
    return wrapped(said, width, "bold")


def _before_commit(width: int) -> list[Line]:
    said = _("Commit when all is well, or change the point before. Committing deletes every recovery point.")
    return wrapped(said, width, "warn")


FOLLOW = ("planned-failover", "change-point", "commit", "cancel", "reprotect", "disable")


def errands(name: str, find: Find) -> dict[str, Callable[[], Errand]]:
    """Every verb of this module over a target, by the verb's id."""
    made: dict[str, Callable[[], Errand]] = {"failover": lambda: FailoverErrand(name, find)}
    for verb in FOLLOW:
        made[verb] = lambda verb=verb: FollowErrand(verb, name, find)  # type: ignore[misc]
    return made
