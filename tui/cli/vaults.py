"""What every command of the console begins with: the vault that is meant."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.journal.journal import Journal
from services.journal.model import Engagement
from services.names import meant
from services.problems.model import DeadlineError, Problem, UsageError
from services.recovery.vault import Vault
from services.scenario.existing_vault import open_vault
from services.scenario.registry import set_ups
from services.text import _
from services.world.deadline import Deadline
from tui.cli.globals import Globals, SecretPrompt, can_ask
from tui.cli.walk import Interruptible

Emit = Callable[[Mapping[str, Any]], None]


@contextlib.contextmanager
def opened_vault(options: Globals, deadline: Deadline, emit: Emit) -> Iterator[Vault]:
    """The vault of the engagement that was named, of the newest one, or the one that the world suggests.

    ctrl+c, SIGTERM and SIGHUP end what is done with it in order. The journal is closed at the end.
    """
    world = options.world()
    journal = options.journal(world)
    try:
        engagement = _engagement(journal, options.engagement)
        ask = SecretPrompt() if can_ask() else None
        with Interruptible(deadline):
            vault = open_vault(world, journal, engagement, deadline, emit, ask)
            # Where time is up already, the command says itself what it leaves behind.
            with contextlib.suppress(DeadlineError):
                vault.sign_in()
            yield vault
    finally:
        journal.close()


def _engagement(journal: Journal, name: str) -> Engagement | None:
    known = set_ups(journal.engagements())
    if not name:
        return known[-1] if known else None
    for one in known:
        if one.name == name:
            return one
    what = _("There is no such engagement.")
    raise UsageError(
        Problem("unknown-engagement", name, what, remedy=meant(name, [one.name for one in known]))
    )
