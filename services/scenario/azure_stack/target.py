"""Step 4: the target environment in Azure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.changes.plan import Change, Plan
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.permission_steps import permission_check
from services.scenario.azure_stack.sending import created, until_provisioned
from services.scenario.azure_stack.vault import GROUPS_API
from services.scenario.model import Action, Choice, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _

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


def _in_vault_region(session: Session, resource: Mapping[str, Any]) -> bool:
    wanted = str(session.facts.get("vault.location") or session.answers.text("vault.location"))
    return _plain(str(resource["location"])) == _plain(wanted)


def _plain(region: str) -> str:
    return region.replace(" ", "").lower()


def _look_account(session: Session) -> Sequence[Finding]:
    name, path = session.answers.text("target.storage-account"), storage_id(session)
    account = session.azure.arm.get(path, STORAGE_API)
    if account is None:
        return [_absent(session, "target-account", name, path, "storage account")]
    kind, sku = str(account.get("kind")), str((account.get("sku") or {}).get("name"))
    seen = (Evidence(f"GET {path}", f"kind {kind}, sku {sku}, location {account['location']}"),)
    if not _in_vault_region(session, account):
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


def _look_network(session: Session) -> Sequence[Finding]:
    name, path = session.answers.text("target.network"), network_id(session)
    network = session.azure.arm.get(path, NETWORK_API)
    if network is None:
        return [_absent(session, "target-network", name, path, "virtual network")]
    subnets = [subnet["name"] for subnet in (network.get("properties") or {}).get("subnets") or []]
    seen = (Evidence(f"GET {path}", f"location {network['location']}, subnets {', '.join(subnets)}"),)
    if not _in_vault_region(session, network):
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


def _offer(session: Session, kind: str, api: str) -> list[dict[str, Any]]:
    subscription = session.answers.text("subscription.subscription")
    found: list[dict[str, Any]] = session.azure.arm.list(
        f"/subscriptions/{subscription}/providers/{kind}", api
    )
    return [one for one in found if _in_vault_region(session, one)]


def _offer_accounts(session: Session) -> Sequence[Choice]:
    accounts = _offer(session, "Microsoft.Storage/storageAccounts", STORAGE_API)
    return [
        Choice(one["name"], one["name"], f"{one.get('kind')} {(one.get('sku') or {}).get('name')}")
        for one in accounts
    ]


def _offer_networks(session: Session) -> Sequence[Choice]:
    networks = _offer(session, "Microsoft.Network/virtualNetworks", NETWORK_API)
    return [Choice(one["name"], one["name"], one["location"]) for one in networks]


def _offer_subnets(session: Session) -> Sequence[Choice]:
    network = session.azure.arm.get(network_id(session), NETWORK_API) or {}
    subnets = (network.get("properties") or {}).get("subnets") or []
    return [
        Choice(one["name"], one["name"], str((one.get("properties") or {}).get("addressPrefix", "")))
        for one in subnets
    ]


def _plan(session: Session) -> Plan:
    answers, arm = session.answers, session.azure.arm
    region = str(session.facts.get("vault.location") or answers.text("vault.location"))
    wishes = (
        ("resource group", group_id(session), GROUPS_API, answers.text("target.resource-group"), region),
        (
            "storage account",
            storage_id(session),
            STORAGE_API,
            answers.text("target.storage-account"),
            f"StorageV2, Standard_LRS, {region}: billed for what is stored and for each transaction",
        ),
        (
            "virtual network",
            network_id(session),
            NETWORK_API,
            answers.text("target.network"),
            f"{answers.text('target.address-space')}, subnet {answers.text('target.subnet')}: not billed",
        ),
    )
    absent = {
        path: Change("create", thing, name, detail)
        for thing, path, api, name, detail in wishes
        if arm.get(path, api) is None
    }
    return Plan("create-target", tuple(absent.values()), looked_at={"absent": sorted(absent)})


def _create(session: Session, plan: Plan) -> Mapping[str, Any]:
    region = str(session.facts["vault.location"])
    bodies: dict[str, tuple[str, str, str, dict[str, Any]]] = {
        "resource group": ("create-resource-group", group_id(session), GROUPS_API, {"location": region}),
        "storage account": (
            "create-storage-account",
            storage_id(session),
            STORAGE_API,
            {
                "location": region,
                "kind": "StorageV2",
                "sku": {"name": "Standard_LRS"},
                "properties": {"supportsHttpsTrafficOnly": True, "minimumTlsVersion": "TLS1_2"},
            },
        ),
        "virtual network": (
            "create-network",
            network_id(session),
            NETWORK_API,
            _network_body(session.answers, region),
        ),
    }
    for change in plan.changes:
        verb, path, api, body = bodies[change.thing]
        created(session, verb, path, api, body)
        until_provisioned(session, path, api)
    return {"target.storage": storage_id(session), "target.network": network_id(session)}


def _network_body(answers: Answers, region: str) -> dict[str, Any]:
    space = answers.text("target.address-space")
    subnet = {"name": answers.text("target.subnet"), "properties": {"addressPrefix": space}}
    return {
        "location": region,
        "properties": {"addressSpace": {"addressPrefixes": [space]}, "subnets": [subnet]},
    }


def _account_name(value: Any, _answers: Answers) -> str | None:
    if re.fullmatch(r"[a-z0-9]{3,24}", str(value)):
        return None
    return _("'{value}': 3 to 24 small letters and digits").format(value=value)


def _space(value: Any, _answers: Answers) -> str | None:
    try:
        network = ipaddress.IPv4Network(str(value))
    except ValueError:
        return _("'{value}' is no IPv4 network such as 10.9.0.0/16").format(value=value)
    return (
        None
        if network.prefixlen <= 29
        else _("'{value}' is smaller than Azure allows, /29").format(value=value)
    )


TARGET = Step(
    id="target",
    stage="target",
    title="Target environment",
    excerpt="VM data is copied to this account while replicating; Azure VMs join the network after failover.",
    claims=(),
    after=("vault",),
    fields=(
        Field(
            "deployment-model",
            "Deployment model",
            "The classic model is gone from Azure; only Resource Manager is left.",
            Kind.CHOICE,
            default="resource-manager",
            choices=(Choice("resource-manager", "Resource Manager"),),
            claims=("AS-7.1", "AS-7.2"),
        ),
        Field(
            "resource-group",
            "Resource group",
            "Where the VMs are created when they fail over.",
            suggest=lambda answers: answers.known.get("resource-group", ""),
        ),
        Field(
            "storage-account",
            "Storage account",
            "The log account, in the vault's region; Standard_LRS is recommended.",
            suggest=lambda answers: answers.known.get("storage-account", ""),
            check=_account_name,
            offer=_offer_accounts,
        ),
        Field(
            "network",
            "Network",
            "The network that VMs join after failover, in the vault's region.",
            suggest=lambda answers: answers.known.get("network", ""),
            offer=_offer_networks,
        ),
        Field("subnet", "Subnet", "A subnet of that network.", default="Subnet-1", offer=_offer_subnets),
        Field(
            "create",
            "Create if missing",
            "Creates what is missing of resource group, account and network, after you confirmed it.",
            Kind.YES_NO,
            default=False,
        ),
        Field(
            "address-space",
            "Address space",
            "Of a network that is created.",
            default="10.9.0.0/16",
            check=_space,
            applies=lambda answers: answers.flag("target.create"),
        ),
    ),
    checks=(
        StepCheck("target-account", ("AS-7.3",), "The storage account will do", _look_account),
        StepCheck("target-network", ("AS-7.3",), "The network will do", _look_network),
        permission_check(("create-storage-account", "create-network"), group_id),
    ),
    actions=(Action("create-target", ("AS-7.3",), "Create what is missing", _plan, _create),),
)
