"""`lifeboat fix`: what can be mended is shown exactly, made with consent, checked again, and kept for undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from services import host
from services.journal.journal import Journal
from services.journal.trouble import held
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.readiness.model import Finding, Status
from services.scenario.inspection import Inspection, Wanted, inspection
from services.scenario.mending import Mending, Workshop, fix_of, standing, workshop
from services.scenario.run import Exit, problem_json
from services.scenario.session import Session
from services.text import _, plain
from services.world.deadline import Deadline
from services.world.model import World
from tui.cli.check import opened
from tui.cli.globals import Globals, SecretPrompt, can_ask, json_line
from tui.cli.walk import Interruptible

PLANNED, APPLIED, UNCHANGED, ADVICE = "planned", "applied", "unchanged", "advice"
DECLINED, REFUSED, FAILED = "declined", "refused", "failed"
Row = dict[str, Any]


@dataclass(frozen=True)
class FixOptions:
    """What `fix` was given beside the global options. `kind` is a check or fix, made on all machines at once."""

    wanted: Wanted
    check: str = ""
    kind: str = ""
    machines: tuple[str, ...] = ()
    plan_only: bool = False
    yes: bool = False
    as_json: bool = False

    @property
    def kinds(self) -> list[str]:
        """The checks or fixes that were named."""
        return [name for name in (self.check, self.kind) if name]


class Consents:
    """A person's answers: one for each change, or one for a kind that was asked for on all machines."""

    def __init__(self, given: FixOptions) -> None:
        self._given = given
        self._kinds: dict[str, bool] = {}

    def ask(self, one: Mending) -> bool:
        """Whether this change may be made. RefusedError: nobody can be asked; a weakening was not named."""
        assert one.fix is not None
        if self._given.yes:
            if one.fix.weakens and not self._given.kinds:
                raise _refused(
                    "weakens",
                    one.machine.name,
                    f"{one.fix.id}: {_(one.fix.weakens)}",
                    _("--yes makes it when it is named: lifeboat fix {fix} --yes.").format(fix=one.fix.id),
                )
            return True
        if not can_ask():
            what = _("the change was not confirmed; nothing was done.")
            raise _refused("not-confirmed", one.machine.name, what, _("Add --yes, or confirm it."))
        if self._given.kind:
            if one.fix.id not in self._kinds:
                self._kinds[one.fix.id] = confirmed(
                    _("{fix}: make this change on all of these machines?").format(fix=one.fix.id)
                )
            return self._kinds[one.fix.id]
        question = _("{machine}: make this change?").format(machine=one.machine.name)
        return confirmed(question)


def fix(options: Globals, given: FixOptions) -> int:
    """Show, ask, make and check again. 0: all that was asked for is made; 4: something was refused."""
    if options.read_only and not given.plan_only:
        what = _("Nothing is changed in a read-only session.")
        raise RefusedError(Problem("read-only", "fix", what, remedy=_("Add --plan-only to look.")))
    with opened(options) as (world, journal):
        deadline = Deadline()
        looked = looked_at(world, journal, given.wanted, deadline)
        if journal.read_only and not given.plan_only:
            raise held(journal.path, journal.holder)
        by = world.known.get("account", "") or host.user()
        with Interruptible(deadline):
            shop = workshop(looked.session, machines=given.machines, kinds=given.kinds)
            rows = _mended(shop, given, by)
        if given.as_json:
            json_line({"fixes": rows, "weakening": weakening(looked.session)})
        else:
            _tell_end(rows, looked)
    return _exit(rows)


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


def listed(options: Globals, wanted: Wanted, *, as_json: bool) -> int:
    """Print the fixes that stand, without visiting a machine."""
    with opened(options) as (world, journal):
        looked = looked_at(world, journal, wanted, Deadline())
        rows = stand(looked.session)
        if as_json:
            json_line({"fixes": rows, "weakening": [row for row in rows if row["weakens"]]})
            return 0
        for row in rows:
            click.echo(plain(f"{row['state']:<10} {row['target']:<20} {row['fix']:<26} {row['what']}"))
        _tell_weakening([row for row in rows if row["weakens"]])
        if not rows:
            click.echo(_("No fix stands."))
    return 0


def export(options: Globals, given: FixOptions, folder: Path) -> int:
    """Write the fixes as scripts, a playbook and Group Policy instructions, for somebody who may run them."""
    from services.scenario.handover import scripts

    with opened(options) as (world, journal):
        looked = looked_at(world, journal, given.wanted, Deadline())
        for path in scripts(looked.session, given.machines, given.kinds, folder):
            click.echo(path)
    return 0


def looked_at(world: World, journal: Journal, wanted: Wanted, deadline: Deadline) -> Inspection:
    """The engagement and machines that are meant, with a prompt for secrets where somebody can be asked."""
    ask = SecretPrompt() if can_ask() else None
    return inspection(world, journal, wanted, deadline, lambda _event: None, ask)


def _mended(shop: Workshop, given: FixOptions, by: str) -> list[Row]:
    said = _silent if given.as_json else _say_looked
    planned = shop.plan(said)
    if not given.as_json:
        for one in planned:
            _show(one)
    consents, rows = Consents(given), []
    for one in planned:
        row = _planned(one)
        if row["state"] == PLANNED and not given.plan_only:
            row |= _made(shop, one, consents, by)
            if not given.as_json:
                say_row(row)
        rows.append(row)
    return rows


def _planned(one: Mending) -> Row:
    """A change before it is made; one that cannot be has its problem."""
    fix_id = one.fix.id if one.fix else ""
    row: Row = {
        "fix": fix_id,
        "check": one.found.id,
        "target": one.machine.name,
        "state": FAILED,
        "status": str(one.found.status),
        "lines": list(one.preview.lines) if one.preview else [],
        "weakens": one.fix.weakens if one.fix else "",
        "restarts": one.fix.restarts if one.fix else "",
        "problem": problem_row(one.problem) if one.problem else None,
    }
    if one.preview is not None:
        row["state"] = UNCHANGED if one.preview.empty else ADVICE if one.preview.advice else PLANNED
    return row


def _made(shop: Workshop, one: Mending, consents: Consents, by: str) -> Row:
    try:
        if not consents.ask(one):
            return {"state": DECLINED}
        again = shop.apply(one, by=by, weakening=True)
    except (CancelledError, DeadlineError):
        raise
    except RefusedError as error:
        return {"state": REFUSED, "problem": problem_row(error.problems[0])}
    except ProblemError as error:
        return {"state": FAILED, "problem": problem_row(error.problems[0])}
    return {"state": APPLIED, "status": str(again.status), "problem": _still(again)}


def _still(again: Finding) -> Row | None:
    """What the check says when it is not content after the fix."""
    if again.status not in (Status.FAILED, Status.UNKNOWN):
        return None
    return problem_row(Problem(again.id, again.target, again.what, again.cause, again.fix))


def problem_row(problem: Problem) -> Row:
    told = problem_json(problem)
    del told["event"]
    return told


def _exit(rows: Sequence[Row]) -> int:
    states = {row["state"] for row in rows}
    if states & {REFUSED, DECLINED}:
        return int(Exit.REFUSED)
    wrong = FAILED in states or any(row["problem"] for row in rows)
    return int(Exit.FAILED if wrong else Exit.DONE)


# For a person ---------------------------------------------------------------------------------------


def _silent(_finding: Finding) -> None:
    return


def _say_looked(finding: Finding) -> None:
    if finding.status is not Status.OK:
        click.echo(plain(f"{finding.status:<8} {finding.target:<24} {finding.id}"))


def _show(one: Mending) -> None:
    """The exact change, what it weakens and what it restarts."""
    title = _(one.fix.title) if one.fix else _("not looked at")
    click.echo()
    click.echo(plain(f"{one.machine.name}: {title} [{one.fix.id if one.fix else one.found.id}]"))
    if one.problem:
        click.echo(f"  {plain(one.problem.sentence())}")
    if one.preview is None:
        return
    for line in one.preview.lines:
        click.echo(f"    {plain(line)}")
    notes = (
        (_("nothing to do: it is so already"), one.preview.empty),
        (_("only shown, to be run by you in a maintenance window"), one.preview.advice),
    )
    for text, holds in notes:
        if holds:
            click.echo(f"  {text}")
    if one.fix and one.fix.weakens:
        click.echo(f"  {_('weakens')}: {_(one.fix.weakens)}")
    if one.fix and one.fix.restarts:
        click.echo(f"  {_('restarts')}: {_(one.fix.restarts)}")


def say_row(row: Row) -> None:
    text = f"{row['state']:<10} {row['target']:<20} {row['fix']}"
    if row["state"] == APPLIED:
        text += f": {row['check']} {row['status']}"
    if row["problem"]:
        text += f": {row['problem']['what']} {row['problem']['remedy']}"
    click.echo(plain(text.rstrip()))


def _tell_end(rows: Sequence[Row], looked: Inspection) -> None:
    click.echo()
    if not rows:
        click.echo(_("Nothing here that a fix could mend."))
    counts = {state: sum(row["state"] == state for row in rows) for state in dict.fromkeys(_states(rows))}
    if counts:
        click.echo(", ".join(f"{count} {state}" for state, count in counts.items()))
    _tell_weakening(weakening(looked.session))


def _states(rows: Sequence[Row]) -> list[str]:
    return [str(row["state"]) for row in rows]


def _tell_weakening(rows: Sequence[Row]) -> None:
    if not rows:
        return
    click.echo(_("Offered for undoing after installation, since they weaken the machine:"))
    for row in rows:
        command = f"lifeboat undo --machine {row['target']} --fix {row['fix']}"
        click.echo(plain(f"  {row['target']:<20} {row['fix']:<20} {command}"))


def confirmed(question: str) -> bool:
    try:
        return click.confirm(plain(question), default=False, err=True)
    except click.Abort as error:
        raise CancelledError(Problem("cancelled", "fix", _("Stopped as asked."))) from error


def _refused(code: str, machine: str, what: str, remedy: str) -> RefusedError:
    return RefusedError(Problem(code, machine, what, remedy=remedy))
