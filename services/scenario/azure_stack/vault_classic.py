"""Step 2: whether the vault takes a classic configuration server, and choosing that for a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.changes.plan import Change, Plan
from services.operations.asking import ask, follow_job
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.vault import found_vault, replication
from services.scenario.model import StepCheck
from services.scenario.session import Session
from services.text import _

CLASSIC = "Vmware"
SOURCE = "Azure Site Recovery, classic experience deprecation, 2023-03-14; Azure Stack article, 2026-09-21"


def _reveals(session: Session) -> Sequence[Finding]:
    """AS-0.1: what the vault itself says of the classic experience."""
    if found_vault(session) is None:
        return []
    reads = replication(session)
    setting = (reads.vault_setting() or {}).get("properties") or {}
    kinds = sorted(
        {
            str((fabric["properties"].get("customDetails") or {}).get("instanceType"))
            for fabric in reads.fabrics()
        }
    )
    provider = setting.get("vmwareToAzureProviderType")
    seen = (
        Evidence("GET replicationVaultSettings/default", f"vmwareToAzureProviderType: {provider}"),
        Evidence("GET replicationFabrics", ", ".join(kinds) or "none"),
    )
    target = session.answers.text("vault.name")
    if provider == CLASSIC or "VMware" in kinds:
        return [
            Finding(
                "vault-classic", target, Status.OK, "The vault takes a classic configuration server.", seen
            )
        ]
    return [
        Finding(
            "vault-classic",
            target,
            Status.FAILED,
            "The vault does not show that it takes a classic configuration server.",
            seen,
            cause="Vaults made since 15 March 2023 use the modernized experience unless they were set otherwise.",
            fix="Choose a vault that is classic, or read the alternatives on the first page.",
            source=SOURCE,
        )
    ]


def plan_classic(session: Session) -> Plan:
    """Set the vault to classic, where it is not."""
    vault = found_vault(session)
    setting = replication(session).vault_setting() if vault else None
    provider = ((setting or {}).get("properties") or {}).get("vmwareToAzureProviderType")
    wanted = session.answers.flag("vault.set-classic") and provider != CLASSIC
    change = Change(
        "change", "vault setting", "vmwareToAzureProviderType", f"to {CLASSIC}, the classic experience"
    )
    return Plan("choose-classic", (change,) if wanted else (), looked_at={"provider": provider})


def choose_classic(session: Session, plan: Plan) -> Mapping[str, Any]:
    """Change the vault's setting and follow it to its end."""
    if plan.empty:
        return {}
    reads = replication(session)
    body = {"properties": {"vmwareToAzureProviderType": CLASSIC}}
    row = ask(
        session,
        "choose-classic",
        reads.vault.child("replicationVaultSettings", "default"),
        "PUT",
        body,
        lambda sdk: reads.sdk.replication_vault_setting.begin_create(*reads.scope, "default", body, **sdk),
        lambda: (
            ((reads.vault_setting() or {}).get("properties") or {}).get("vmwareToAzureProviderType")
            == CLASSIC
        ),
        jobs=reads,
    )
    follow_job(session, reads, row)
    return {}


def classic_wanted(value: Any, _answers: Answers) -> str | None:
    """Why a new vault cannot do without it, or None."""
    if value is True:
        return None
    return _("a new vault takes no configuration server unless it is set to classic; answer yes")


CLASSIC_CHECK = StepCheck(
    "vault-classic", ("AS-0.1",), "The vault takes a classic configuration server", _reveals
)
