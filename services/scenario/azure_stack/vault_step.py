"""Step 2: the Recovery Services vault."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.azure.ids import same_region
from services.changes.plan import Change, Plan
from services.operations.asking import created, until_provisioned
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.permission_steps import needed_by, permission_check
from services.scenario.azure_stack.vault import GROUPS_API, VAULTS_API, found_vault, vault_ref
from services.scenario.azure_stack.vault_classic import (
    CLASSIC_CHECK,
    choose_classic,
    classic_wanted,
    plan_classic,
)
from services.scenario.azure_stack.vault_place import look_new_vault, offer_regions
from services.scenario.model import Action, Choice, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _


def _offer_vaults(session: Session) -> Sequence[Choice]:
    path = f"/subscriptions/{session.answers.text('subscription.subscription')}"
    vaults = session.azure.arm.list(f"{path}/providers/Microsoft.RecoveryServices/vaults", VAULTS_API)
    return [Choice(vault["name"], vault["name"], vault["location"]) for vault in vaults]


def _offer_groups(session: Session) -> Sequence[Choice]:
    path = f"/subscriptions/{session.answers.text('subscription.subscription')}/resourcegroups"
    groups = session.azure.arm.list(path, GROUPS_API)
    return [Choice(group["name"], group["name"], group["location"]) for group in groups]


def _vault_name(value: Any, _answers: Answers) -> str | None:
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{1,49}", str(value)):
        return None
    return _("'{value}' will not do; give 2 to 50 letters, digits and hyphens, a letter first").format(
        value=value
    )


def _region(session: Session) -> Sequence[Finding]:
    vault, wanted = found_vault(session), session.answers.text("vault.location")
    target = session.answers.text("vault.name")
    seen = Evidence(f"GET {vault_ref(session).id}", vault["location"] if vault else "404")
    if vault is None:
        if session.answers.flag("vault.create"):
            return look_new_vault(session)
        return [
            Finding(
                "vault-region",
                target,
                Status.FAILED,
                "There is no such vault in this resource group.",
                (seen,),
                cause="The name or the resource group is another, or the vault was never created.",
                fix="Choose one from the list, or answer yes to 'create if missing'.",
                source="Azure Stack article, step 2, 2026-09-21",
            )
        ]
    if same_region(vault["location"], wanted):
        return [Finding("vault-region", target, Status.OK, "The vault is in the chosen region.", (seen,))]
    return [
        Finding(
            "vault-region",
            target,
            Status.FAILED,
            f"The vault is in {vault['location']}, not in {wanted}.",
            (seen,),
            cause="Storage account and network of the target must be in the vault's region.",
            fix=f"Set the region to {vault['location']}, or choose a vault in {wanted}.",
            source="Physical servers to Azure, 2018-05-23; PowerShell article, 2026-08-17",
        )
    ]


def _plan_group(session: Session) -> Plan:
    vault = vault_ref(session)
    group = session.azure.arm.get(vault.group_id, GROUPS_API)
    changes = () if group else (Change("create", "resource group", vault.group, _location(session)),)
    return Plan("create-resource-group", changes, looked_at={"group": bool(group)})


def _create_group(session: Session, plan: Plan) -> Mapping[str, Any]:
    if not plan.empty:
        vault = vault_ref(session)
        created(
            session, "create-resource-group", vault.group_id, GROUPS_API, {"location": _location(session)}
        )
    return {}


def _plan_vault(session: Session) -> Plan:
    vault = found_vault(session)
    name = session.answers.text("vault.name")
    changes = () if vault else (Change("create", "Recovery Services vault", name, _location(session)),)
    return Plan(
        "create-vault",
        changes,
        needs=needed_by("create-vault") if changes else (),
        looked_at={"vault": bool(vault)},
    )


def _create_vault(session: Session, plan: Plan) -> Mapping[str, Any]:
    ref = vault_ref(session)
    if not plan.empty:
        body = {
            "location": _location(session),
            "sku": {"name": "RS0", "tier": "Standard"},
            "properties": {"publicNetworkAccess": "Enabled"},
        }
        created(session, "create-vault", ref.id, VAULTS_API, body)
    vault = until_provisioned(session, ref.id, VAULTS_API)
    return {"vault.id": vault["id"], "vault.location": vault["location"]}


def _location(session: Session) -> str:
    return session.answers.text("vault.location")


def _missing_wanted(answers: Answers) -> bool:
    return answers.flag("vault.create")


VAULT = Step(
    id="vault",
    stage="vault",
    title="Recovery Services vault",
    short="Vault",
    excerpt="What is replicated is managed in it: servers, machines, policies and jobs.",
    claims=("AS-5.1",),
    after=("subscription",),
    fields=(
        Field(
            "name",
            "Vault",
            "An existing vault of this subscription, or the name of a new one.",
            suggest=lambda answers: answers.known.get("vault", ""),
            check=_vault_name,
            offer=_offer_vaults,
        ),
        Field(
            "resource-group",
            "Resource group",
            "The vault's resource group.",
            suggest=lambda answers: answers.known.get("resource-group", ""),
            offer=_offer_groups,
        ),
        Field(
            "location",
            "Region",
            "The vault's region; storage account and network of the target must be in it too.",
            suggest=lambda answers: answers.known.get("location", ""),
            offer=offer_regions,
        ),
        Field(
            "create",
            "Create if missing",
            "A new vault is modernized only, unless it is set to classic. Azure may refuse that.",
            Kind.YES_NO,
            default=False,
        ),
        Field(
            "set-classic",
            "Set it to classic",
            "Yes agrees to the vault setting that takes a configuration server. Without it this step cannot go on.",
            Kind.YES_NO,
            default=False,
            applies=_missing_wanted,
            check=classic_wanted,
        ),
    ),
    checks=(
        StepCheck("vault-region", ("AS-5.1",), "The vault is in the chosen region", _region),
        replace(CLASSIC_CHECK, applies=lambda answers: not answers.flag("vault.create")),
        permission_check(("read-vault",), lambda session: vault_ref(session).group_id),
        replace(
            permission_check(
                ("create-resource-group", "create-vault", "choose-classic"),
                lambda session: vault_ref(session).group_id,
            ),
            applies=_missing_wanted,
        ),
    ),
    actions=(
        Action(
            "create-resource-group",
            ("AS-5.1",),
            "Create the resource group",
            _plan_group,
            _create_group,
            applies=_missing_wanted,
        ),
        Action("create-vault", ("AS-5.1",), "Create the vault", _plan_vault, _create_vault),
        Action(
            "choose-classic",
            ("AS-0.1",),
            "Choose the classic experience",
            plan_classic,
            choose_classic,
            applies=_missing_wanted,
        ),
    ),
)
