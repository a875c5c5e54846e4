"""Runs that are not over: listed, and let go."""

from __future__ import annotations

import click

from tui.cli.globals import Globals, leave

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group(
    short_help="List drills, failovers and others not over; let one go.", invoke_without_command=True
)
@_JSON
@click.pass_context
def runs(ctx: click.Context, as_json: bool) -> None:
    """List the drills, failovers and other runs that were begun with this journal and are not over.

    Each with its number, and whether anything of it runs on in Azure.
    """
    if ctx.invoked_subcommand is None:
        from tui.cli.runs import list_runs

        options: Globals = ctx.obj
        leave(options, lambda: list_runs(options, as_json=as_json))


@runs.command("let-go", short_help="End a run that nobody goes on with.")
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="Confirm.")
@_JSON
@click.pass_obj
def let_go(options: Globals, name: str, yes: bool, as_json: bool) -> None:
    """End the open run of the item or recovery plan NAME, or of this number, so that another can begin there.

    Refused (exit 4) while its job runs in Azure: give its command again, or wait until it has ended.
    """
    from tui.cli.runs import let_go as end

    leave(options, lambda: end(options, name, yes=yes, as_json=as_json))


COMMANDS = (runs,)
