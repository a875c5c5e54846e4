"""A plan on the terminal or as JSON, and the consent to it: --yes, a question, or the thing's name typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from services.changes.plan import Plan
from services.problems.model import Problem, RefusedError
from services.text import _, plain
from tui.cli.globals import can_ask, json_line
from tui.cli.pasted import pasted


def plan_json(plan: Plan, **more: Any) -> dict[str, Any]:
    """A plan as one JSON object, the `plan` event."""
    return {
        "event": "plan",
        "action": plan.action,
        "digest": plan.digest,
        "changes": [vars(change) for change in plan.changes],
        "needs": list(plan.needs),
        "notes": list(plan.notes),
        **more,
    }


def show(plan: Plan, *, as_json: bool, more: Mapping[str, Any] | None = None) -> None:
    """Say what would be done: as JSON on stdout, for a person on stderr."""
    if as_json:
        json_line(plan_json(plan, **(more or {})))
        return
    for change in plan.changes:
        rest = f"  {change.detail}" if change.detail else ""
        click.echo(plain(f"{change.kind:<7} {change.thing}: {change.name}{rest}"), err=True)
    for note in plan.notes:
        click.echo(plain(f"  {pasted(note)}"), err=True)
    for need in plan.needs:
        click.echo(f"  {_('needs')}: {need}", err=True)


def agreed(subject: str, *, yes: bool) -> None:
    """RefusedError unless somebody said yes."""
    if yes or (can_ask() and click.confirm(_("Do it?"), default=False, err=True)):
        return
    what = _("The plan was not confirmed; nothing was changed.")
    raise RefusedError(Problem("not-confirmed", subject, what, remedy=_("Add --yes.")))


def typed(name: str, confirm: str, consequence: str) -> None:
    """What cannot be undone: RefusedError unless the thing's own name was given."""
    given = confirm
    if not given and can_ask():
        click.echo(plain(consequence), err=True)
        given = click.prompt(_("Type {name} to go on").format(name=plain(name)), default="", err=True)
    if given == name:
        return
    remedy = _("If that is wanted, add: --confirm {name}").format(name=name)
    raise RefusedError(Problem("needs-confirm", name, consequence, remedy=remedy))
