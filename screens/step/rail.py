"""The rail: stages and, in the open stage, steps, each with its state in a word."""

from __future__ import annotations

from collections.abc import Sequence, Set

from screens.lines import Row
from screens.state import View
from screens.style import STATE_STYLES, Cell, column
from services.scenario.model import Step
from services.scenario.walk import DONE, OPEN, REOPENED
from services.text import _

WIDTH = 27
WORD = 7
"""Cells of the longest state."""
BLOCKED = "blocked"
"""What the list and the title say of a step whose check or work has failed."""


def rail_rows(view: View, titles: dict[str, str], here: Step, stuck: Set[str] = frozenset()) -> Sequence[Row]:
    """Rows for the menu at the left; `titles` are the stages in order, by id; `stuck` are steps by id."""
    rows: list[Row] = []
    for stage, title in titles.items():
        steps = [step for step in view.steps if step.stage == stage]
        if not steps:
            continue
        first = next((step for step in steps if view.states[step.id] != DONE), steps[0])
        rows.append(_row(f"go {first.id}", _(title), _stage_word(view, steps), "", dead=stage == here.stage))
        if stage == here.stage:
            rows += [
                _row(f"go {step.id}", _(step.short or step.title), _step_word(view, step, stuck), "  ")
                for step in steps
            ]
    return rows


def _row(key: str, name: str, word: str, indent: str, *, dead: bool = False) -> Row:
    wide = WIDTH - 2 - WORD - len(indent) - 1
    cells = (
        Cell(indent),
        column(name, wide - 1),
        Cell(" "),
        column(word, WORD, STATE_STYLES.get(word, "dim")),
    )
    return Row(key, (cells,), dead)


def _step_word(view: View, step: Step, stuck: Set[str]) -> str:
    return _(BLOCKED if step.id in stuck else view.states[step.id])


def _stage_word(view: View, steps: Sequence[Step]) -> str:
    """A stage is done when all its steps are, and to be done again when one of them is."""
    states = {view.states[step.id] for step in steps}
    if states == {DONE}:
        return _(DONE)
    return _(REOPENED) if REOPENED in states else _(OPEN)
