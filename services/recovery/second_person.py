"""A second person's consent to one plan of a verb: its plan file, its approval, and the approval's one use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.changes import approval
from services.changes.approval import Asked, Requester
from services.changes.plan import Plan
from services.evidence.model import Approved
from services.problems.model import Problem, UsageError
from services.recovery.item import ProtectedItem
from services.recovery.run import Run
from services.recovery.vault import Vault
from services.text import _


@dataclass(frozen=True)
class Signable:
    """A plan that a second person can sign. `target` is the full name of what the verb acts on."""

    verb: str
    target: str
    plan: Plan


def target_of(items: Sequence[ProtectedItem]) -> str:
    """What is signed as the target of a run of several items, in whatever order they were named."""
    return ", ".join(sorted(item.id for item in items))


def save(vault: Vault, shown: Signable, path: Path, change: str = "") -> None:
    """Write the plan file that the second person signs. ProblemError when it cannot be written."""
    asked, requester = _asked(vault, shown)
    approval.save(path, approval.request(asked, shown.plan, requester, change_reference=change))


def refuse_without_signers(path: Path, allowed_signers: Path | None) -> Path:
    """The file of those who may sign. UsageError where none was named for the approval of the plan file `path`."""
    if allowed_signers is None:
        what = _("An approval needs the file of those who may sign.")
        remedy = _("Add --allowed-signers FILE.")
        raise UsageError(Problem("allowed-signers", str(path), what, remedy=remedy))
    return allowed_signers


def approved(vault: Vault, shown: Signable, path: Path, allowed_signers: Path | None) -> Approved:
    """The approval of exactly this plan. RefusedError with the reason, UsageError; nothing was sent."""
    allowed_signers = refuse_without_signers(path, allowed_signers)
    asked, requester = _asked(vault, shown)
    used = approval.used_elsewhere(vault.journal, 0)
    return approval.check(path, asked, shown.plan, requester, allowed_signers, used)


def noted(hand: Run, given: Approved | None) -> None:
    """Write down that the run uses the approval, before anything is sent."""
    if given is not None:
        approval.note_used(hand.journal, hand.engagement_id, given)
        hand.learn(approved=vars(given))


def _asked(vault: Vault, shown: Signable) -> tuple[Asked, Requester]:
    return Asked(vault.world.id, shown.verb, shown.target), Requester.of(vault.journal.actor)
