"""Drills: held, and cleaned up."""

from __future__ import annotations

from typing import Any

import click

from tui.cli.globals import Globals, leave
from tui.commands.shared import (
    ANSWER,
    AS_JSON,
    CHANGE,
    FOLLOWED,
    PLAN_ONLY,
    POINT,
    SECOND_PERSON,
    VERIFIED,
    YES,
    with_options,
)

_ITEMS = (
    click.argument("items", metavar="[ITEM]...", nargs=-1),
    click.option("--plan", default="", metavar="NAME", help="This recovery plan instead of items."),
)
_COMMON = (YES, PLAN_ONLY, *FOLLOWED, *SECOND_PERSON, AS_JSON)


@click.command(short_help="Test failover into an isolated network, with checks and evidence.")
@with_options(
    *_ITEMS,
    click.option(
        "--network",
        default="",
        metavar="NAME",
        help="Where the copies start; `new` makes a network for this drill. Without it, an isolated one that has "
        "drill or test in its name is taken, else one is made.",
    ),
    click.option(
        "--confirm", default="", metavar="NAME", help="Take this network although it is not proven isolated."
    ),
    click.option("--reason", default="", metavar="TEXT", help="Why such a network is taken."),
    POINT,
    *VERIFIED,
    click.option("--cleanup", is_flag=True, help="Clean up when the checks are done."),
    click.option(
        "--note", "--notes", "notes", default="", metavar="TEXT", help="Kept with the evidence and by Azure."
    ),
    ANSWER,
    CHANGE,
    *_COMMON,
)
@click.pass_obj
def drill(options: Globals, /, **given: Any) -> None:
    """Start a copy of each ITEM in an isolated network in Azure, verify it, and write the evidence.

    Production and replication go on. A drill that was cut off is taken up by the same command. The copies run,
    and cost, until they are cleaned up.
    """
    from tui.cli.recover import DrillOptions
    from tui.cli.recover import drill as hold

    leave(options, lambda: hold(options, DrillOptions(**given)))


@click.command(short_help="Delete a drill's machines, and look that nothing is left.")
@with_options(
    *_ITEMS,
    click.option(
        "--note",
        "--notes",
        "notes",
        default="",
        metavar="TEXT",
        help="What was seen; kept with the evidence and by Azure.",
    ),
    *_COMMON,
)
@click.pass_obj
def cleanup(options: Globals, /, **given: Any) -> None:
    """Clean up the drill of each ITEM, whoever held it. Exit 1 while something of it is left in Azure."""
    from tui.cli.recover import DrillOptions, clean_up

    leave(options, lambda: clean_up(options, DrillOptions(**given)))


COMMANDS = (drill, cleanup)
