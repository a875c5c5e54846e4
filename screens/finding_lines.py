"""A finding as lines: the detail below the table, and the evidence in full."""

from __future__ import annotations

from collections.abc import Sequence

from screens.style import STATE_STYLES, Cell, Line, text, wrapped
from screens.welcome import labelled
from services.readiness.model import Finding
from services.text import _, lines, plain

MOST_EVIDENCE = 4
"""Lines of output in the detail; the evidence page has all."""
MOST_ITEMS = 2


def detail_lines(one: Finding, width: int) -> list[Line]:
    """What was found, what was seen, why it matters, and what would do."""
    head = f"-- {plain(one.target)} "
    style = STATE_STYLES.get(one.status.value, "")
    tail = f" {one.id} --"
    drawn: list[Line] = [(Cell(head + "-" * max(2, width - len(head) - len(tail)), style), Cell(tail, "dim"))]
    for label, content in _facts(one):
        if content:
            drawn += labelled(label, plain(content), width)
    return drawn


def _facts(one: Finding) -> list[tuple[str, str]]:
    shown = [(_("found"), _(one.what))]
    for evidence in one.evidence[:MOST_ITEMS]:
        output = " / ".join(lines(evidence.output)[:MOST_EVIDENCE])
        shown.append((_("saw"), f"{evidence.command}: {output}"))
    return [
        *shown,
        (_("why"), _(one.cause)),
        (_("fix"), _(one.fix)),
        (_("waived"), _accepted(one)),
        (_("source"), one.source),
    ]


def _accepted(one: Finding) -> str:
    waiver = one.waiver
    if waiver is None:
        return ""
    return f"{waiver.reason} ({waiver.by}{', ' + waiver.until if waiver.until else ''})"


def all_evidence(ones: Sequence[Finding], width: int) -> list[Line]:
    """Every finding with its evidence."""
    return [line for one in ones for line in (*evidence_lines(one, width), text(""))]


def evidence_lines(one: Finding, width: int) -> list[Line]:
    """Every command with its whole output, then what it means."""
    head = f"{_(one.status.value)}  {plain(_(one.what))}"
    drawn: list[Line] = [*wrapped(head, width, STATE_STYLES.get(one.status.value, "bold"))]
    for evidence in one.evidence:
        drawn += wrapped(plain(evidence.command), width, "accent")
        for line in lines(evidence.output):
            drawn += wrapped(line, width) or [text("")]
        drawn.append(text(""))
    for label, content in ((_("why"), _(one.cause)), (_("fix"), _(one.fix)), (_("source"), one.source)):
        if content:
            drawn += labelled(label, plain(content), width)
    return drawn
