"""The world that a set-up belongs to: cloud, tenant and subscription. Another one refuses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.changes.plan import Plan
from services.problems.model import Problem, RefusedError
from services.readiness.model import Evidence, Finding, Status
from services.scenario.model import Action, StepCheck
from services.scenario.session import Session
from services.text import _, plain

WORLD = "world"
"""Fact, under no step, so that no changed answer drops it: where the set-up began."""


def world_of(session: Session) -> str:
    """The world that the answers lead to: practice, or cloud/tenant/subscription with the account's own tenant."""
    if session.world.practice:
        return session.world.id
    answers = session.answers
    account: Mapping[str, Any] = session.facts.get("sign-in.account") or {}
    tenant = str(account.get("tenant") or answers.text("sign-in.tenant"))
    return "/".join(
        (answers.text("sign-in.cloud"), tenant, answers.text("subscription.subscription"))
    ).lower()


def _look(session: Session) -> Sequence[Finding]:
    here, began = world_of(session), session.facts.get(WORLD)
    if began not in (None, here):
        what = _("This set-up belongs to '{began}', and the answers lead to '{here}'.")
        raise RefusedError(
            Problem(
                "other-world",
                "subscription",
                what.format(began=plain(str(began)), here=plain(here)),
                remedy=_("Begin a new set-up for the other subscription, or give the first one again."),
            )
        )
    seen = Evidence("journal: world", str(began or "none yet"))
    said = "The set-up belongs to this subscription."
    return [Finding("world", "subscription", Status.OK, said, (seen,))]


def _remember(session: Session, _plan: Plan) -> Mapping[str, Any]:
    if session.facts.get(WORLD) is None:
        session.journal.save_facts(session.engagement_id, WORLD, {WORLD: world_of(session)})
    return {}


CHECK = StepCheck("world", (), "The set-up belongs to this subscription", _look)
REMEMBER = Action(
    "remember-world",
    (),
    "Remember which subscription the set-up is for",
    lambda _session: Plan("remember-world"),
    _remember,
)
