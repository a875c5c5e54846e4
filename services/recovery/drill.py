"""A drill: test failover of one or more machines into an isolated network, verified, and cleaned up.

Everything that is learnt is a fact of the run before the next thing is done, so that a drill that was killed
anywhere is taken up by `apply` and asks nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from services.azure.ids import last
from services.azure.verb_bodies import verbs_of
from services.journal.model import OperationRow
from services.journal.operations import ACCEPTED, INTENT, operations
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, SignInError
from services.recovery import acting, checks, cleanup, drill_making, points, verify
from services.recovery.drill_plan import DrillPlan, Options, Part, plan
from services.recovery.item import ProtectedItem
from services.recovery.run import Run, open_runs
from services.recovery.vault import Vault
from services.recovery.verbs import DRILL
from services.text import _, plain
from services.world.deadline import Deadline

__all__ = ["DrillPlan", "Drilled", "Options", "Part", "apply", "plan", "taken_up"]

PLAN = "drill"
DONE, FAILED = "done", "failed"


@dataclass
class Drilled:
    """How a drill ended. `outcome` is done, failed or cleanup-pending; `problems` by machine."""

    outcome: str
    problems: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    connecting: dict[str, list[str]] = field(default_factory=dict)
    left: cleanup.Left | None = None


def taken_up(vault: Vault, item_ids: list[str], deadline: Deadline) -> tuple[Run, DrillPlan] | None:
    """The open drill of exactly these items that has asked for something, with the plan it has kept."""
    wanted = {one.lower() for one in item_ids}
    for run in open_runs(vault, deadline):
        if run.about.verb == DRILL and set(run.about.targets) == wanted and begun(run):
            return run, DrillPlan.of(run.facts[PLAN])
    return None


def begun(run: Run) -> bool:
    """Whether a drill has a plan and asked for something; else a new one takes its place, with a new clock."""
    return bool(run.facts.get(PLAN)) and bool(operations(run.journal, run.engagement_id))


@dataclass(frozen=True)
class Whole:
    """How a recovery plan is drilled and cleaned up as one: `id` is the plan's.

    `start` asks for its test failover into a network and follows it, `clean` is cleanup.Ask.
    """

    id: str
    start: Callable[[str], None]
    clean: cleanup.Ask


def apply(run: Run, shown: DrillPlan, whole: Whole | None = None) -> Drilled:
    """Hold the drill, or go on with it. RefusedError when what was shown has moved; then nothing was sent."""
    if PLAN not in run.facts:
        proven = _refuse_if_moved(run, shown)
        run.mark("confirmed")
        run.learn(**{PLAN: shown.as_json(), **proven})
    kept = DrillPlan.of(run.facts[PLAN])
    if kept.create is not None and not _any_asked(run, kept, whole):
        drill_making.make(run, kept, kept.create, lambda: _look_again(run, kept))
    drilled = Drilled(DONE)
    if whole:
        _start(run, kept, drilled, whole)
    else:
        _failovers(run, kept, drilled)
    if "at.verified" not in run.facts:  # after its clean-up there is nothing more to look at
        # Every machine before the first check: a slow check makes no other machine look late.
        for look in (_verify, _checked):
            for part in kept.parts:
                if part.title not in drilled.problems:
                    _seen(run, part, drilled, partial(look, run, kept, part))
        run.mark("verified")
    for part in kept.parts:
        _judge(run, part, drilled)
    if drilled.problems:
        drilled.outcome = FAILED
    if kept.options.cleanup:
        _clean(run, kept, drilled, whole)
    run.mark("ended")
    return drilled


def _refuse_if_moved(run: Run, shown: DrillPlan) -> dict[str, Any]:
    """Look again at everything that the plan looked at; the fact of the network's proof, where it is there."""
    _look_again(run, shown)
    return drill_making.as_shown(run, shown) if shown.create is None else {}


def _look_again(run: Run, shown: DrillPlan) -> None:
    for part in shown.parts:
        item = _item(run, part)
        acting.refuse_if_moved(run.vault, item, part.moved)
        _refuse_gone_point(run, part, item)


def _refuse_gone_point(run: Run, part: Part, item: ProtectedItem) -> None:
    if part.point_id:
        points.chosen(last(part.point_id), run.vault.points(item), part.title)


def _any_asked(run: Run, kept: DrillPlan, whole: Whole | None) -> bool:
    ids = [whole.id] if whole else [part.id for part in kept.parts]
    return any(acting.asked(run, DRILL, id_) for id_ in ids)


def _start(run: Run, kept: DrillPlan, drilled: Drilled, whole: Whole) -> None:
    """The recovery plan's own job; a machine of it that has not come up is a problem of that machine."""
    try:
        whole.start(kept.network.id)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        if _open_or_nothing(run, whole.id):
            raise
        drilled.problems[last(whole.id)] = error.problems
        run.learn(failed={last(whole.id): [problem_json(one) for one in error.problems]})
    for part in kept.parts if "at.verified" not in run.facts else ():
        _seen(run, part, drilled, partial(_refuse_left_behind, run, part))


def _refuse_left_behind(run: Run, part: Part) -> None:
    if not _is_pending(run, part):
        what = _("The recovery plan's job has ended, and this machine was not started.")
        raise ProblemError(Problem("left-behind", part.title, what))


def _failovers(run: Run, kept: DrillPlan, drilled: Drilled) -> None:
    """Ask for every machine's test failover, then follow them; one that fails does not stop the others."""
    rows = []
    earlier: Mapping[str, list[dict[str, str]]] = run.facts.get("failed") or {}
    for part in kept.parts:
        if part.title in earlier:  # before the run was cut off: it is not asked for twice
            drilled.problems[part.title] = tuple(Problem(**one) for one in earlier[part.title])
            continue
        try:
            rows.append((part, _send(run, kept, part)))
        except (CancelledError, DeadlineError):
            raise
        except ProblemError as error:
            sent = any(acting.asked(run, DRILL, one.id) for one in kept.parts)
            if not sent or _waits(run, part.id):
                raise
            _failed(run, part, error, drilled)
    for part, row in rows:
        try:
            acting.follow(run, row, watched=part.targets, done=partial(_is_pending, run, part))
        except (CancelledError, DeadlineError):
            raise
        except ProblemError as error:
            if _waits(run, part.id):
                raise
            _failed(run, part, error, drilled)


def _waits(run: Run, target: str) -> bool:
    """Whether it is not known yet what became of the test failover: the run must stay open for it."""
    row = acting.asked(run, DRILL, target)
    return row is not None and row.state in (ACCEPTED, INTENT)


def _open_or_nothing(run: Run, target: str) -> bool:
    return acting.asked(run, DRILL, target) is None or _waits(run, target)


def _send(run: Run, kept: DrillPlan, part: Part) -> OperationRow:
    body = verbs_of(part.provider).drill(kept.network.id, part.point_id)
    group = run.vault.reads.sdk.replication_protected_items
    where = (*run.vault.reads.scope, part.fabric, part.container, part.name)

    def before() -> None:
        drill_making.refuse_if_opened(run, kept)
        item = acting.refuse_if_moved(run.vault, _item(run, part), part.moved)
        _refuse_gone_point(run, part, item)

    return acting.send(
        run,
        DRILL,
        part.id,
        body,
        lambda sdk: group.begin_test_failover(*where, body, **sdk),
        before,
        watched=part.targets,
        done=lambda: _is_pending(run, part),
    )


def _seen(run: Run, part: Part, drilled: Drilled, look: Callable[[], None]) -> None:
    """Look at something after sending; what Azure refuses is a problem of the drill, not its end. A lost link is
    waited for: the run stays open.
    """
    try:
        look()
    except (CancelledError, DeadlineError, SignInError):
        raise
    except ProblemError as error:
        _failed(run, part, error, drilled)


def _verify(run: Run, kept: DrillPlan, part: Part) -> None:
    """Look at the machine; what is seen is kept."""
    found = verify.machine(run, part, kept.network.id)
    if found is not None:
        run.learn(**{f"connecting.{part.title}": verify.connecting(part, found)})


def _checked(run: Run, kept: DrillPlan, part: Part) -> None:
    """Do the checks of a machine that is there."""
    found = run.facts.get(f"machine.{part.title}")
    if found:
        wanted = checks.of_machine(kept.options.checks, part.title)
        verify.application(run, part, wanted, found["address"])


def _judge(run: Run, part: Part, drilled: Drilled) -> None:
    """What the kept checks of a machine say."""
    facts, prefix = run.facts, f"check.{part.title}."
    drilled.connecting[part.title] = facts.get(f"connecting.{part.title}") or []
    bad = [
        f"{key.removeprefix(prefix)}: {one['actual']}"
        for key, one in facts.items()
        if key.startswith(prefix) and one["state"] != verify.OK
    ]
    if bad and part.title not in drilled.problems:
        what = _("It did not come out as expected: {what}").format(what=plain("; ".join(bad)))
        drilled.problems[part.title] = (Problem("check-failed", part.title, what),)


def _clean(run: Run, kept: DrillPlan, drilled: Drilled, whole: Whole | None) -> None:
    try:
        items = [_item(run, part) for part in kept.parts]
        drilled.left = cleanup.cleanup(run, items, kept.options.notes, whole.clean if whole else None)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        if acting.under_way(run):
            raise
        # The machines may still be there: the drill is recorded, and stays in sight until it is cleaned up.
        _failed(run, kept.parts[0], error, drilled)
        drilled.outcome = cleanup.PENDING
        return
    if drilled.left.outcome != cleanup.DONE:
        drilled.outcome = cleanup.PENDING


def _failed(run: Run, part: Part, error: ProblemError, drilled: Drilled) -> None:
    drilled.problems[part.title] = error.problems
    known: Mapping[str, list[dict[str, str]]] = run.facts.get("failed") or {}
    run.learn(failed={**known, part.title: [problem_json(one) for one in error.problems]})


def problem_json(problem: Problem) -> dict[str, str]:
    """A problem as a fact: without its raw text."""
    return {key: value for key, value in asdict(problem).items() if key != "raw" and value}


def _is_pending(run: Run, part: Part) -> bool:
    return cleanup.OPERATION in _item(run, part).allowed


def _item(run: Run, part: Part) -> ProtectedItem:
    """The item as it is now. ProblemError, which names it, where it has gone or cannot be read."""
    return run.vault.again(part)
