"""Drills: held, and cleaned up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui.cli.globals import Globals, leave
from tui.commands.second_person import SECOND_PERSON, with_options

_SHARED = (
    click.option("--plan", default="", metavar="NAME", help="A whole recovery plan instead of items."),
    click.option("--plan-only", is_flag=True, help="Show what would be done, and do nothing."),
    click.option("--yes", is_flag=True, help="Confirm."),
    click.option(
        "--sign", default="", metavar="KEY", help="Sign the evidence with this key file, or `agent`."
    ),
    click.option("--timeout", type=float, metavar="SECONDS", help="Stop waiting; the job runs on."),
    *SECOND_PERSON,
    click.option("--json", "as_json", is_flag=True, help="One JSON object a line."),
)


@click.command(short_help="Test failover into an isolated network, with checks and evidence.")
@click.argument("items", metavar="ITEM...", nargs=-1)
@click.option(
    "--network", default="", metavar="NAME", help="The network; `new` makes one; without, one is proposed."
)
@click.option(
    "--point",
    default="",
    metavar="POINT",
    help="latest-processed (default), latest-app-consistent, latest, or a point's name.",
)
@click.option(
    "--check", multiple=True, metavar="CHECK", help="As app-01=http:80/, tcp:22, ssh:COMMAND=OUTPUT."
)
@click.option("--checks", type=click.Path(path_type=Path), metavar="FILE", help="Checks from a TOML file.")
@click.option("--note", "notes", default="", metavar="TEXT", help="Kept with the evidence and by Azure.")
@click.option("--cleanup", is_flag=True, help="Clean up when the checks are done.")
@click.option("--confirm", default="", metavar="NAME", help="Take this network although it is not isolated.")
@click.option(
    "--answer-manual",
    default="",
    metavar="TEXT",
    help="Resume each manual action of the recovery plan with this comment.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why it is taken.")
@click.option("--change", default="", metavar="REF", help="The reference of the change.")
@click.option("--rto", type=float, metavar="MINUTES", help="The target for the time to recover.")
@click.option("--rpo", type=float, metavar="MINUTES", help="The target for the data that is lost.")
@with_options(*_SHARED)
@click.pass_obj
def drill(options: Globals, /, **given: Any) -> None:
    """Start a copy of each ITEM in an isolated network in Azure, verify it, and write the evidence.

    Production and replication go on. A drill that was cut off is taken up by the same command.
    """
    from tui.cli.recover import DrillOptions
    from tui.cli.recover import drill as hold

    leave(options, lambda: hold(options, DrillOptions(**given)))


@click.command(short_help="Delete a drill's machines, and look that nothing is left.")
@click.argument("items", metavar="ITEM...", nargs=-1)
@click.option(
    "--notes", default="", metavar="TEXT", help="What was seen; kept by Azure as the job's comments."
)
@with_options(*_SHARED)
@click.pass_obj
def cleanup(options: Globals, /, **given: Any) -> None:
    """Clean up the drill of each ITEM, whoever held it. Exit 1 while something of it is left in Azure."""
    from tui.cli.recover import DrillOptions, clean_up

    leave(options, lambda: clean_up(options, DrillOptions(**given)))


COMMANDS = (drill, cleanup)
