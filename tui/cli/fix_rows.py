"""What `fix` and `undo` print: one row for each fix of each machine, for a person or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from services.problems.model import Problem
from services.readiness.model import Finding, Status
from services.scenario.mending import Mending, cut_off, fix_of, standing
from services.scenario.run import Exit, problem_json
from services.scenario.session import Session
from services.text import _, plain
from tui.cli.pasted import pasted

PLANNED, APPLIED, UNCHANGED, ADVICE = "planned", "applied", "unchanged", "advice"
DECLINED, REFUSED, FAILED = "declined", "refused", "failed"
WAIVED = "waived"
Row = dict[str, Any]


def weakening(session: Session) -> list[Row]:
    """The fixes that stand and weaken their machine: offered for undoing after the installation."""
    return [row for row in stand(session) if row["weakens"]]


def stand(session: Session) -> list[Row]:
    """Every fix that stands, the oldest first."""
    rows = []
    for one in standing(session):
        known = fix_of(one.undo.fix)
        rows.append(
            {
                "fix": one.undo.fix,
                "target": one.undo.machine,
                "state": one.state,
                "what": one.undo.what,
                "path": one.undo.path,
                "by": one.by,
                "weakens": known.weakens if known else "",
            }
        )
    return rows


def planned_row(one: Mending) -> Row:
    """A change before it is made; one that cannot be has its problem."""
    fix_id = one.fix.id if one.fix else ""
    row: Row = {
        "fix": fix_id,
        "check": one.found.id,
        "target": one.machine.name,
        "state": WAIVED if one.found.status is Status.WAIVED else FAILED,
        "status": str(one.found.status),
        "lines": list(one.preview.lines) if one.preview else [],
        "weakens": one.fix.weakens if one.fix else "",
        "restarts": one.fix.restarts if one.fix else "",
        "problem": problem_row(one.problem) if one.problem else None,
    }
    if one.preview is not None:
        empty = one.preview.empty and not one.cut_off
        row["state"] = UNCHANGED if empty else ADVICE if one.preview.advice else PLANNED
    return row


def still_wrong(again: Finding) -> Row | None:
    """What the check says when it is not content after the fix."""
    if again.status not in (Status.FAILED, Status.UNKNOWN):
        return None
    return problem_row(Problem(again.id, again.target, again.what, again.cause, again.fix))


def problem_row(problem: Problem) -> Row:
    """A problem as the rows hold it."""
    told = problem_json(problem)
    del told["event"]
    return told


def exit_code(rows: Sequence[Row]) -> int:
    """What the command ends with: 4 where something was refused, 1 where something is wrong."""
    states = {row["state"] for row in rows}
    if states & {REFUSED, DECLINED}:
        return int(Exit.REFUSED)
    wrong = FAILED in states or any(row["problem"] for row in rows)
    return int(Exit.FAILED if wrong else Exit.DONE)


def silent(_finding: Finding) -> None:
    """Findings are not said as they come."""
    return


def say_looked(finding: Finding) -> None:
    """Say what is not ok as it comes."""
    if finding.status is not Status.OK:
        click.echo(plain(f"{finding.status:<8} {finding.target:<24} {finding.id}"))


def show(one: Mending) -> None:
    """The exact change, what it weakens and what it restarts."""
    title = _(one.fix.title) if one.fix else _("not looked at")
    click.echo()
    click.echo(plain(f"{one.machine.name}: {title} [{one.fix.id if one.fix else one.found.id}]"))
    if one.problem:
        click.echo(f"  {plain(one.problem.sentence())}")
    if one.found.waiver is not None and one.preview is None:
        click.echo(plain(f"  {left_alone(one.found)}"))
    if one.preview is None:
        return
    for line in one.preview.lines:
        click.echo(f"    {plain(line)}")
    notes = (
        (_("nothing to do: it is so already"), one.preview.empty and not one.cut_off),
        (_("the change is there; what comes after it is done again"), one.preview.empty and one.cut_off),
        (_("only shown, to be run by you in a maintenance window"), one.preview.advice),
    )
    for text, holds in notes:
        if holds:
            click.echo(f"  {text}")
    if one.fix and one.fix.weakens:
        click.echo(f"  {_('weakens')}: {_(one.fix.weakens)}")
    if one.fix and one.fix.restarts:
        click.echo(f"  {_('service')}: {_(one.fix.restarts)}")


def left_alone(finding: Finding) -> str:
    """Why a waived finding is not mended, and how it is mended all the same."""
    waiver = finding.waiver
    assert waiver is not None
    said = _("left alone: waived by {by}: {reason} To fix it all the same: {command}")
    reason = waiver.reason if waiver.reason.endswith(".") else f"{waiver.reason}."
    command = pasted(f"lifeboat fix {finding.id} --machine {finding.target}")
    return said.format(by=waiver.by, reason=reason, command=command)


def say_row(row: Row) -> None:
    """What came of one fix, on a line."""
    text = f"{row['state']:<10} {row['target']:<20} {row['fix']}"
    if row["state"] == APPLIED:
        text += f": {row['check']} {row['status']}"
    if row["problem"]:
        text += f": {row['problem']['what']} {row['problem']['remedy']}"
    click.echo(plain(text.rstrip()))


def tell_end(rows: Sequence[Row], session: Session) -> None:
    """The sum, and what weakens a machine."""
    click.echo()
    if not rows:
        click.echo(_("Nothing here that a fix could mend."))
    counts = {state: sum(row["state"] == state for row in rows) for state in dict.fromkeys(_states(rows))}
    if counts:
        click.echo(", ".join(f"{count} {state}" for state, count in counts.items()))
    tell_weakening(weakening(session))


def _states(rows: Sequence[Row]) -> list[str]:
    return [str(row["state"]) for row in rows]


def tell_weakening(rows: Sequence[Row]) -> None:
    """How to take back what weakens a machine."""
    if not rows:
        return
    click.echo(_("Offered for undoing after installation, since they weaken the machine:"))
    for row in rows:
        command = pasted(f"lifeboat undo --machine {row['target']} --fix {row['fix']}")
        click.echo(plain(f"  {row['target']:<20} {row['fix']:<20} {command}"))


def tell_cut_off(session: Session) -> None:
    """What was under way when the program died, and how to finish it or take it back."""
    for machine, fix in sorted(cut_off(session)):
        click.echo(plain(f"{machine}, {fix}: {_('cut off while it was made.')}"), err=True)
        for verb, command in (
            (_("finish it"), f"lifeboat fix {fix} --machine {machine}"),
            (_("take it back"), f"lifeboat undo --machine {machine} --fix {fix}"),
        ):
            click.echo(plain(f"  {verb}: {pasted(command)}"), err=True)
