"""Commands over the journal: export and verify."""

from __future__ import annotations

from pathlib import Path

import click

from services.journal.export import verify_export
from services.text import _
from tui.cli.globals import Globals


def export_journal(options: Globals, path: Path) -> int:
    """Copy the journal whole into one file."""
    journal = options.journal(options.world(), read_only=options.read_only)
    try:
        journal.export(path)
    finally:
        journal.close()
    click.echo(path)
    return 0


def verify_journal(path: Path) -> int:
    """Check an exported journal by its chain; works offline."""
    verified = verify_export(path)
    if verified.broken is None:
        click.echo(
            _("unaltered: {count} events of the world {world}").format(
                count=verified.last, world=verified.world_id
            )
        )
        return 0
    click.echo(_("altered: the chain breaks at event {number}").format(number=verified.broken))
    return 1
