"""`lifeboat support bundle`: what a helper needs to see, in one zip without secrets."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from services import support
from services.journal.store import FILE
from services.problems.model import ProblemError
from services.text import _
from services.world.model import World
from tui.cli.doctor import rows
from tui.cli.globals import Globals, tell


def bundle(options: Globals, path: Path | None) -> int:
    """Write the zip and say what is in it."""
    chosen = path or Path(f"lifeboat-support-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip")
    examined = json.dumps({"doctor": list(rows(options))}, indent=1)
    world = options.world()
    texts = {
        "doctor.json": examined,
        "versions.txt": support.versions(),
        **support.logs(world, options.root),
    }
    with _exported(options, world) as (copy, answers):
        taken = support.write(chosen, texts, copy, support.secrets(world, answers))
        if copy is not None and not taken:
            click.echo(_("The journal was left out: it holds the value of a secret."), err=True)
    click.echo(chosen)
    click.echo(
        _("It holds no secret that is known here, but names and addresses: look before you hand it on."),
        err=True,
    )
    return 0


@contextmanager
def _exported(options: Globals, world: World) -> Iterator[tuple[Path | None, list[object]]]:
    """A copy of the journal and all answers in it; (None, []) where there is no journal yet."""
    if not world.state.joinpath(FILE).exists():
        yield None, []
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            copy, answers = _copied(options, world, Path(folder) / FILE)
        except ProblemError as error:
            # What is broken is what a helper is to look at; the rest of the bundle does not need it.
            click.echo(_("The journal was left out, as it cannot be read."), err=True)
            click.echo(_("Secrets that its answers name could not be looked for in the log."), err=True)
            tell(error.problems[0])
            copy, answers = None, []
        yield copy, answers


def _copied(options: Globals, world: World, copy: Path) -> tuple[Path | None, list[object]]:
    journal = options.journal(world, read_only=True)
    try:
        journal.export(copy)
        known = [journal.answers(one.id) for one in journal.engagements()]
        return copy, [row.value for answers in known for row in answers.values()]
    finally:
        journal.close()
