"""The rows of the table of items: their columns for a width, and their orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from screens.console import words
from screens.style import Cell, Line, cell, column
from services.recovery.item import ProtectedItem
from services.text import _, plain

SORTS = ("name", "state", "rpo", "drill")
"""What s goes through."""
NARROW = 44
"""Cells for name, state and verbs, below which the verbs are left out."""


def sizes(width: int) -> tuple[int, ...]:
    """Cells of name, state, health, RPO, drill and verbs; the verbs get what is left."""
    rest = max(10, width - 9 - 9 - 8)
    if rest < NARROW:
        # There is no room for the verbs; the item's page has them.
        return rest - rest * 5 // 9, rest * 5 // 9, 9, 9, 8, 0
    name = max(10, min(30, rest * 3 // 10))
    state = max(10, min(24, rest * 4 // 10))
    return name, state, 9, 9, 8, max(0, rest - name - state)


def headings(width: int) -> Line:
    """The line above the table."""
    titles = (_("name"), _("state"), _("health"), _("RPO"), _("drill"), _("can be done"))
    cells = (cell(title, size, "dim") for title, size in zip(titles, sizes(width), strict=True))
    return (Cell("  "), *cells)


def row(
    item: ProtectedItem, width: int, thresholds: Mapping[str, int], now: datetime, *, picked: bool
) -> Line:
    """One item."""
    from services.recovery.verbs import possible

    name, state, healthy, rpo, drill, verbs = sizes(width)
    return (
        cell(("* " if picked else "") + plain(item.title), name),
        cell(words.standing(item), state, words.PHASE_STYLES.get(item.phase, "")),
        column(words.health(item.health), healthy, words.HEALTH_STYLES.get(item.health, "")),
        words.rpo(item, thresholds, rpo),
        words.drill_age(item, now, drill),
        column(" ".join(verb.id for verb in possible(item)), verbs, "dim"),
    )


def orders() -> Mapping[str, Callable[[ProtectedItem], tuple[object, ...]]]:
    """How items are sorted: the name last, so that equals keep their order."""
    return {
        "name": lambda item: (item.title.lower(),),
        "state": lambda item: (item.phase, item.title.lower()),
        "rpo": lambda item: (
            -(item.rpo_seconds if item.rpo_seconds is not None else 10**9),
            item.title.lower(),
        ),
        "drill": lambda item: (item.last_drill.timestamp() if item.last_drill else 0.0, item.title.lower()),
    }
