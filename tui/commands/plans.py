"""Recovery plans: list, export, apply, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui.cli.globals import Globals, leave
from tui.commands.shared import AS_JSON, CHANGE, PLAN_ONLY, SECOND_PERSON, YES, with_options

_COMMON = (PLAN_ONLY, CHANGE, *SECOND_PERSON, AS_JSON)


@click.group(
    invoke_without_command=True,
    short_help="List recovery plans; create, change, export, delete one.",
)
@AS_JSON
@click.pass_context
def plans(context: click.Context, as_json: bool) -> None:
    """List the recovery plans of the vault: groups, machines, last drill, and what can be done now."""
    if context.invoked_subcommand is None:
        from tui.cli.plans import list_plans

        leave(context.obj, lambda: list_plans(context.obj, as_json=as_json))


@plans.command("export", short_help="Write a recovery plan as JSON.")
@click.argument("name")
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def plans_export(options: Globals, name: str, path: Path | None) -> None:
    """Write the recovery plan NAME as JSON into the new FILE, or on stdout. `plans apply` reads it."""
    from tui.cli.plans import export

    leave(options, lambda: export(options, name, path))


@plans.command("apply", short_help="Create or change a recovery plan from JSON.")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@with_options(YES, *_COMMON)
@click.pass_obj
def plans_apply(options: Globals, /, path: Path, **given: Any) -> None:
    """Create or change a recovery plan as FILE says, which is JSON as `plans export` writes it.

    It is read back afterwards: exit 1 when Azure dropped any of it.
    """
    from tui.cli.plans import PlanOptions, apply

    leave(options, lambda: apply(options, path, PlanOptions(**given)))


@plans.command("delete", short_help="Delete a recovery plan.")
@click.argument("name")
@click.option("--confirm", default="", metavar="NAME", help="The recovery plan's name once more.")
@with_options(YES, *_COMMON)
@click.pass_obj
def plans_delete(options: Globals, /, name: str, **given: Any) -> None:
    """Delete the recovery plan NAME; its machines stay protected."""
    from tui.cli.plans import PlanOptions, delete

    leave(options, lambda: delete(options, name, PlanOptions(**given)))


COMMANDS = (plans,)
