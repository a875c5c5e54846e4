"""`lifeboat fix`: what can be mended is shown exactly, made with consent, checked again, and kept for undo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from services.journal.journal import Journal
from services.journal.trouble import held
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.scenario.inspection import Inspection, Wanted, inspection
from services.scenario.mending import Mending, Workshop, workshop
from services.text import _, plain
from services.world.deadline import Deadline
from services.world.model import World
from tui.cli.check import opened
from tui.cli.fix_rows import (
    APPLIED,
    DECLINED,
    FAILED,
    PLANNED,
    REFUSED,
    Row,
    exit_code,
    planned_row,
    problem_row,
    say_looked,
    say_row,
    show,
    silent,
    stand,
    still_wrong,
    tell_cut_off,
    tell_end,
    tell_weakening,
    weakening,
)
from tui.cli.globals import Globals, SecretPrompt, can_ask, json_line
from tui.cli.walk import Interruptible


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
        tell_cut_off(looked.session)
        with Interruptible(deadline):
            named = bool(given.machines and given.kinds)
            shop = workshop(looked.session, machines=given.machines, kinds=given.kinds, waived_too=named)
            rows = _mended(shop, given)
        if given.as_json:
            json_line({"fixes": rows, "weakening": weakening(looked.session)})
        else:
            tell_end(rows, looked.session)
    return exit_code(rows)


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
        tell_weakening([row for row in rows if row["weakens"]])
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


def _mended(shop: Workshop, given: FixOptions) -> list[Row]:
    said = silent if given.as_json else say_looked
    planned = shop.plan(said)
    if not given.as_json:
        for one in planned:
            show(one)
    consents, rows = Consents(given), []
    for one in planned:
        row = planned_row(one)
        if row["state"] == PLANNED and not given.plan_only:
            row |= _made(shop, one, consents)
            if not given.as_json:
                say_row(row)
        rows.append(row)
    return rows


def _made(shop: Workshop, one: Mending, consents: Consents) -> Row:
    try:
        if not consents.ask(one):
            return {"state": DECLINED}
        again = shop.apply(one, weakening=True)
    except (CancelledError, DeadlineError):
        raise
    except RefusedError as error:
        return {"state": REFUSED, "problem": problem_row(error.problems[0])}
    except ProblemError as error:
        return {"state": FAILED, "problem": problem_row(error.problems[0])}
    return {"state": APPLIED, "status": str(again.status), "problem": still_wrong(again)}


def confirmed(question: str) -> bool:
    try:
        return click.confirm(plain(question), default=False, err=True)
    except click.Abort as error:
        raise CancelledError(Problem("cancelled", "fix", _("Stopped as asked."))) from error


def _refused(code: str, machine: str, what: str, remedy: str) -> RefusedError:
    return RefusedError(Problem(code, machine, what, remedy=remedy))
