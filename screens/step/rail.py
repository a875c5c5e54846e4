"""The rail: stages and, in the open stage, steps, each with its state in a word."""

from __future__ import annotations

from collections.abc import Sequence

from screens.lines import Row
from screens.state import View
from screens.style import STATE_STYLES, Cell, column
from services.scenario.model import Step
from services.scenario.walk import DONE, OPEN, REOPENED
from services.text import _

WIDTH = 27


def rail_rows(view: View, titles: dict[str, str], here: Step) -> Sequence[Row]:
    """Rows for the menu at the left; `titles` are the stages in order, by id."""
    rows: list[Row] = []
    for stage, title in titles.items():
        steps = [step for step in view.steps if step.stage == stage]
        if not steps:
            continue
        first = next((step for step in steps if view.states[step.id] != DONE), steps[0])
        rows.append(_row(f"go {first.id}", _(title), _stage_word(view, steps), "", dead=stage == here.stage))
        if stage == here.stage:
            rows += [_row(f"go {step.id}", step.id, _(view.states[step.id]), "  ") for step in steps]
    return rows


def _row(key: str, name: str, word: str, indent: str, *, dead: bool = False) -> Row:
    wide = WIDTH - 2 - 6 - len(indent) - 1
    cells = (Cell(indent), column(name, wide), column(word, 6, STATE_STYLES.get(word, "dim")))
    return Row(key, (cells,), dead)


def _stage_word(view: View, steps: Sequence[Step]) -> str:
    """A stage is done when all its steps are, and to be done again when one of them is."""
    states = {view.states[step.id] for step in steps}
    if states == {DONE}:
        return _(DONE)
    return _(REOPENED) if REOPENED in states else _(OPEN)
