"""`lifeboat plans`: recovery plans as a list, out as JSON, in as JSON, and away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from services.evidence.model import Approved
from services.problems.model import Problem, ProblemError, UsageError
from services.recovery import plan_edit, plan_json, run
from services.recovery.plans import BOOT, RecoveryPlan, find_plan, recovery_plans
from services.recovery.verbs import verbs
from services.text import _, plain
from services.world.deadline import Deadline
from tui.cli import second_person
from tui.cli.consent import agreed, show, typed
from tui.cli.globals import Globals, json_line
from tui.cli.vaults import opened_vault

WRITE, DELETE = "write-plan", "delete-plan"
"""The verbs of the runs, and what a second person signs."""


@dataclass(frozen=True)
class PlanOptions:
    """What was typed for a change of a recovery plan. `confirm` is its name, for deleting it."""

    plan_only: bool = False
    yes: bool = False
    as_json: bool = False
    confirm: str = ""
    change: str = ""
    save_plan: Path | None = None
    approval: Path | None = None
    allowed_signers: Path | None = None


def silent(_event: Mapping[str, Any]) -> None:
    """Say nothing of what goes on."""


def list_plans(options: Globals, *, as_json: bool) -> int:
    """Every recovery plan of the vault: groups, machines, last drill, what can be done."""
    with opened_vault(options, Deadline(), silent) as vault:
        found = recovery_plans(vault)
        for one in found:
            if as_json:
                json_line(plan_row(one))
            else:
                click.echo(plain(_line(one)).rstrip())
        if not found and not as_json:
            click.echo(_("There are no recovery plans in this vault."), err=True)
    return 0


def export(options: Globals, name: str, path: Path | None) -> int:
    """A recovery plan as JSON, on stdout or into a new file."""
    with opened_vault(options, Deadline(), silent) as vault:
        document = plan_json.plan_json(find_plan(vault, name), vault.items())
    text = json.dumps(document, indent=1) + "\n"
    if path is None:
        click.echo(text, nl=False)
        return 0
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        what = _("cannot be written: {why}").format(why=error.strerror or str(error))
        raise ProblemError(Problem("unwritable", str(path), what)) from error
    return 0


def apply(options: Globals, path: Path, given: PlanOptions) -> int:
    """Create or change a recovery plan as a file says; exit 1 when Azure has dropped any of it."""
    second_person.refuse_incomplete(given)
    document, deadline = _read(path), Deadline()
    with opened_vault(options, deadline, json_line if given.as_json else silent) as vault:
        items = vault.items()
        wanted = plan_json.wanted_plan(document, vault, items, str(path))
        shown = plan_edit.write_plan(vault, wanted, items)
        show(shown, as_json=given.as_json)
        if shown.empty:
            run.close_settled(vault, WRITE, wanted.id, "done")
            if not given.as_json:
                click.echo(_("Everything is as wanted; nothing was changed."), err=True)
            return 0
        second_person.saved(vault, WRITE, wanted.id, shown, given)
        if second_person.only_shown(given):
            return 0
        signed = second_person.approved(vault, WRITE, wanted.id, shown, given)
        agreed(wanted.name, yes=given.yes)
        about = {"digest": shown.digest}
        hand = run.begin(vault, WRITE, [wanted.id], [wanted.name], about, deadline)
        with hand.closing():
            _noted(hand, given, signed)
            written = plan_edit.write(hand, vault, wanted, items, shown)
        if given.as_json:
            json_line(plan_row(written))
        else:
            click.echo(_("Written, and read back as it was wanted."), err=True)
    return 0


def delete(options: Globals, name: str, given: PlanOptions) -> int:
    """Delete a recovery plan; its name must be typed."""
    second_person.refuse_incomplete(given)
    deadline = Deadline()
    with opened_vault(options, deadline, json_line if given.as_json else silent) as vault:
        target = find_plan(vault, name)
        shown = plan_edit.delete_plan(target)
        show(shown, as_json=given.as_json)
        second_person.saved(vault, DELETE, target.id, shown, given)
        if second_person.only_shown(given):
            return 0
        signed = second_person.approved(vault, DELETE, target.id, shown, given)
        gone = _("The recovery plan's groups, order and actions are gone for good.")
        typed(target.name, given.confirm, gone)
        hand = run.begin(vault, DELETE, [target.id], [target.name], {}, deadline)
        with hand.closing():
            _noted(hand, given, signed)
            plan_edit.delete(hand, vault, target, shown)
        if not given.as_json:
            click.echo(_("Deleted."), err=True)
    return 0


def _noted(hand: run.Run, given: PlanOptions, signed: Approved | None) -> None:
    """Keep the change reference and the approval with the run, before anything is sent."""
    if given.change:
        hand.learn(change=given.change)
    second_person.noted(hand, signed)


def plan_row(plan: RecoveryPlan) -> dict[str, Any]:
    """A recovery plan as one JSON object: ids, codes and values."""
    return {
        "id": plan.id,
        "name": plan.name,
        "groups": sum(group.kind == BOOT for group in plan.groups),
        "machines": len(plan.members),
        "manualActions": sum(a.kind == "manual" for g in plan.groups for a in (*g.before, *g.after)),
        "providers": list(plan.providers),
        "lastDrill": plan.last_drill and plan.last_drill.isoformat(),
        "lastFailover": plan.last_failover and plan.last_failover.isoformat(),
        "job": plan.job,
        "verbs": [verb.id for verb in verbs() if verb.operation in plan.allowed],
    }


def _line(plan: RecoveryPlan) -> str:
    row = plan_row(plan)
    drill = _("drill {day}").format(day=f"{plan.last_drill:%Y-%m-%d}") if plan.last_drill else _("no drill")
    size = _("{groups} groups, {machines} machines").format(groups=row["groups"], machines=row["machines"])
    return f"{plan.name:<24} {size:<26} {drill:<17} {' '.join(row['verbs'])}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = _("cannot be read: {why}").format(why=error.strerror or str(error))
        raise UsageError(Problem("unreadable", str(path), what)) from error
