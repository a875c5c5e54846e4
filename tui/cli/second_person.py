"""A second person's consent on the command line: the plan as a file to sign, and the signature that is used once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import click

from services.changes import approval
from services.changes.plan import Plan
from services.evidence.model import Approved
from services.problems.model import Problem, UsageError
from services.recovery import points, second_person
from services.recovery.second_person import Signable, noted
from services.recovery.vault import Vault
from services.recovery.verbs import CHANGE_POINT, FAILOVER
from services.text import _

__all__ = ["Given", "approved", "approved_point", "noted", "only_shown", "saved"]


class Given(Protocol):
    """What was typed about the second person."""

    @property
    def plan_only(self) -> bool: ...

    @property
    def save_plan(self) -> Path | None: ...

    @property
    def approval(self) -> Path | None: ...

    @property
    def allowed_signers(self) -> Path | None: ...

    @property
    def change(self) -> str: ...


def refuse_incomplete(given: Given) -> None:
    """UsageError where a plan is to be written and done at once, or the file of those who may sign lacks."""
    if given.save_plan is not None and given.approval is not None:
        what = _("A plan is written for the second person, or done with the approval, not both at once.")
        raise UsageError(Problem("save-or-approval", str(given.save_plan), what))
    if given.approval is not None:
        second_person.refuse_without_signers(given.approval, given.allowed_signers)


def only_shown(given: Given) -> bool:
    """Whether the plan is only shown, or written for a second person who has not signed yet: nothing is done."""
    return given.plan_only or given.save_plan is not None


def saved(vault: Vault, verb: str, target_id: str, shown: Plan, given: Given) -> None:
    """Write the plan as a file for the second person, where a file was named."""
    if given.save_plan is None:
        return
    second_person.save(vault, Signable(verb, target_id, shown), given.save_plan, given.change)
    said = (
        _("Written: {path}. Nothing was done."),
        _("The second person runs: lifeboat approve {path}"),
        _("Then give this command with --approval {path} in the place of --save-plan."),
        *(
            [_("Leave out --point then: the approved one is taken.")]
            if verb in (FAILOVER, CHANGE_POINT)
            else []
        ),
    )
    for line in said:
        click.echo(line.format(path=given.save_plan), err=True)


def approved_point(given: Given, verb: str, target_id: str) -> str:
    """The recovery point that the approval of this verb on this target names; empty where there is none."""
    if given.approval is None:
        return ""
    found, _document = approval.read(given.approval)
    if (found.asked.verb, found.asked.target) != (verb, target_id) or found.plan.action != verb:
        return ""
    looked = found.plan.looked_at
    wish: Mapping[str, Any] = looked.get("wish") or looked
    return str(wish["point"] or points.LATEST) if "point" in wish else ""


def approved(vault: Vault, verb: str, target_id: str, shown: Plan, given: Given) -> Approved | None:
    """The approval of exactly this plan; None where none was given. RefusedError with the reason, UsageError."""
    if given.approval is None:
        return None
    wanted = Signable(verb, target_id, shown)
    return second_person.approved(vault, wanted, given.approval, given.allowed_signers)
