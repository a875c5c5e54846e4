"""The question about host keys that were never seen, one for all machines of a list."""

from __future__ import annotations

from collections.abc import Sequence

import click

from services.readiness.first_use import UnknownKey, accept, unknown_keys
from services.scenario.azure_stack.readiness import ACCEPT_NEW, allowed_names
from services.scenario.inspection import Inspection
from services.text import _, plain

YES, NO, CHOOSE = "y", "n", "choose"
ROUNDS = 4
"""Lists that are shown at most: behind a jump host that was let in stand machines with keys of their own."""


def first_use(looked: Inspection) -> None:
    """List the unknown keys and ask once which are right; accepted ones are remembered."""
    session = looked.session
    if session.answers["readiness.host-keys"] == ACCEPT_NEW or session.journal.read_only:
        return
    sha1 = allowed_names(session.answers.text("readiness.allow-sha1"))
    declined: set[UnknownKey] = set()
    for _round in range(ROUNDS):
        found = unknown_keys(session.world, looked.machines, session.deadline, sha1=sha1)
        asked = [one for one in found if one not in declined]
        if not asked:
            return
        chosen = _asked(asked)
        accept(session.world, session.journal, chosen, session.journal.actor.name)
        declined.update(one for one in asked if one not in chosen)
        if not chosen:
            return


def _asked(keys: Sequence[UnknownKey]) -> list[UnknownKey]:
    click.echo(_("These machines show host keys that were never seen here:"), err=True)
    for one in keys:
        click.echo(f"  {_shown(one)}", err=True)
    click.echo(_("Compare each fingerprint with the machine's console: ssh-keygen -lf FILE"), err=True)
    question = _("Accept and remember them? (y: all, n: none, choose: one by one)")
    answer = click.prompt(question, type=click.Choice([YES, NO, CHOOSE]), default=NO, err=True)
    if answer == CHOOSE:
        return [one for one in keys if click.confirm(_shown(one), default=False, err=True)]
    return list(keys) if answer == YES else []


def _shown(one: UnknownKey) -> str:
    place = one.host if one.port == 22 else f"{one.host}:{one.port}"
    return plain(f"{', '.join(one.machines)}  {place}  {one.kind}  {one.fingerprint}", 300)
