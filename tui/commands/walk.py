"""Set-up without screens: answers, run, engagements."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli.globals import Globals, leave
from tui.commands.shared import POSITIVE


@click.command(short_help="Print an answers file with every question.")
@click.argument("name", metavar="SCENARIO")
@click.pass_obj
def answers(options: Globals, name: str) -> None:
    """Print an answers file for SCENARIO, with a comment on every question.

    SCENARIO is azure-stack-to-azure, or existing-vault, which names a vault that protects machines already. On
    the practice world the file runs as it is:

    \b
      lifeboat --practice answers azure-stack-to-azure > a.toml
      lifeboat --practice run --answers a.toml --yes
    """
    from tui.cli.walk import print_answers

    leave(options, lambda: print_answers(options, name))


@click.command(short_help="Set up without screens, with the answers of a file.")
@click.option(
    "--answers",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="As `lifeboat answers` prints it.",
)
@click.option("--until", default="", metavar="STEP", help="Stop after this step.")
@click.option("--json", "as_json", is_flag=True, help="One JSON event a line.")
@click.option("--yes", is_flag=True, help="Confirm each plan without being asked.")
@click.option(
    "--timeout",
    type=POSITIVE,
    metavar="SECONDS",
    help="Wait no longer, then exit 5; what was asked of Azure goes on there.",
)
@click.pass_obj
def run(options: Globals, path: Path, until: str, as_json: bool, yes: bool, timeout: float | None) -> None:
    """Walk a scenario without screens, with the answers of a file.

    Stopped at any moment and run again, it goes on where it was and asks nothing twice.
    """
    from tui.cli.walk import run_file

    leave(options, lambda: run_file(options, path, until=until, as_json=as_json, yes=yes, timeout=timeout))


@click.command(short_help="List what is being set up, and how far it is.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; no line where there is none.")
@click.pass_obj
def engagements(options: Globals, as_json: bool) -> None:
    """List what is being set up: name, steps done, and the step it stands at."""
    from tui.cli.walk import list_engagements

    leave(options, lambda: list_engagements(options, as_json))


COMMANDS = (answers, run, engagements)
