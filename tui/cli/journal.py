"""Commands over the journal: export, import, verify, take over."""

from __future__ import annotations

import time
from pathlib import Path

import click

from services.journal.export import verify_export
from services.journal.model import Holder
from services.problems.model import Problem, RefusedError
from services.text import _, plain
from tui.cli.globals import Globals

TAKE_OVER = 15.0
"""Real seconds that the holder is given to leave."""


def export_journal(options: Globals, path: Path) -> int:
    """Copy the journal whole into one file."""
    journal = options.journal(options.world(), read_only=options.read_only)
    try:
        journal.export(path)
    finally:
        journal.close()
    click.echo(path)
    return 0


def import_journal(options: Globals, path: Path) -> int:
    """Put an export in the place of an empty journal, and say so in its log."""
    from services.journal.restore import restore

    if options.read_only:
        what = _("The journal is restored by writing it, and this program was started read-only.")
        raise RefusedError(Problem("read-only", "journal import", what, remedy=_("Leave out --read-only.")))
    world = options.world()
    verified = restore(world.state, world.id, path)
    journal = options.journal(world)
    try:
        journal.event("journal-imported", {"path": str(path.absolute()), "last": verified.last})
        names = [one.name for one in journal.engagements()]
    finally:
        journal.close()
    said = _("restored: {count} events; engagements: {names}")
    click.echo(plain(said.format(count=verified.last, names=", ".join(names) or _("none"))))
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


def take_over_journal(options: Globals) -> int:
    """Ask whoever holds the journal to close it, and wait until it is free; read-only says who holds it."""
    from services.journal.lock import holder_of, take_over

    world = options.world()
    if options.read_only:
        here = holder_of(world.state)
        said = _("The journal is held by {who}; read-only asks nobody to leave.").format(who=_who(here))
        click.echo(said if here else _("Nobody holds the journal."))
        return 0
    end = time.monotonic() + TAKE_OVER
    asked = False
    while True:
        journal = options.journal(world)
        holder, free = journal.holder, not journal.read_only
        journal.close()
        if free:
            click.echo(_("The journal is free."))
            return 0
        if not asked:
            take_over(world.state)
            asked = True
        if time.monotonic() >= end:
            said = _("Still held by {who}; end that process, then try again.")
            click.echo(said.format(who=_who(holder)), err=True)
            return 4
        time.sleep(0.5)


def _who(holder: Holder | None) -> str:
    if holder is None:
        return "-"
    said = _("{user} on {terminal} (process {pid}) since {since}")
    user, terminal = plain(holder.user or "?"), plain(holder.terminal or "?")
    return said.format(user=user, terminal=terminal, pid=holder.pid, since=holder.since_shown)
