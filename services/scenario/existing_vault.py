"""The way to a vault that exists: sign in, subscription, vault. Nothing in Azure is changed.

It is the console's own procedure: on a fresh host it needs nothing else to show what is protected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.journal.journal import Journal
from services.journal.model import Engagement
from services.problems.model import Problem, RefusedError, UsageError
from services.readiness.model import Evidence, Finding, Status
from services.recovery.vault import Vault
from services.scenario.answers import Answers
from services.scenario.answers_file import practice_tenants
from services.scenario.azure_stack.signin_steps import SIGN_IN
from services.scenario.azure_stack.subscription_step import SUBSCRIPTION
from services.scenario.azure_stack.vault import VAULTS_API, vault_ref
from services.scenario.azure_stack.vault_step import VAULT
from services.scenario.model import Scenario, Stage, Step, StepCheck
from services.scenario.registry import SCENARIOS
from services.scenario.session import Session
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

NAME = "existing-vault"
_NAMES = ("name", "resource-group")


def _there(session: Session) -> Sequence[Finding]:
    ref = vault_ref(session)
    vault = session.azure.arm.get(ref.id, VAULTS_API)
    seen = (Evidence(f"GET {ref.id}", str(vault["location"]) if vault else "404"),)
    if vault is not None:
        return [Finding("vault-there", ref.name, Status.OK, "The vault is there.", seen)]
    return [
        Finding(
            "vault-there",
            ref.name,
            Status.FAILED,
            "There is no such vault in this resource group.",
            seen,
            cause="The name or the resource group is another, or the account does not see it.",
            fix="Choose one from the list, or ask for the role Site Recovery Reader on the vault.",
            source="Azure Resource Manager, vaults, 2024-04-01",
        )
    ]


EXISTING_VAULT = Scenario(
    id=NAME,
    title="Open a vault that exists",
    provider="",
    source="Azure Site Recovery",
    stages=(Stage("before", "Before you start"),),
    steps=(
        replace(SIGN_IN, claims=()),
        replace(
            SUBSCRIPTION,
            claims=(),
            checks=tuple(one for one in SUBSCRIPTION.checks if one.id == "subscription"),
        ),
        Step(
            id="vault",
            stage="before",
            title="Recovery Services vault",
            excerpt="The vault whose protected machines, jobs and recovery plans you want to see.",
            claims=(),
            after=("subscription",),
            fields=tuple(field for field in VAULT.fields if field.key in _NAMES),
            checks=(StepCheck("vault-there", (), "The vault is there", _there),),
        ),
    ),
)


def open_vault(
    world: World,
    journal: Journal,
    engagement: Engagement | None,
    deadline: Deadline,
    emit: Callable[[Mapping[str, Any]], None],
    ask: Callable[[str, str], str] | None = None,
) -> Vault:
    """The vault that an engagement names; without one, the vault that the world itself suggests.

    `deadline` holds for all that is done with it. UsageError where no vault is named yet, RefusedError
    for what was set up in another practice world.
    """
    scenario = SCENARIOS[engagement.scenario] if engagement else EXISTING_VAULT
    rows = journal.answers(engagement.id) if engagement else {}
    answers = Answers(scenario, {key: row.value for key, row in rows.items()}, world.known)
    _refuse_other_practice(world, answers, engagement)
    session = Session(world, journal, engagement.id if engagement else 0, answers, deadline, emit, ask)
    ref = vault_ref(session)
    if not (ref.subscription and ref.group and ref.name):
        what = _("No vault is named yet.")
        remedy = _(
            "Name it: lifeboat answers {name} > v.toml, fill it in, then lifeboat run --answers v.toml"
        )
        raise UsageError(Problem("no-vault", "vault", what, remedy=remedy.format(name=NAME)))
    return Vault(world, journal, session.azure, ref, emit)


def _refuse_other_practice(world: World, answers: Answers, engagement: Engagement | None) -> None:
    """RefusedError where what was set up is of other practice servers, whose vault these do not have."""
    if engagement is None or not world.practice:
        return
    given, here = practice_tenants(world, answers)
    if given != here:
        what = _("was set up in the world '{given}', and this is '{here}'.").format(given=given, here=here)
        remedy = _("Join its own servers with --world, or name another folder with --state.")
        raise RefusedError(Problem("other-world", engagement.name, what, remedy=remedy))
