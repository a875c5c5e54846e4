"""`lifeboat practice reset`: asked for, and what is kept is said."""

from __future__ import annotations

import click

from services.problems.model import Problem, RefusedError
from services.text import _, plain
from tui.cli.consent import agreed
from tui.cli.globals import Globals
from tui.practice import reset_world


def reset(options: Globals, *, yes: bool) -> int:
    """Stop the practice servers and forget their world. RefusedError where it is read-only or nobody agreed."""
    if options.read_only:
        what = _("This program was started read-only; the practice world stays as it is.")
        remedy = _("Start again without --read-only to make changes.")
        raise RefusedError(Problem("read-only", "practice reset", what, remedy=remedy))
    folder = options.root / "practice"
    said = _("The practice servers in {folder} are stopped, and their world and its secrets are deleted.")
    click.echo(plain(said.format(folder=folder)), err=True)
    click.echo(_("The journals, logs and evidence of practice are moved aside."), err=True)
    agreed("practice reset", yes=yes)
    code, kept = reset_world(options.root)
    if code == 0:
        click.echo(_("The practice world is gone; the next start makes a new one."))
    if kept:
        click.echo(plain(_("What was kept: {path}").format(path=kept)))
    return code
