"""Commands over a scenario: answers, run, engagements."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from services.changes.plan import Plan
from services.journal.watch import on_takeover
from services.problems.model import CancelledError, Problem, ProblemError, RefusedError, UsageError
from services.scenario import answers_file
from services.scenario.model import Action, Step
from services.scenario.registry import scenario, set_ups
from services.scenario.run import Exit, end, run, told
from services.scenario.titles import current_vault, with_vault
from services.scenario.walk import Walk
from services.text import _
from services.world.deadline import Deadline
from tui.cli.event_lines import say
from tui.cli.globals import Globals, SecretPrompt, can_ask, json_line

GRACE = 1.0
"""Real seconds between being told to stop and the end of the process."""


def print_answers(options: Globals, name: str) -> int:
    """Write a commented answers file on stdout."""
    chosen = scenario(name)
    sys.stdout.write(answers_file.write(chosen, options.world()))
    return 0


def run_file(
    options: Globals, path: Path, *, until: str, as_json: bool, yes: bool, timeout: float | None
) -> int:
    """Walk a scenario with the answers of a file. Whatever stops it, the last event says how it ended."""
    emit = json_line if as_json else say
    try:
        return _run(options, path, Deadline(timeout), emit, confirmation(yes, as_json), until)
    except ProblemError as error:
        if not as_json:
            raise
        code = told(error, emit)
        end(code, emit)
        return int(code)


def _run(
    options: Globals,
    path: Path,
    deadline: Deadline,
    emit: Callable[[Mapping[str, Any]], None],
    confirm: Callable[[Step, Sequence[tuple[Action, Plan]]], bool],
    until: str,
) -> int:
    chosen = scenario(answers_file.scenario_of(path))
    if until and until not in {step.id for step in chosen.steps}:
        known = ", ".join(step.id for step in chosen.steps)
        raise UsageError(
            Problem("unknown-step", until, _("no such step; known: {known}").format(known=known))
        )
    if options.read_only:
        what = _("A run keeps its answers and sends changes; this one was started read-only.")
        remedy = _("Leave out --read-only, or look with: lifeboat --read-only engagements")
        raise RefusedError(Problem("read-only", "run", what, remedy=remedy))
    world = options.world()
    given = answers_file.read(path, chosen, world, until)
    journal = options.journal(world)
    try:
        engagement = journal.engagement(options.engagement or given.engagement, chosen.id)
        walk = Walk(chosen, world, journal, engagement, emit, SecretPrompt() if can_ask() else None)
        keep(walk, given, emit)
        with Interruptible(deadline):
            on_takeover(journal, lambda: os.kill(os.getpid(), signal.SIGTERM))
            return int(run(walk, deadline, confirm, until))
    finally:
        journal.close()


def keep(walk: Walk, given: answers_file.AnswersFile, emit: Callable[[Mapping[str, Any]], None]) -> None:
    """Take over the answers and waivers of a file; a step whose answers changed is open again, and said so."""
    before = {step.id: walk.state(step) for step in walk.scenario.steps}
    walk.journal.save_answers(walk.engagement.id, {key: (value, True) for key, value in given.values.items()})
    for waiver in given.waivers:
        walk.waive(waiver)
    for step in walk.scenario.steps:
        if before[step.id] == "done" and walk.state(step) == "again":
            emit({"event": "step", "step": step.id, "state": "again", "reason": "answers-changed"})


class Interruptible:
    """While it holds, ctrl+c, SIGTERM and SIGHUP end the walk: in order, or after a second's grace anyway.

    The journal loses nothing by that: each write is whole or was not made.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def __enter__(self) -> None:
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        self._before = {number: signal.signal(number, self._stop) for number in numbers}

    def _stop(self, _number: int, _frame: object) -> None:
        self._deadline.cancel()
        grace = threading.Timer(GRACE, os._exit, [int(Exit.INTERRUPTED)])
        grace.daemon = True
        grace.start()

    def __exit__(self, *_exc: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def confirmation(yes: bool, as_json: bool) -> Callable[[Step, Sequence[tuple[Action, Plan]]], bool]:
    """How plans are confirmed: --yes, a person at the terminal, or not at all."""

    def confirm(step: Step, _shown: Sequence[tuple[Action, Plan]]) -> bool:
        if yes:
            return True
        if as_json or not can_ask():
            return False
        try:
            return click.confirm(
                _("{step}: go on with this plan?").format(step=_(step.title)), default=False, err=True
            )
        except click.Abort as error:
            raise CancelledError(Problem("cancelled", step.id, _("Stopped as asked."))) from error

    return confirm


def list_engagements(options: Globals, as_json: bool) -> int:
    """What is being set up, and how far it is."""
    world = options.world()
    journal = options.journal(world, read_only=True)
    try:
        known = set_ups(journal.engagements())
        if not known and not as_json:
            click.echo(_("Nothing is being set up yet. 'lifeboat' or 'lifeboat run' begins."))
        for engagement in known:
            walk = Walk(scenario(engagement.scenario), world, journal, engagement, lambda _event: None)
            row = _row(walk)
            json_line(row) if as_json else click.echo(
                f"{with_vault(row['name'], row['vault'])}  {row['done']}/{row['steps']}  {row['at']}"
            )
    finally:
        journal.close()
    return 0


def _row(walk: Walk) -> dict[str, Any]:
    steps, current = walk.steps(), walk.current()
    return {
        "name": walk.engagement.name,
        "scenario": walk.scenario.id,
        "vault": current_vault(walk.answers),
        "created": walk.engagement.created,
        "done": sum(walk.state(step) == "done" for step in steps),
        "steps": len(steps),
        "at": current.id if current else "finished",
    }
