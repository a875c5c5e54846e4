"""What is protected and what runs: items, jobs, servers."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli.globals import Globals, leave

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
_YES = click.option("--yes", is_flag=True, help="Confirm.")


@click.group(invoke_without_command=True, short_help="List what is protected; change its settings.")
@click.option("--watch", is_flag=True, help="Go on, and print what moves.")
@_AS_JSON
@click.pass_context
def items(context: click.Context, watch: bool, as_json: bool) -> None:
    """List the protected items of the vault: state, health, RPO, last drill, and what can be done now."""
    if context.invoked_subcommand is None:
        from tui.cli.items import list_items

        leave(context.obj, lambda: list_items(context.obj, watch=watch, as_json=as_json))


@items.command("set", short_help="Change compute and network settings of an item.")
@click.argument("item")
@click.argument("settings", metavar="KEY=VALUE...", nargs=-1, required=True)
@click.option("--plan-only", is_flag=True, help="Show what would change, and do nothing.")
@_YES
@_AS_JSON
@click.pass_obj
def items_set(
    options: Globals, item: str, settings: tuple[str, ...], plan_only: bool, yes: bool, as_json: bool
) -> None:
    """Change what ITEM will be in Azure.

    KEY is name, size, resource-group, availability-set, managed-disks, network, subnet or address.
    """
    from tui.cli.items import set_item

    leave(options, lambda: set_item(options, item, settings, plan_only=plan_only, yes=yes, as_json=as_json))


@click.group(invoke_without_command=True, short_help="List jobs; cancel, restart or resume one.")
@click.option("--watch", is_flag=True, help="Go on, and print what moves.")
@click.option("--running", is_flag=True, help="Only those that are not over.")
@_AS_JSON
@click.pass_context
def jobs(context: click.Context, watch: bool, running: bool, as_json: bool) -> None:
    """List the jobs of the vault, the newest first."""
    if context.invoked_subcommand is None:
        from tui.cli.jobs import list_jobs

        leave(context.obj, lambda: list_jobs(context.obj, watch=watch, running=running, as_json=as_json))


def _verb(verb: str, short: str, about: str) -> click.Command:
    @click.command(verb, short_help=short, help=about)
    @click.argument("job", metavar="ID")
    @click.option("--comments", default="", help="Kept by Azure with the job (resume).")
    @click.option(
        "--confirm", default="", metavar="NAME", help="The target's name, where it cannot be undone."
    )
    @_YES
    @_AS_JSON
    @click.pass_obj
    def command(options: Globals, job: str, comments: str, confirm: str, yes: bool, as_json: bool) -> None:
        from tui.cli.jobs import act

        leave(
            options,
            lambda: act(options, verb, job, comments=comments, yes=yes, confirm=confirm, as_json=as_json),
        )

    return command


for _made in (
    _verb("cancel", "Cancel a job.", "Cancel a job, when Azure allows it."),
    _verb("restart", "Start a failed job again.", "Start a failed job again, when Azure allows it."),
    _verb(
        "resume", "Resume a job that waits.", "Resume a job that waits for a person, as at a manual action."
    ),
):
    jobs.add_command(_made)


@jobs.command("export", short_help="Write all jobs with their tasks into a file.")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def jobs_export(options: Globals, path: Path) -> None:
    """Write every job with its tasks and errors into the new FILE, one JSON object a line."""
    from tui.cli.jobs import export

    leave(options, lambda: export(options, path))


@click.command(short_help="Show configuration and process servers.")
@_AS_JSON
@click.pass_obj
def servers(options: Globals, as_json: bool) -> None:
    """Show configuration and process servers against the documented limits; exit 1 when one is failed."""
    from tui.cli.servers import list_servers

    leave(options, lambda: list_servers(options, as_json=as_json))


COMMANDS = (items, jobs, servers)
