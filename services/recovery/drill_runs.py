"""Drills and clean-ups as whole runs: begun, held or done, recorded and closed. What commands and pages call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.changes.plan import Plan
from services.evidence.model import Record
from services.evidence.signing import Signer
from services.journal.operations import ACCEPTED, INTENT, operations
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.recovery import acting, cleaned_since, cleanup, drill, drill_making, record, run
from services.recovery.drill import DrillPlan
from services.recovery.item import ProtectedItem
from services.recovery.run import Run
from services.recovery.vault import Vault
from services.recovery.verbs import CLEANUP, DRILL
from services.world.deadline import Deadline


@dataclass(frozen=True)
class Ended:
    """How a run ended: done, failed or cleanup-pending; its folder of evidence; how to connect to what runs.

    `problems`: what is wrong. Those of a run that is done are its `warnings`: a person must look at them.
    """

    outcome: str
    evidence: Path
    problems: tuple[Problem, ...] = ()
    connecting: tuple[str, ...] = field(default=())

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a person must look at although it is done."""
        return self.problems if self.outcome == drill.DONE else ()


def begin(vault: Vault, shown: DrillPlan, deadline: Deadline) -> Run:
    """A run for a drill that was consented to. RefusedError when another run holds one of its items."""
    ids, names = [part.id for part in shown.parts], [part.title for part in shown.parts]
    return run.begin(vault, DRILL, ids, names, shown.options.as_json(), deadline)


def hold(
    hand: Run, shown: DrillPlan, signer: Signer | None = None, whole: drill.Whole | None = None
) -> Ended:
    """Hold the drill to its end and record it. RefusedError: what was shown has moved, and nothing was sent;
    DeadlineError, CancelledError: it goes on in Azure, and the same call takes it up.
    """
    with hand.in_hand():
        return _held(hand, shown, signer, whole)


def _held(hand: Run, shown: DrillPlan, signer: Signer | None, whole: drill.Whole | None) -> Ended:
    try:
        drilled = drill.apply(hand, shown, whole)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        if drill_making.undo(hand):
            return _undone(hand, error, signer)
        _close(hand, error)
        raise
    problems = [one for found in drilled.problems.values() for one in found]
    problems += cleanup.problems(drilled.left) if drilled.left else ()
    path = record.write(hand, record.of_drill(hand, drilled.outcome), signer)
    hand.end(drilled.outcome)
    lines = tuple(line for lines in drilled.connecting.values() for line in lines)
    return Ended(drilled.outcome, path, tuple(problems), () if drilled.left else lines)


def _undone(hand: Run, error: ProblemError, signer: Signer | None) -> Ended:
    """A drill of which nothing came but its network, and that is taken away again: failed, with a record."""
    hand.learn(failed={hand.about.names[0]: [drill.problem_json(one) for one in error.problems]})
    hand.mark("ended")
    kept = any(ids for ids in hand.facts["left"]["things"].values())
    outcome = cleanup.PENDING if kept else drill.FAILED
    path = record.write(hand, record.of_drill(hand, outcome), signer)
    hand.end(outcome)
    return Ended(outcome, path, error.problems)


def open_cleanup(vault: Vault, items: Sequence[ProtectedItem], deadline: Deadline) -> Run | None:
    """The open clean-up of exactly these items that has begun its work."""
    wanted = {item.id.lower() for item in items}
    for hand in run.open_runs(vault, deadline):
        if hand.about.verb == CLEANUP and set(hand.about.targets) == wanted and "comments" in hand.facts:
            return hand
    return None


def begin_cleanup(
    vault: Vault,
    items: Sequence[ProtectedItem],
    notes: str,
    deadline: Deadline,
    shown: Plan | None = None,
) -> Run:
    """A run for a clean-up; `shown` is the plan that was agreed to, and nothing else is sent.

    RefusedError when another run holds one of the items.
    """
    ids, names = [item.id for item in items], [item.title for item in items]
    hand = run.begin(vault, CLEANUP, ids, names, {"notes": notes}, deadline)
    cleanup.confirm(hand, shown)
    return hand


def clean(
    hand: Run,
    items: Sequence[ProtectedItem],
    signer: Signer | None = None,
    ask: cleanup.Ask | None = None,
) -> Ended:
    """Clean up, look what is left, and record it: in the drill's own record where this journal has the drill."""
    with hand.in_hand():
        return _cleaned(hand, items, signer, ask)


def _cleaned(
    hand: Run, items: Sequence[ProtectedItem], signer: Signer | None, ask: cleanup.Ask | None
) -> Ended:
    try:
        left = cleanup.cleanup(hand, items, str(hand.about.options.get("notes") or ""), ask)
    except (CancelledError, DeadlineError):
        raise
    except RefusedError as error:
        _close(hand, error)
        raise
    except ProblemError as error:
        if acting.under_way(hand):
            raise
        left = _unread(hand, error)
    hand.mark("ended")
    path = _recorded(hand, left, signer)
    hand.end(left.outcome)
    return Ended(left.outcome, path, cleanup.problems(left))


def _recorded(hand: Run, left: cleanup.Left, signer: Signer | None) -> Path:
    """The record of a clean-up: of the drill that it ends, or its own. A drill's log leads on to its clean-up."""
    held = drill_of(hand)
    if held:
        return record.write(held[0], _drill_record(*held, [hand], left), signer)
    wholes = cleaned_since.ended_by(hand) if left.outcome == cleanup.DONE else []
    paths = [
        record.write(one.held, _drill_record(one.held, one.outcome, one.cleaned_by, left), signer)
        for one in wholes
    ]
    if set(hand.about.targets) <= {id_ for one in wholes for id_ in one.held.about.targets}:
        return paths[-1]
    return record.write(hand, record.of_cleanup(hand, left.outcome), signer)


def _unread(hand: Run, error: ProblemError) -> cleanup.Left:
    """A clean-up that ended because Azure could not be read: what is left is not known, so it stays pending."""
    name = ", ".join(hand.about.names)
    failed = {name: error.problems[0].sentence()}
    hand.learn(
        failed={name: [drill.problem_json(one) for one in error.problems]},
        left={"things": {}, "failed": failed},
    )
    return cleanup.Left(dict.fromkeys(hand.about.names, ()), failed)


def drill_of(hand: Run) -> tuple[Run, str] | None:
    """The drill that a clean-up ends, with how it ended: the newest that started any of its machines, where it is of
    the same items and not cleaned up already. None: this journal does not know the drill, or only as a larger one.
    """
    return drill_to_end(hand.vault, hand.about.targets, hand.deadline, hand)


def drill_to_end(
    vault: Vault, targets: Collection[str], deadline: Deadline, by: Run | None = None
) -> tuple[Run, str] | None:
    """As of `drill_of`, for a clean-up of these targets (ids in lower case): `by`, or one that is to begin."""
    mine = set(targets)
    for other, outcome in reversed(run.runs(vault, deadline)):
        theirs = set(other.about.targets)
        if (by and other.engagement_id == by.engagement_id) or not mine & theirs:
            continue
        if other.about.verb == CLEANUP and outcome == cleanup.DONE:
            return None
        if other.about.verb == DRILL and cleaned_since.started(other):
            ends = theirs == mine and not _cleaned_up(other)
            return (other, outcome or drill.DONE) if ends else None
    return None


def _cleaned_up(held: Run) -> bool:
    """Whether a drill has cleaned up after itself."""
    left = held.facts.get("left")
    return left is not None and not left["failed"] and not any(left["things"].values())


def _drill_record(held: Run, said: str, cleaned_by: Sequence[Run], left: cleanup.Left) -> Record:
    """The record of a drill that other runs have cleaned up. One that was only waiting for that has an end now."""
    if left.outcome != cleanup.DONE:
        return record.of_drill(held, left.outcome, cleaned_by)
    if said in (cleanup.PENDING, run.UNRECORDED):
        checks = [one for key, one in held.facts.items() if key.startswith("check.")]
        bad = held.facts.get("failed") or any(one["state"] != "ok" for one in checks)
        said = drill.FAILED if bad else drill.DONE
    return record.of_drill(held, said, cleaned_by)


def plan_more(shown: DrillPlan) -> dict[str, Any]:
    """What a drill's plan holds besides its changes, as JSON; `network` is the network it goes to."""
    return {
        "network": shown.network.name,
        "networkId": shown.network.id,
        "createsNetwork": shown.create is not None,
        "verdict": shown.network.verdict,
        "proofs": [asdict(one) for one in shown.network.proofs],
        "machines": [
            {
                "name": part.title,
                "machine": part.machine,
                "point": part.point_id,
                "pointKind": part.point_kind,
                "pointTime": part.point_time,
                "subnet": part.subnet,
                "address": part.address,
                "size": part.size,
            }
            for part in shown.parts
        ],
        "quota": list(shown.quota),
        "cost": list(shown.cost),
    }


def _close(hand: Run, error: ProblemError) -> None:
    """End the run, unless it is not known what became of something that it asked, or only the link was lost."""
    rows = operations(hand.journal, hand.engagement_id)
    if not any(row.state in (INTENT, ACCEPTED) for row in rows) and not acting.link_lost(hand, error):
        hand.end("refused" if isinstance(error, RefusedError) else "failed")
