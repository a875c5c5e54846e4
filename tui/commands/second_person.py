"""The options for a second person's consent, the same for every command that takes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

SECOND_PERSON = (
    click.option(
        "--save-plan",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the plan for a second person, who runs `lifeboat approve FILE`.",
    ),
    click.option(
        "--approval", type=click.Path(path_type=Path), metavar="FILE", help="The plan that was approved."
    ),
    click.option(
        "--allowed-signers",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Who may approve, in OpenSSH's format.",
    ),
)


def with_options(*options: Any) -> Callable[[Any], Any]:
    """A decorator that adds these options to a command, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
