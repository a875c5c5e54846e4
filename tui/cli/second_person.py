"""A second person's consent on the command line: the plan as a file to sign, and the signature that is used once."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import click

from services.changes import approval
from services.changes.approval import Asked, Requester
from services.changes.plan import Plan
from services.evidence.model import Approved
from services.problems.model import Problem, UsageError
from services.recovery.run import Run
from services.recovery.vault import Vault
from services.text import _


class Given(Protocol):
    """What was typed about the second person."""

    @property
    def save_plan(self) -> Path | None: ...

    @property
    def approval(self) -> Path | None: ...

    @property
    def allowed_signers(self) -> Path | None: ...

    @property
    def change(self) -> str: ...


def saved(vault: Vault, verb: str, target_id: str, shown: Plan, given: Given) -> None:
    """Write the plan as a file for the second person, where a file was named."""
    if given.save_plan is None:
        return
    asked, requester = Asked(vault.world.id, verb, target_id), Requester.of(vault.journal.actor)
    approval.save(given.save_plan, approval.request(asked, shown, requester, change_reference=given.change))
    said = _("Written: {path}. The second person runs: lifeboat approve {path}")
    click.echo(said.format(path=given.save_plan), err=True)


def approved(vault: Vault, verb: str, target_id: str, shown: Plan, given: Given) -> Approved | None:
    """The approval of exactly this plan; None where none was given. RefusedError with the reason, UsageError."""
    if given.approval is None:
        return None
    if given.allowed_signers is None:
        what = _("An approval needs the file of those who may sign.")
        remedy = _("Add --allowed-signers FILE.")
        raise UsageError(Problem("allowed-signers", str(given.approval), what, remedy=remedy))
    asked, requester = Asked(vault.world.id, verb, target_id), Requester.of(vault.journal.actor)
    used = approval.used_elsewhere(vault.journal, 0)
    return approval.check(given.approval, asked, shown.digest, requester, given.allowed_signers, used)


def noted(hand: Run, given: Approved | None) -> None:
    """Write down that the run uses the approval, before anything is sent."""
    if given is not None:
        approval.note_used(hand.journal, hand.engagement_id, given)
        hand.learn(approved=vars(given))
