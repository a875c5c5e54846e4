"""Compute and network settings of a protected item: what it will be in Azure, and how that is changed (AS-9.1).

A setting is `key=value`; keys are those of SETTINGS. What is not named stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.changes.plan import Change, Plan, refuse_if_moved
from services.operations.asking import Hand, ask, follow_job
from services.problems.model import Problem, ProblemError, RefusedError, UsageError
from services.recovery.item import GROUP, NETWORK, VM_NAME, VM_SIZE, ProtectedItem, first_of
from services.recovery.item_update import update_body
from services.recovery.vault import Vault
from services.text import _, plain

Json = dict[str, Any]
NEEDS = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    "/replicationProtectedItems/write"
)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ADDRESS = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})")


@dataclass(frozen=True)
class Setting:
    """One setting: how it is read from the item's details, and what is wrong with a value (None: nothing)."""

    key: str
    caption: str
    help: str
    read: Callable[[Mapping[str, Any]], str]
    mistake: Callable[[str], str | None]


def _vm_name(value: str) -> str | None:
    if _NAME.fullmatch(value):
        return None
    return _("1 to 63 letters, digits and hyphens, beginning and ending with a letter or digit")


def _resource_id(kind: str) -> Callable[[str], str | None]:
    def mistake(value: str) -> str | None:
        parts = value.lower().split("/")
        if value == "" or (len(parts) > 4 and kind.lower() in parts):
            return None
        return _("give the whole id, with /{kind}/ in it").format(kind=kind)

    return mistake


def _address(value: str) -> str | None:
    found = _ADDRESS.fullmatch(value)
    if value == "" or (found and all(int(part) < 256 for part in found.groups())):
        return None
    return _("give an IPv4 address such as 10.0.0.4, or nothing for one that Azure chooses")


def _yes_no(value: str) -> str | None:
    return None if value in ("yes", "no") else _("give yes or no")


def _some(value: str) -> str | None:
    return None if value else _("give a value")


def _nic(details: Mapping[str, Any]) -> Mapping[str, Any]:
    nics = details.get("vmNics") or [{}]
    chosen: Mapping[str, Any] = nics[0]
    return chosen


def _ip(details: Mapping[str, Any]) -> Mapping[str, Any]:
    configs = _nic(details).get("ipConfigs") or [{}]
    chosen: Mapping[str, Any] = configs[0]
    return chosen


def settings() -> dict[str, Setting]:
    """The settings that can be changed, by key; captions in the language of now."""
    found = (
        Setting(
            "name",
            _("Azure VM name"),
            _("1 to 63 letters, digits and hyphens."),
            lambda d: first_of(d, VM_NAME),
            _vm_name,
        ),
        Setting(
            "size",
            _("size"),
            _("A size that the region has, such as Standard_D2s_v3."),
            lambda d: first_of(d, VM_SIZE),
            _some,
        ),
        Setting(
            "resource-group",
            _("resource group"),
            _("The id of the group that the machine goes to."),
            lambda d: first_of(d, GROUP),
            _resource_id("resourceGroups"),
        ),
        Setting(
            "availability-set",
            _("availability set"),
            _("The id of an availability set in that group; empty for none."),
            lambda d: first_of(d, ("recoveryAvailabilitySetId", "targetAvailabilitySetId")),
            _resource_id("availabilitySets"),
        ),
        Setting(
            "managed-disks",
            _("managed disks"),
            _("yes or no; storage accounts are no target any more since 2019."),
            lambda d: "yes" if str(d.get("useManagedDisks")).lower() == "true" else "no",
            _yes_no,
        ),
        Setting(
            "network",
            _("network"),
            _("The id of the virtual network that it joins after failover."),
            lambda d: first_of(d, NETWORK),
            _resource_id("virtualNetworks"),
        ),
        Setting(
            "subnet",
            _("subnet"),
            _("The name of a subnet of that network."),
            lambda d: str(_ip(d).get("recoverySubnetName") or _nic(d).get("targetSubnetName") or ""),
            _some,
        ),
        Setting(
            "address",
            _("address"),
            _("The private address in Azure; empty for one that Azure chooses."),
            lambda d: str(_ip(d).get("recoveryStaticIPAddress") or _nic(d).get("targetIPAddress") or ""),
            _address,
        ),
    )
    return {setting.key: setting for setting in found}


def current(details: Mapping[str, Any]) -> dict[str, str]:
    """The settings as they are, from providerSpecificDetails."""
    return {key: setting.read(details) for key, setting in settings().items()}


def parsed(pairs: list[str]) -> dict[str, str]:
    """`KEY=VALUE` texts as settings. UsageError names every one that will not do."""
    known, wanted, wrong = settings(), dict[str, str](), []
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals and key in known:
            what = _("needs a value.")
            form = _("Give it as {key}=VALUE.").format(key=key)
            wrong.append(Problem("bad-setting", pair, what, remedy=form))
        elif key not in known:
            what = _("no such setting; give NAME=VALUE with one of: {known}").format(known=", ".join(known))
            wrong.append(Problem("unknown-setting", pair, what))
        elif (mistake := known[key].mistake(value.strip())) is not None:
            wrong.append(Problem("bad-setting", pair, mistake))
        else:
            wanted[key] = value.strip()
    if wrong:
        raise UsageError(*wrong)
    return wanted


def plan(vault: Vault, item: ProtectedItem, wanted: Mapping[str, str]) -> Plan:
    """What will be changed; empty where everything is as wanted."""
    now = current(details(vault, item))
    captions = settings()
    changes = tuple(
        Change(
            "change", captions[key].caption, item.title, f"{plain(now[key]) or '-'} -> {plain(value) or '-'}"
        )
        for key, value in wanted.items()
        if now[key].lower() != value.lower()
    )
    return Plan("item-settings", changes, (NEEDS,) if changes else (), looked_at={"settings": now})


def refuse_if_other(
    vault: Vault, items: Sequence[ProtectedItem], shown: Mapping[str, Mapping[str, str]]
) -> None:
    """RefusedError where an item would not become in Azure what was shown; `shown`: settings by the item's id."""
    wrong = []
    for item in items:
        was, now = shown.get(item.id), current(details(vault, item))
        if was is not None and was != now:
            moved = [
                f"{key} was {was.get(key) or '-'}, is {now[key] or '-'}"
                for key in now
                if was.get(key) != now[key]
            ]
            what = _("Its settings have changed since the plan was shown: {what}.")
            remedy = _("Nothing was sent. Look at the new plan and confirm that one.")
            what = what.format(what=plain("; ".join(moved), 600))
            wrong.append(Problem("item-moved", plain(item.title), what, remedy=remedy))
    if wrong:
        raise RefusedError(*wrong)


def apply(hand: Hand, vault: Vault, item: ProtectedItem, wanted: Mapping[str, str], shown: Plan) -> None:
    """Change the settings and follow the job. RefusedError when they have moved since the plan was shown."""

    def still() -> None:
        refuse_if_moved(shown, plan(vault, item, wanted))

    still()
    there = details(vault, item)
    body = update_body(item.provider, there, current(there), wanted)
    group = vault.reads.sdk.replication_protected_items
    where = (*vault.reads.scope, item.fabric, item.container, item.name)

    def done() -> bool:
        now = current(details(vault, item))
        return all(now[key].lower() == value.lower() for key, value in wanted.items())

    row = ask(
        hand,
        "update-item",
        item.id,
        "PATCH",
        body,
        lambda sdk: group.begin_update(*where, body, **sdk),
        done,
        jobs=vault.reads,
        before=still,
    )
    follow_job(hand, vault.reads, row, done)
    if not done():
        what = _("Azure has taken the change, and the settings are not as wanted.")
        raise ProblemError(Problem("not-as-wanted", item.title, what, remedy=_("Look at the item's page.")))


def details(vault: Vault, item: ProtectedItem) -> Mapping[str, Any]:
    """What only the item's provider says of it, now (providerSpecificDetails)."""
    json = vault.item_json(item)
    found: Mapping[str, Any] = json["properties"].get("providerSpecificDetails") or {}
    return found
