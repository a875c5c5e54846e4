"""Readiness without screens: check, fix, undo, waive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui.cli.globals import Globals, leave

WHICH_OPTIONS = [
    click.option(
        "--machines", type=click.Path(path_type=Path), metavar="FILE", help="The machines of this CSV file."
    ),
    click.option("--engagement", default="", metavar="NAME", help="Machines and answers of this engagement."),
    click.option(
        "--accept-new-host-keys",
        "accept_new",
        is_flag=True,
        help="Accept SSH host keys that were never seen here.",
    ),
    click.option(
        "--allow-sha1",
        "sha1",
        multiple=True,
        metavar="NAME",
        help="Allow SSH with SHA-1 for this machine; may be repeated.",
    ),
    click.option(
        "--allow-tls1",
        "tls1",
        multiple=True,
        metavar="NAME",
        help="Allow WinRM with TLS 1.0 for this machine; may be repeated.",
    ),
    click.option(
        "--allow-reason", "reason", default="", metavar="TEXT", help="Why that is allowed, for the journal."
    ),
]
WHICH = ("machines", "engagement", "accept_new", "sha1", "tls1", "reason")


def which_options(command: Any) -> Any:
    """Which machines a command of readiness is about."""
    for option in reversed(WHICH_OPTIONS):
        command = option(command)
    return command


@click.command(short_help="Look whether machines are ready.")
@which_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all findings.")
@click.option(
    "--export",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write findings.json, .csv and .md there.",
)
@click.option("--all", "everything", is_flag=True, help="Show what is ok too, and all that was seen.")
@click.pass_obj
def check(options: Globals, /, export: Path | None, as_json: bool, everything: bool, **which: Any) -> None:
    """Look whether machines are ready; exit 1 when something blocks.

    Without --machines and --engagement these are the machines of the only engagement; in practice, all machines
    of the practice world.
    """

    def run() -> int:
        from tui.cli.check import CheckOptions, wanted
        from tui.cli.check import check as look

        return look(options, CheckOptions(wanted(options, **which), as_json, export, everything))

    leave(options, run)


@click.command(short_help="Mend what a check found, shown first and made with consent.")
@click.argument("check", default="")
@which_options
@click.option("--machine", "names", multiple=True, metavar="NAME", help="Only this machine; may be repeated.")
@click.option(
    "--all-of-kind",
    "kind",
    default="",
    metavar="CHECK",
    help="The fixes of this check on all machines, with one consent.",
)
@click.option("--plan-only", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Confirm; what weakens a machine still needs CHECK.")
@click.option("--list", "listing", is_flag=True, help="List the fixes that stand.")
@click.option(
    "--export", type=click.Path(path_type=Path), metavar="DIR", help="Write the fixes as scripts there."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def fix(
    options: Globals,
    /,
    names: tuple[str, ...],
    listing: bool,
    export: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Mend what CHECK found, or every check where none is named.

    Each fix is shown first and made with consent. lifeboat undo takes it back.
    """

    def run() -> int:
        from tui.cli import fix as fixes
        from tui.cli.check import wanted

        which = wanted(options, **{key: given.pop(key) for key in WHICH})
        if listing:
            return fixes.listed(options, which, as_json=as_json)
        chosen = fixes.FixOptions(which, machines=names, as_json=as_json, **given)
        return fixes.export(options, chosen, export) if export else fixes.fix(options, chosen)

    leave(options, run)


@click.command(short_help="Take fixes back: machines as they were before.")
@which_options
@click.option(
    "--machine", "names", multiple=True, metavar="NAME", help="Only on this machine; may be repeated."
)
@click.option(
    "--fix", "fixes", multiple=True, metavar="FIX", help="Only this fix, as --list names it; may be repeated."
)
@click.option("--list", "listing", is_flag=True, help="List what stands, and do nothing.")
@click.option("--yes", is_flag=True, help="Confirm.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def undo(
    options: Globals,
    /,
    names: tuple[str, ...],
    fixes: tuple[str, ...],
    listing: bool,
    yes: bool,
    as_json: bool,
    **which: Any,
) -> None:
    """Take fixes back: the machine is then as it was before them."""

    def run() -> int:
        from tui.cli.check import wanted
        from tui.cli.undo import UndoOptions
        from tui.cli.undo import undo as take_back

        return take_back(options, UndoOptions(wanted(options, **which), names, fixes, listing, yes, as_json))

    leave(options, run)


@click.command(short_help="Accept a finding in writing.")
@click.argument("check")
@click.argument("target")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is accepted.")
@click.option("--by", default="", metavar="NAME", help="Who accepts it; you, unless somebody is named.")
@click.option(
    "--until", default="", metavar="DAY", help="Until this day, as 2027-01-31; without it, for good."
)
@click.option("--engagement", default="", metavar="NAME", help="In this engagement.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def waive(options: Globals, /, engagement: str, as_json: bool, **given: str) -> None:
    """Accept what CHECK found on TARGET ('*': everywhere), in writing."""

    def run() -> int:
        from services.readiness.model import Waiver
        from tui.cli.waive import WaiveOptions
        from tui.cli.waive import waive as accept

        return accept(options, WaiveOptions(Waiver(**given), engagement, as_json))

    leave(options, run)


COMMANDS = (check, fix, undo, waive)
