"""Failover and what follows it, for an item or a recovery plan."""

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

_TARGET = (
    click.argument("item", default=""),
    click.option("--plan", default="", metavar="NAME", help="This recovery plan instead of an item."),
)
_COMMON = (PLAN_ONLY, CHANGE, *FOLLOWED, *SECOND_PERSON, AS_JSON)
_CONFIRM = (
    click.option(
        "--confirm", default="", metavar="NAME", help="The name of the item or recovery plan, once more."
    ),
    click.option("--yes", is_flag=True, help="Confirm what can be undone; this needs the name as well."),
)


@click.command(short_help="Fail a machine or a recovery plan over to Azure.")
@with_options(
    *_TARGET,
    POINT,
    click.option(
        "--shutdown/--no-shutdown", default=True, help="Shut the source down first; done unless told not to."
    ),
    *VERIFIED,
    ANSWER,
    YES,
    *_COMMON,
)
@click.pass_obj
def failover(options: Globals, /, **given: Any) -> None:
    """Fail ITEM over to Azure: shown first, started with consent, followed to its end, looked at there.

    Replication stops before it begins, and cancelling does not undo it. Afterwards: lifeboat change-point or
    lifeboat commit.
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
        click.option(
            "--point",
            default="",
            metavar="POINT",
            help="latest-processed, latest-app-consistent, or a point's id: lifeboat items points ITEM",
        ),
        YES,
    ),
    _verb(
        "commit",
        "Commit a failover: every recovery point is deleted.",
        "Finish the failover of ITEM: the machine stays in Azure, and every recovery point is deleted.",
        *_CONFIRM,
        ANSWER,
    ),
    _verb(
        "cancel",
        "Cancel a failover: replication does not come back.",
        "Cancel the failover of ITEM. Replication has stopped and does not come back.",
        *_CONFIRM,
    ),
    _verb(
        "planned-failover",
        "Fail over without loss while the source still works, where it can.",
        "Shut the source down, send the last changes and start the machine on the other side, where its "
        "provider can.",
        click.option(
            "--with",
            "details",
            multiple=True,
            metavar="KEY=VALUE",
            help="On the way home from Azure, as dataSyncOption=ForDownTime: the data is sent first.",
        ),
        ANSWER,
        YES,
    ),
    _verb(
        "reprotect",
        "Replicate a committed machine the other way.",
        "Replicate ITEM the other way after a committed failover, where its provider can.",
        click.option(
            "--with",
            "details",
            multiple=True,
            metavar="KEY=VALUE",
            help="What its provider has to know; a refusal names what lacks.",
        ),
        YES,
    ),
    _verb(
        "disable",
        "End the protection of a machine.",
        "End the protection of ITEM. Every recovery point is deleted.",
        *_CONFIRM,
    ),
)
