"""What is protected and what runs: items, jobs, servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui.cli.globals import Globals, leave
from tui.commands.shared import AS_JSON, PLAN_ONLY, YES, with_options


@click.group(
    invoke_without_command=True, short_help="List what is protected, and its points; change settings."
)
@click.option("--watch", is_flag=True, help="Keep looking and print what changes, until ctrl+c.")
@AS_JSON
@click.pass_context
def items(context: click.Context, watch: bool, as_json: bool) -> None:
    """List the protected items of the vault: state, health, RPO, last drill, and what can be done now."""
    if context.invoked_subcommand is None:
        from tui.cli.items import list_items

        leave(context.obj, lambda: list_items(context.obj, watch=watch, as_json=as_json))


@items.command("points", short_help="List the recovery points of an item.")
@click.argument("item")
@AS_JSON
@click.pass_obj
def items_points(options: Globals, item: str, as_json: bool) -> None:
    """List the recovery points of ITEM, the newest first: time, kind, what is lost by taking it now, and id.

    The id is what --point of drill, failover and change-point takes.
    """
    from tui.cli.items import list_points

    leave(options, lambda: list_points(options, item, as_json=as_json))


@items.command("set", short_help="Change compute and network settings of an item.")
@click.argument("item")
@click.argument("settings", metavar="KEY=VALUE...", nargs=-1, required=True)
@PLAN_ONLY
@YES
@AS_JSON
@click.pass_obj
def items_set(
    options: Globals, item: str, settings: tuple[str, ...], plan_only: bool, yes: bool, as_json: bool
) -> None:
    """Change what ITEM will be in Azure.

    \b
    name=NAME              name of the virtual machine
    size=SIZE              as Standard_D2s_v3
    resource-group=ID      the group that it goes to
    availability-set=ID    in that group; empty for none
    managed-disks=yes|no
    network=ID             the virtual network that it joins
    subnet=NAME            a subnet of that network
    address=ADDRESS        empty for one that Azure chooses
    """
    from tui.cli.items import set_item

    leave(options, lambda: set_item(options, item, settings, plan_only=plan_only, yes=yes, as_json=as_json))


@click.group(invoke_without_command=True, short_help="List jobs; cancel, restart or resume one.")
@click.option("--watch", is_flag=True, help="Keep looking and print what changes, until ctrl+c.")
@click.option("--running", is_flag=True, help="Only those that are not over.")
@AS_JSON
@click.pass_context
def jobs(context: click.Context, watch: bool, running: bool, as_json: bool) -> None:
    """List the jobs of the vault, the newest first."""
    if context.invoked_subcommand is None:
        from tui.cli.jobs import list_jobs

        leave(context.obj, lambda: list_jobs(context.obj, watch=watch, running=running, as_json=as_json))


def _verb(verb: str, short: str, about: str, *more: Any) -> click.Command:
    @click.command(verb, short_help=short, help=about)
    @click.argument("job", metavar="ID")
    @with_options(*more, YES, AS_JSON)
    @click.pass_obj
    def command(
        options: Globals, job: str, yes: bool, as_json: bool, comments: str = "", confirm: str = ""
    ) -> None:
        from tui.cli.jobs import act

        leave(
            options,
            lambda: act(options, verb, job, comments=comments, yes=yes, confirm=confirm, as_json=as_json),
        )

    return command


for _made in (
    _verb(
        "cancel",
        "Cancel a job.",
        "Cancel the job ID, as `lifeboat jobs` lists it, when Azure allows it.",
        click.option(
            "--confirm",
            default="",
            metavar="NAME",
            help="The machine's name, for a failover: it is left without replication.",
        ),
    ),
    _verb(
        "restart",
        "Start a failed job again.",
        "Start the failed job ID, as `lifeboat jobs` lists it, again, when Azure allows it.",
    ),
    _verb(
        "resume",
        "Resume a job that waits.",
        "Resume the job ID, which waits for a person, as at a manual action.",
        click.option(
            "--comments", default="", metavar="TEXT", help="What was done; Azure keeps it with the job."
        ),
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
@AS_JSON
@click.pass_obj
def servers(options: Globals, as_json: bool) -> None:
    """Show configuration and process servers against the documented limits; exit 1 when one is failed."""
    from tui.cli.servers import list_servers

    leave(options, lambda: list_servers(options, as_json=as_json))


COMMANDS = (items, jobs, servers)
