"""Step 4: where replicas go, and whether account and network will do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.azure.ids import same_region
from services.readiness.model import Evidence, Finding, Status
from services.scenario.session import Session

STORAGE_API = "2023-05-01"
NETWORK_API = "2024-05-01"
USABLE_KINDS = ("Storage", "StorageV2")
MATRIX = "Support matrix, 2023-09-28"


def group_id(session: Session) -> str:
    """The resource group that the failed-over VMs will be in."""
    answers = session.answers
    subscription = answers.text("subscription.subscription")
    return f"/subscriptions/{subscription}/resourceGroups/{answers.text('target.resource-group')}"


def storage_id(session: Session) -> str:
    """The log (cache) storage account."""
    name = session.answers.text("target.storage-account")
    return f"{group_id(session)}/providers/Microsoft.Storage/storageAccounts/{name}"


def network_id(session: Session) -> str:
    """The network that VMs join when they fail over."""
    name = session.answers.text("target.network")
    return f"{group_id(session)}/providers/Microsoft.Network/virtualNetworks/{name}"


def in_vault_region(session: Session, resource: Mapping[str, Any]) -> bool:
    wanted = str(session.facts.get("vault.location") or session.answers.text("vault.location"))
    return same_region(str(resource["location"]), wanted)


def look_account(session: Session) -> Sequence[Finding]:
    name, path = session.answers.text("target.storage-account"), storage_id(session)
    account = session.azure.arm.get(path, STORAGE_API)
    if account is None:
        return [_absent(session, "target-account", name, path, "storage account")]
    kind, sku = str(account.get("kind")), str((account.get("sku") or {}).get("name"))
    seen = (Evidence(f"GET {path}", f"kind {kind}, sku {sku}, location {account['location']}"),)
    if not in_vault_region(session, account):
        return [_elsewhere("target-account", name, seen)]
    if kind not in USABLE_KINDS:
        return [
            Finding(
                "target-account",
                name,
                Status.FAILED,
                f"A storage account of kind {kind} does not work.",
                seen,
                cause="Cool and hot storage and block blobs are not supported as a target.",
                fix="Choose a general-purpose account (Standard_LRS, StorageV2).",
                source=MATRIX,
            )
        ]
    if sku.startswith("Premium"):
        return [
            Finding(
                "target-account",
                name,
                Status.FAILED,
                "A premium account cannot hold the replication logs.",
                seen,
                cause="Premium storage needs an additional standard account for the logs.",
                fix="Choose or create a Standard_LRS account.",
                source="Physical servers to Azure, 2018-05-23; PowerShell article, 2026-08-17",
            )
        ]
    if kind == "StorageV2" and sku != "Standard_LRS":
        return [
            Finding(
                "target-account",
                name,
                Status.WARNING,
                f"The account is {sku}; Standard_LRS is recommended for the log account.",
                seen,
                cause="General-purpose v2 accounts also cost more for each transaction.",
                source="PowerShell article, 2026-08-17",
            )
        ]
    return [Finding("target-account", name, Status.OK, "The storage account can hold the logs.", seen)]


def look_network(session: Session) -> Sequence[Finding]:
    name, path = session.answers.text("target.network"), network_id(session)
    network = session.azure.arm.get(path, NETWORK_API)
    if network is None:
        return [_absent(session, "target-network", name, path, "virtual network")]
    subnets = [subnet["name"] for subnet in (network.get("properties") or {}).get("subnets") or []]
    seen = (Evidence(f"GET {path}", f"location {network['location']}, subnets {', '.join(subnets)}"),)
    if not in_vault_region(session, network):
        return [_elsewhere("target-network", name, seen)]
    wanted = session.answers.text("target.subnet")
    if wanted not in subnets:
        return [
            Finding(
                "target-network",
                name,
                Status.FAILED,
                f"The network has no subnet {wanted}.",
                seen,
                cause="A VM that fails over joins the subnet that was named.",
                fix=f"Choose one of: {', '.join(subnets) or 'none; create one first'}.",
                source="Azure Stack article, step 4, 2026-09-21",
            )
        ]
    return [Finding("target-network", name, Status.OK, "Network and subnet are there.", seen)]


def _absent(session: Session, check: str, name: str, path: str, thing: str) -> Finding:
    seen = (Evidence(f"GET {path}", "404"),)
    if session.answers.flag("target.create"):
        return Finding(check, name, Status.OK, f"The {thing} will be created.", seen)
    return Finding(
        check,
        name,
        Status.FAILED,
        f"There is no such {thing} in this resource group.",
        seen,
        cause="Site Recovery needs at least one compatible storage account and one network.",
        fix="Choose another one, or answer yes to 'create if missing'.",
        source="Azure Stack article, step 4, 2026-09-21",
    )


def _elsewhere(check: str, name: str, seen: tuple[Evidence, ...]) -> Finding:
    return Finding(
        check,
        name,
        Status.FAILED,
        "It is in another region than the vault.",
        seen,
        cause="Log storage account and target network must be in the vault's region.",
        fix="Choose one in the vault's region, or create it there.",
        source="Physical servers to Azure, 2018-05-23; PowerShell article, 2026-08-17",
    )
