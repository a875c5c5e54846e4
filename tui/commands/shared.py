"""Options that several commands of the console take, with the same words for each."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from services.text import _, plain

FILE = click.Path(path_type=Path)


class Positive(click.types.FloatParamType):
    """A number above zero; neither `nan` nor `inf`, which are floats too."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not 0 < number < math.inf:
            self.fail(_("'{given}' is no number above zero.").format(given=plain(str(value), 60)), param, ctx)
        return number


POSITIVE = Positive()

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
YES = click.option("--yes", is_flag=True, help="Confirm.")
PLAN_ONLY = click.option("--plan-only", is_flag=True, help="Show what would be done, and do nothing.")
CHANGE = click.option(
    "--change", default="", metavar="REF", help="Reference of the change, as CHG-7; kept with the run."
)
POINT = click.option(
    "--point",
    default="",
    metavar="POINT",
    help="latest-processed (the default), latest-app-consistent, latest, or a point's id: "
    "lifeboat items points ITEM",
)
ANSWER = click.option(
    "--answer-manual",
    default="",
    metavar="TEXT",
    help="Resume each step at which the job waits for a person with this comment.",
)
FOLLOWED = (
    click.option(
        "--timeout",
        type=POSITIVE,
        metavar="SECONDS",
        help="Wait no longer, then exit 5; what was asked of Azure goes on there.",
    ),
    click.option(
        "--sign", default="", metavar="KEY", help="Sign the evidence: a key file, or `agent` for ssh-agent."
    ),
)
VERIFIED = (
    click.option(
        "--check",
        multiple=True,
        metavar="CHECK",
        help="What must answer, as app-01=http:80/, tcp:22, ssh:COMMAND=OUTPUT; several with commas, or repeated.",
    ),
    click.option("--checks", type=FILE, metavar="FILE", help="Checks as [[check]] tables of this TOML file."),
    click.option(
        "--rto",
        type=POSITIVE,
        metavar="MINUTES",
        help="Target for the time to recover, for the evidence.",
    ),
    click.option(
        "--rpo", type=POSITIVE, metavar="MINUTES", help="Target for the data that is lost, for the evidence."
    ),
)
SECOND_PERSON = (
    click.option(
        "--save-plan",
        type=FILE,
        metavar="FILE",
        help="Only write the plan for a second person, who runs `lifeboat approve FILE`; nothing is done.",
    ),
    click.option(
        "--approval",
        type=FILE,
        metavar="FILE",
        help="The plan file that a second person has signed; FILE.sig stands beside it.",
    ),
    click.option(
        "--allowed-signers",
        type=FILE,
        metavar="FILE",
        help="The people who may sign, in OpenSSH's format.",
    ),
)


def with_options(*options: Any) -> Callable[[Any], Any]:
    """A decorator that adds these options to a command, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
