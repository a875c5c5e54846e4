"""The host, the durable memory and help from outside: doctor, journal, support."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli.globals import Globals, leave


@click.command(short_help="Show what this host gives the program.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def doctor(options: Globals, as_json: bool) -> None:
    """Show what this host gives the program, and where each value came from.

    Exit 1 when a row says failed; a warning leaves exit 0.
    """
    from tui.cli.doctor import doctor as examine

    leave(options, lambda: examine(options, as_json=as_json))


@click.group(short_help="The durable memory: copy it, check or restore a copy.")
def journal() -> None:
    """The durable memory of what was asked, by whom, with what evidence."""


@journal.command("export", short_help="Copy the journal into one file.")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def journal_export(options: Globals, path: Path) -> None:
    """Copy the journal whole into the new FILE, which proves itself; no secrets are in it."""
    from tui.cli.journal import export_journal

    leave(options, lambda: export_journal(options, path))


@journal.command("import", short_help="Put a copy in the place of an empty journal.")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def journal_import(options: Globals, path: Path) -> None:
    """Put the copy FILE in the place of an empty journal, as on a new host.

    Refused (exit 4): a copy that is altered or of another world, and a journal that has events already.
    """
    from tui.cli.journal import import_journal

    leave(options, lambda: import_journal(options, path))


@journal.command("take-over", short_help="Ask the console that holds the journal to leave.")
@click.pass_obj
def journal_take_over(options: Globals) -> None:
    """Ask the console that holds the journal to leave, and wait until it has."""
    from tui.cli.journal import take_over_journal

    leave(options, lambda: take_over_journal(options))


@journal.command("verify", short_help="Check a copy.")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def journal_verify(options: Globals, path: Path) -> None:
    """Check a copy: exit 0 when it is unaltered, else 1 and the first broken event."""
    from tui.cli.journal import verify_journal

    leave(options, lambda: verify_journal(path))


@click.group(short_help="Write a zip for somebody who helps.")
def support() -> None:
    """Write what somebody who helps needs to see."""


@support.command("bundle", short_help="Write log, doctor, versions and journal into one zip.")
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def support_bundle(options: Globals, path: Path | None) -> None:
    """Write one zip with log, crash reports, doctor's table, versions and journal, without secrets.

    Without FILE it is written here, under a name with the time. Names and addresses of machines are in it.
    """
    from tui.cli.support import bundle

    leave(options, lambda: bundle(options, path))


COMMANDS = (doctor, journal, support)
