"""`lifeboat evidence list`: past drills and failovers with RTO and RPO, and the drills that are overdue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from services.evidence import history
from services.evidence.sections import span
from services.problems.model import CancelledError, ProblemError
from services.text import _, plain
from services.world.deadline import Deadline
from tui.cli.evidence import kept_in
from tui.cli.globals import Globals, json_line

PATIENCE = 60.0
"""Seconds for what Azure knows of drills; without it, only the evidence here is looked at."""
LastDrills = Mapping[str, datetime | None]


def list_evidence(options: Globals, *, offline: bool, as_json: bool) -> int:
    """The runs with their measures, each drill against the one before, and drills that are overdue.

    What is protected, and drills that only Azure knows of, count too, unless `offline`.
    """
    found = history.entries(kept_in(options))
    rows = {row.entry.name: row for row in history.trend(found)}
    now, known = (datetime.now(UTC), {}) if offline else _azure(options)
    due = history.due(rows.values(), known, now, last_drills=known)
    if as_json:
        for entry in found:
            json_line({"evidence": _listed(entry, rows.get(entry.name))})
        for one in due:
            json_line({"due": _due(one)})
        return 0
    if not found:
        click.echo(_("There is no evidence yet."))
    for entry in found:
        click.echo(plain(_line(entry, rows.get(entry.name)), 1000))
    for one in due:
        if one.overdue:
            click.echo(plain(_overdue(one), 1000))
    return 0


def _azure(options: Globals) -> tuple[datetime, LastDrills]:
    """The time there, and when each item was last drilled well, as Azure says; nothing where it is out of reach."""
    from tui.cli.vaults import opened_vault

    deadline = Deadline(PATIENCE)
    try:
        with opened_vault(options, deadline, lambda _event: None) as vault:
            return vault.world.clock.now(), {item.title: item.last_drill for item in vault.items()}
    except CancelledError:
        raise
    except ProblemError as error:
        what = _("Azure could not be asked, so only drills with evidence here count: {why}")
        click.echo(plain(what.format(why=error.problems[0].sentence()), 1000), err=True)
        return datetime.now(UTC), {}


def _due(one: history.Due) -> dict[str, Any]:
    last = one.last.isoformat() if one.last else ""
    return {"target": one.target, "last": last, "overdue": one.overdue, "byAzure": one.by_azure}


def _listed(entry: history.Entry, row: history.Trend | None) -> dict[str, Any]:
    if entry.record is None:
        return {"name": entry.name, "unreadable": entry.why}
    one, measures = entry.record.identity, entry.record.measures
    shown: dict[str, Any] = {
        "name": entry.name,
        "title": entry.record.title,
        "run": one.run,
        "verb": one.verb,
    }
    shown |= {"target": one.target, "started": one.started, "outcome": one.outcome}
    shown |= {"rto": measures.rto.total, "rtoTarget": measures.rto.target, "rpo": measures.worst_rpo}
    shown |= {"cleanup": entry.record.cleanup.state, "attested": entry.record.attestation.verdict}
    return shown | ({"rtoChange": row.rto_change, "rpoChange": row.rpo_change} if row else {})


def _line(entry: history.Entry, row: history.Trend | None) -> str:
    if entry.record is None:
        return f"{entry.name}: " + _("record.json cannot be read: {why}").format(why=entry.why)
    one, measures = entry.record.identity, entry.record.measures
    rto = f"RTO {span(measures.rto.total)}" + _change(row.rto_change if row else None)
    rpo = f"RPO {span(measures.worst_rpo)}" + _change(row.rpo_change if row else None)
    cleanup = _("cleanup {state}").format(state=entry.record.cleanup.state or "-")
    return f"{one.started[:16]}  {entry.record.title}: {one.outcome or '-'}, {rto}, {rpo}, {cleanup}  {entry.name}"


def _change(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if round(seconds) == 0:
        return " (" + _("as before") + ")"
    words = _("{span} longer than before") if seconds > 0 else _("{span} shorter than before")
    return " (" + words.format(span=span(abs(seconds))) + ")"


def _overdue(one: history.Due) -> str:
    days = history.CADENCE.days
    if one.last is None:
        return _("{target}: no drill was finished and cleaned up; one is due every {days} days").format(
            target=one.target, days=days
        )
    shown = _("{target}: the last drill was on {day}; one is due every {days} days")
    if one.by_azure:
        shown = _("{target}: the last drill was on {day}, as Azure says; one is due every {days} days")
    return shown.format(target=one.target, day=one.last.date().isoformat(), days=days)
