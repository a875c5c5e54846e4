"""Failover and what follows it, for an item or a recovery plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui.cli.globals import Globals, leave
from tui.commands.second_person import SECOND_PERSON, with_options

_POINT_HELP = "latest, latest-processed, latest-app-consistent, or the id of a recovery point."
_TARGET = [
    click.argument("item", default=""),
    click.option("--plan", default="", metavar="NAME", help="This recovery plan instead of an item."),
]
_COMMON = [
    click.option("--change", default="", metavar="REF", help="Change reference, for the record."),
    click.option("--plan-only", is_flag=True, help="Show what would be done, and do nothing."),
    click.option(
        "--timeout", type=float, metavar="SECONDS", help="Wait so long; then exit 5, the job goes on."
    ),
    click.option(
        "--sign", default="", metavar="KEY", help="Sign the evidence with this key file, or `agent`."
    ),
    *SECOND_PERSON,
    click.option("--json", "as_json", is_flag=True, help="One JSON object a line."),
]
_YES = click.option("--yes", is_flag=True, help="Confirm.")
_CONFIRM = click.option(
    "--confirm", default="", metavar="NAME", help="The name of the item or recovery plan, once more."
)
_ANSWER = click.option(
    "--answer-manual",
    default="",
    metavar="TEXT",
    help="Resume each step at which the job waits for a person with this comment.",
)


@click.command(short_help="Fail a machine or a recovery plan over to Azure.")
@with_options(
    *_TARGET,
    click.option("--point", default="latest", show_default=True, metavar="POINT", help=_POINT_HELP),
    click.option("--shutdown/--no-shutdown", default=True, help="Shut the source down first; on by default."),
    click.option("--check", multiple=True, metavar="CHECK", help="As app-01=tcp:22; may be repeated."),
    click.option(
        "--checks", type=click.Path(path_type=Path), metavar="FILE", help="Checks of this TOML file."
    ),
    click.option("--rto", type=float, metavar="MINUTES", help="The target for the time to recover."),
    click.option("--rpo", type=float, metavar="MINUTES", help="The target for the data that is lost."),
    _ANSWER,
    _YES,
    *_COMMON,
)
@click.pass_obj
def failover(options: Globals, /, **given: Any) -> None:
    """Fail ITEM over: shown first, started with consent, followed, looked at in Azure.

    It is not undone by cancelling. Afterwards: change-point or commit.
    """

    def run() -> int:
        from tui.cli.failover import VerbOptions, fail_over

        return fail_over(options, VerbOptions(**given))

    leave(options, run)


def _verb(id_: str, short: str, about: str, *more: Any) -> click.Command:
    @click.command(id_, short_help=short, help=about)
    @with_options(*_TARGET, *more, *_COMMON)
    @click.pass_obj
    def command(options: Globals, /, **given: Any) -> None:
        def run() -> int:
            from tui.cli.failover import VerbOptions, follow_up

            return follow_up(options, id_, VerbOptions(**given))

        leave(options, run)

    return command


COMMANDS = (
    failover,
    _verb(
        "change-point",
        "Set a failed-over machine to another recovery point.",
        "Replace the machine in Azure by one from another recovery point, before commit.",
        click.option("--point", default="", metavar="POINT", help=_POINT_HELP),
        _YES,
    ),
    _verb(
        "commit",
        "Commit a failover: every recovery point is deleted.",
        "Finish the failover of ITEM. Every recovery point is deleted.",
        _CONFIRM,
        _ANSWER,
    ),
    _verb(
        "cancel",
        "Cancel a failover: replication does not come back.",
        "Cancel the failover of ITEM. Replication has stopped and does not come back.",
        _CONFIRM,
    ),
    _verb(
        "planned-failover",
        "Planned failover, where the provider has it.",
        "Shut the source down, send the last changes and start the machine on the other side.",
        click.option(
            "--with",
            "details",
            multiple=True,
            metavar="KEY=VALUE",
            help="On the way home from Azure, as dataSyncOption=ForDownTime: the data is sent first.",
        ),
        _ANSWER,
        _YES,
    ),
    _verb(
        "reprotect",
        "Replicate a committed machine the other way.",
        "Replicate ITEM the other way after a committed failover, where its provider can.",
        click.option(
            "--with", "details", multiple=True, metavar="KEY=VALUE", help="What its provider must be told."
        ),
        _YES,
    ),
    _verb(
        "disable",
        "End the protection of a machine.",
        "End the protection of ITEM. Every recovery point is deleted.",
        _CONFIRM,
    ),
)
