"""A change on a machine as lines: what it is, exactly what would be done, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import chop_cells

from screens.style import Line, state, text, wrapped
from services.problems.model import Problem
from services.readiness.model import Finding
from services.text import _, plain

if TYPE_CHECKING:
    from services.scenario.mending import Mending


def mending_lines(one: Mending, made: Finding | Problem | None, width: int) -> list[Line]:
    """One change on one machine: what it is, the exact lines, what it weakens, and what came of it."""
    title = _(one.fix.title) if one.fix else _("not looked at")
    drawn = [*wrapped(f"{plain(one.machine.name)}: {title}", width, "accent")]
    if one.problem:
        drawn += wrapped(plain(one.problem.sentence()), width, "bad")
    if one.found.waiver and one.preview is None:
        said = _("Left alone: it was accepted in writing by {by}: {reason}")
        drawn += wrapped(
            plain(said.format(by=one.found.waiver.by, reason=one.found.waiver.reason)), width, "warn"
        )
        return drawn
    if one.preview:
        drawn += [piece for line in one.preview.lines for piece in whole(plain(line), width)]
        if one.preview.empty and one.cut_off:
            drawn += wrapped(_("The change is there; what comes after it is done again."), width)
        elif one.preview.empty:
            drawn.append(text(_("Nothing to do: it is so already.")))
        if one.preview.advice:
            drawn += wrapped(_("Only shown: run it yourself in a maintenance window."), width, "warn")
    if one.fix and one.fix.weakens:
        drawn += wrapped(_("Weakens: {how}").format(how=_(one.fix.weakens)), width, "warn")
    if one.fix and one.fix.restarts:
        drawn += wrapped(_("Service: {what}").format(what=_(one.fix.restarts)), width)
    return [*drawn, *outcome_lines(made, width)]


def outcome_lines(made: Finding | Problem | None, width: int) -> list[Line]:
    """What the check says after a change, or why the change was not made."""
    if made is None:
        return []
    if isinstance(made, Finding):
        return [(state(_(made.status.value), 9), *line) for line in wrapped(plain(_(made.what)), width - 9)]
    lines = [(state("failed", 9), *line) for line in wrapped(plain(made.sentence()), width - 9)]
    return [*lines, *wrapped(plain(made.remedy), width)]


def whole(line: str, width: int) -> list[Line]:
    """A line of the preview with every character, whatever the width."""
    pieces = chop_cells(line, max(10, width - 4)) or [""]
    return [text(("    " if number else "  ") + piece, _sign(line)) for number, piece in enumerate(pieces)]


def _sign(line: str) -> str:
    if line.startswith("+"):
        return "good"
    return "bad" if line.startswith("-") else ""
