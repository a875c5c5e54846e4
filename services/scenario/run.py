"""The headless walk: every step in order, events as they come, one end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from services.changes.plan import Plan
from services.operations.resolve import resolve_all, unresolved
from services.problems.model import (
    CancelledError,
    DeadlineError,
    Problem,
    ProblemError,
    RefusedError,
    SignInError,
    UsageError,
)
from services.scenario.model import Action, Step
from services.scenario.titles import current_vault
from services.scenario.walk import DONE, Walk
from services.world.deadline import Deadline

Confirm = Callable[[Step, Sequence[tuple[Action, Plan]]], bool]


class Exit(IntEnum):
    """Exit codes of headless commands."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CONNECTION = 3
    REFUSED = 4
    TIME_OUT = 5
    INTERRUPTED = 130


OUTCOMES = {
    Exit.DONE: "done",
    Exit.FAILED: "failed",
    Exit.USAGE: "usage",
    Exit.CONNECTION: "connection",
    Exit.REFUSED: "refused",
    Exit.TIME_OUT: "time-out",
    Exit.INTERRUPTED: "interrupted",
}


def exit_of(error: ProblemError) -> Exit:
    """Which exit code a problem ends with."""
    kinds = (
        (UsageError, Exit.USAGE),
        (SignInError, Exit.CONNECTION),
        (RefusedError, Exit.REFUSED),
        (DeadlineError, Exit.TIME_OUT),
        (CancelledError, Exit.INTERRUPTED),
    )
    return next((code for kind, code in kinds if isinstance(error, kind)), Exit.FAILED)


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem as an event."""
    return {
        "event": "problem",
        "code": problem.code,
        "subject": problem.subject,
        "what": problem.what,
        "cause": problem.cause,
        "remedy": problem.remedy,
        "check": problem.check,
        "source": problem.source,
        "requestId": problem.request_id,
    }


def run(walk: Walk, deadline: Deadline, confirm: Confirm, until: str = "") -> Exit:
    """Walk to the end, or to and with the step `until`. A finished walk sends nothing and ends done."""
    about = {"engagement": walk.engagement.name, "vault": current_vault(walk.answers)}
    walk.emit({"event": "start", "scenario": walk.scenario.id, **about})
    try:
        _resolve_unfinished(walk, deadline)
        for step in walk.steps():
            # Answers given on the way can make a later step apply or not.
            if step.applies(walk.answers):
                _one(walk, step, deadline, confirm)
            if step.id == until:
                break
        code = Exit.DONE
    except ProblemError as error:
        code = told(error, walk.emit)
    end(code, walk.emit, walk.journal.facts(walk.engagement.id).get("items") or [])
    return code


def told(error: ProblemError, emit: Callable[[Mapping[str, Any]], None]) -> Exit:
    """Say every problem of an error; returns what to end with."""
    for problem in error.problems:
        emit(problem_json(problem))
    return exit_of(error)


def end(
    code: Exit, emit: Callable[[Mapping[str, Any]], None], items: Sequence[Mapping[str, Any]] = ()
) -> None:
    """The last event of every run."""
    emit({"event": "end", "outcome": OUTCOMES[code], "items": list(items)})


def _one(walk: Walk, step: Step, deadline: Deadline, confirm: Confirm) -> None:
    if walk.state(step) == DONE:
        reason = walk.stale(step, deadline)
        if reason is None:
            walk.emit({"event": "step", "step": step.id, "state": DONE})
            return
        walk.reopen(step, reason)
    walk.emit({"event": "step", "step": step.id, "state": "here"})
    walk.go(step, deadline, confirm)


def _resolve_unfinished(walk: Walk, deadline: Deadline) -> None:
    """Find out what became of what an earlier run asked. What is not found is looked for again by its step."""
    rows = unresolved(walk.journal, walk.engagement.id)
    if not rows:
        return
    find = walk.scenario.find(walk.session(deadline)) if walk.scenario.find else None
    finders = {row.verb: find for row in rows} if find else {}
    left = resolve_all(walk.journal, finders, walk.world, deadline, walk.engagement.id)
    for row in rows:
        state = "unresolved" if row.id in {one.id for one in left} else "adopted"
        walk.emit({"event": "operation", "verb": row.verb, "target": row.target, "state": state})
