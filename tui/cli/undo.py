"""`lifeboat undo`: the fixes that stand, taken back as the journal says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click

from services.journal.trouble import held
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.readiness.fixes.records import Kept
from services.scenario.inspection import Wanted
from services.scenario.mending import Workshop, fix_of, standing, workshop
from services.scenario.run import Exit
from services.text import _, plain
from services.world.deadline import Deadline
from tui.cli.check import opened
from tui.cli.fix import confirmed, looked_at
from tui.cli.fix_rows import DECLINED, FAILED, REFUSED, Row, problem_row, say_row
from tui.cli.globals import Globals, can_ask, json_line
from tui.cli.walk import Interruptible

STANDS, UNDONE, KEPT = "stands", "undone", "kept"


@dataclass(frozen=True)
class UndoOptions:
    """What `undo` was given beside the global options; without names everything that stands is meant."""

    wanted: Wanted
    machines: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    list_only: bool = False
    yes: bool = False
    as_json: bool = False


def undo(options: Globals, given: UndoOptions) -> int:
    """List what stands, ask, and take it back, the newest first."""
    if options.read_only and not given.list_only:
        what = _("Nothing is changed in a read-only session.")
        raise RefusedError(Problem("read-only", "undo", what, remedy=_("Add --list to look.")))
    with opened(options) as (world, journal):
        deadline = Deadline()
        looked = looked_at(world, journal, given.wanted, deadline)
        chosen = _chosen(standing(looked.session), given)
        if journal.read_only and not given.list_only:
            raise held(journal.path, journal.holder)
        rows = [_row(one) for one in chosen]
        if not given.as_json:
            for row in rows:
                click.echo(plain(f"{row['target']:<20} {row['fix']:<26} {row['what']}"))
            if not rows:
                click.echo(_("Nothing stands that could be undone."))
        if rows and not given.list_only:
            with Interruptible(deadline):
                shop = workshop(looked.session, machines=sorted({one.undo.machine for one in chosen}))
                rows = _undone(shop, chosen, given)
        if given.as_json:
            json_line({"undo": rows})
    return _exit(rows)


def _chosen(kept: Sequence[Kept], given: UndoOptions) -> list[Kept]:
    """One record for each fix of each machine, the newest first; what was named must stand."""
    names = [name.lower() for name in given.machines]
    chosen = [
        one
        for one in reversed(kept)
        if (not names or one.undo.machine.lower() in names)
        # A clock that was set right stays right, unless somebody asks for it and is told so.
        and (one.undo.fix in given.fixes if given.fixes else one.undo.kind != "clock")
    ]
    if not chosen and (given.machines or given.fixes):
        what = _("no such fix stands here.")
        raise RefusedError(Problem("nothing-to-undo", ", ".join((*given.machines, *given.fixes)), what))
    newest: dict[tuple[str, str], Kept] = {}
    for one in chosen:
        newest.setdefault((one.undo.machine, one.undo.fix), one)
    return list(newest.values())


def _undone(shop: Workshop, chosen: Sequence[Kept], given: UndoOptions) -> list[Row]:
    if not given.yes:
        if not can_ask():
            what = _("taking these back was not confirmed; nothing was done.")
            raise RefusedError(
                Problem("not-confirmed", "undo", what, remedy=_("Add --yes, or --list to look."))
            )
        if not confirmed(_("Take these {count} back?").format(count=len(chosen))):
            return [{**_row(one), "state": DECLINED} for one in chosen]
    rows = []
    for one in chosen:
        rows.append({**_row(one), **_taken_back(shop, one)})
        if not given.as_json:
            say_row(rows[-1])
    return rows


def _taken_back(shop: Workshop, one: Kept) -> Row:
    fix = fix_of(one.undo.fix)
    if fix is None:
        unknown = Problem("unknown-fix", one.undo.fix, _("this version knows no such fix."))
        return {"state": FAILED, "problem": problem_row(unknown)}
    machine = next(known for known in shop.machines if known.name == one.undo.machine)
    try:
        again = shop.undo(machine, fix)
    except (CancelledError, DeadlineError):
        raise
    except RefusedError as error:
        first = error.problems[0]
        # A clock that was set right stays right: that is no failure to undo.
        return {"state": KEPT if first.code == "no-undo" else REFUSED, "problem": problem_row(first)}
    except ProblemError as error:
        return {"state": FAILED, "problem": problem_row(error.problems[0])}
    return {"state": UNDONE, "status": str(again.status)}


def _row(one: Kept) -> Row:
    fix = fix_of(one.undo.fix)
    return {
        "fix": one.undo.fix,
        "check": fix.check if fix else "",
        "target": one.undo.machine,
        "state": STANDS,
        "what": one.undo.what,
        "path": one.undo.path,
        "weakens": fix.weakens if fix else "",
        "status": "",
        "problem": None,
    }


def _exit(rows: Sequence[Row]) -> int:
    states = {row["state"] for row in rows}
    if states & {REFUSED, DECLINED}:
        return int(Exit.REFUSED)
    return int(Exit.FAILED if FAILED in states else Exit.DONE)
