"""Step 4: the target environment in Azure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.changes.plan import Change, Plan
from services.operations.asking import created, until_provisioned
from services.scenario.answers import Answers
from services.scenario.azure_stack.permission_steps import permission_check
from services.scenario.azure_stack.target_limits import limit_checks
from services.scenario.azure_stack.target_place import (
    NETWORK_API,
    STORAGE_API,
    group_id,
    in_vault_region,
    look_account,
    look_network,
    network_id,
    storage_id,
)
from services.scenario.azure_stack.vault import GROUPS_API
from services.scenario.model import Action, Choice, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _


def _offer(session: Session, kind: str, api: str) -> list[dict[str, Any]]:
    subscription = session.answers.text("subscription.subscription")
    found: list[dict[str, Any]] = session.azure.arm.list(
        f"/subscriptions/{subscription}/providers/{kind}", api
    )
    return [one for one in found if in_vault_region(session, one)]


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
    return _("'{value}' will not do; give 3 to 24 small letters and digits").format(value=value)


def _space(value: Any, _answers: Answers) -> str | None:
    try:
        network = ipaddress.IPv4Network(str(value))
    except ValueError:
        return _("'{value}' is not an IPv4 network; give one such as 10.9.0.0/16").format(value=value)
    return (
        None
        if network.prefixlen <= 29
        else _("'{value}' is smaller than Azure allows; give /29 or larger").format(value=value)
    )


TARGET = Step(
    id="target",
    stage="target",
    title="Target environment",
    short="Target",
    excerpt="VM data is copied to this account while replicating; Azure VMs join the network after failover.",
    claims=(),
    after=("vault",),
    fields=(
        Field(
            "deployment-model",
            "Deployment model",
            "Azure has only Resource Manager; the classic model is gone.",
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
            "Resource group, account and network that are missing are created, after you have confirmed it.",
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
        StepCheck("target-account", ("AS-7.3",), "The storage account will do", look_account),
        StepCheck("target-network", ("AS-7.3",), "The network will do", look_network),
        *limit_checks(),
        replace(
            permission_check(("create-storage-account", "create-network"), group_id),
            applies=lambda answers: answers.flag("target.create"),
        ),
    ),
    actions=(Action("create-target", ("AS-7.3",), "Create what is missing", _plan, _create),),
)
