"""The practice servers: their options, and the commands that start them alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui.cli.globals import Globals, leave
from tui.commands.shared import POSITIVE, YES
from tui.practice import PracticeOptions

MOST = 100_000
"""Machines; more than any vault holds. A slip of the finger must not take all the memory of a jump host."""
PRACTICE_OPTIONS = [
    click.option("--speed", type=POSITIVE, metavar="X", help="Practice: world seconds per real second (60)."),
    click.option(
        "--items",
        type=click.IntRange(0, MOST),
        metavar="N",
        help="Practice: a vault that protects N machines already.",
    ),
    click.option(
        "--hyperv",
        type=click.IntRange(0, MOST),
        metavar="N",
        help="Practice: a Hyper-V site that protects N more.",
    ),
    click.option(
        "--faults",
        type=click.Path(path_type=Path, exists=True),
        metavar="FILE",
        help="Practice: faults to inject.",
    ),
    click.option(
        "--record",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Practice: record each exchange there.",
    ),
]


def practice_options(command: Any) -> Any:
    """The options of the practice servers, for --practice and `practice serve` alike."""
    for option in reversed(PRACTICE_OPTIONS):
        command = option(command)
    return command


@click.group(short_help="The practice servers alone, for any client.")
def practice() -> None:
    """The practice servers alone, for any client of Azure Resource Manager."""


@practice.command(short_help="Serve the practice world until interrupted.")
@practice_options
@click.pass_obj
def serve(options: Globals, /, **given: Any) -> None:
    """Serve the practice world until interrupted; prints it as one JSON object."""
    from tui.practice import serve_here

    leave(options, lambda: serve_here(options.root, PracticeOptions(**given)))


@practice.command(short_help="Stop the servers and start afresh.")
@YES
@click.pass_obj
def reset(options: Globals, yes: bool) -> None:
    """Stop the practice servers and start afresh with new secrets; journals of practice are kept aside."""
    from tui.cli.practice import reset as reset_practice

    leave(options, lambda: reset_practice(options, yes=yes))


COMMANDS = (practice,)
