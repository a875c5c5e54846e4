"""What a person has tied to a drill's machine, and Azure does not delete with it: public addresses and such."""

from __future__ import annotations

import json
from collections.abc import Iterable

from services.azure.ids import last
from services.azure.machines import MachineView
from services.azure.networks import NETWORK_API, Json, properties
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError
from services.recovery.item import ProtectedItem
from services.recovery.vault import Vault
from services.text import _, plain

ADDED = "added"
"""The fact, with a dot and the item's name, of ids that were tied to its drill's machine by a person."""
_USERS = ("ipConfiguration", "natGateway", "networkInterfaces", "subnets")


def by_hand(vault: Vault, item: ProtectedItem, machines: Iterable[MachineView]) -> list[str]:
    """Ids of what is tied to the interfaces of a drill's machines and is not of the item's own settings."""
    settings = json.dumps(vault.item_json(item)).lower()
    interfaces = [id_ for one in machines for id_ in one.parts if "/networkinterfaces/" in id_.lower()]
    found = [tied for id_ in interfaces for tied in _tied(vault.azure.arm.get(id_, NETWORK_API))]
    return [id_ for id_ in dict.fromkeys(found) if id_.lower() not in settings]


def left(vault: Vault, ids: Iterable[str]) -> tuple[str, ...]:
    """Those that are still there and that nothing uses; one that can not be read counts."""
    return tuple(id_ for id_ in dict.fromkeys(ids) if _unused(vault, id_))


def warning(ids: Iterable[str]) -> Problem:
    """What is to be said of what is left."""
    names = ", ".join(sorted(last(id_) for id_ in ids))
    what = _("It was tied to the drill's machine by hand, and is still there: {names}.").format(
        names=plain(names)
    )
    return Problem("added-by-hand", plain(names), what, remedy=_("Delete it in Azure where nobody needs it."))


def _tied(interface: Json | None) -> list[str]:
    about = properties(interface)
    addresses = [properties(one).get("publicIPAddress") or {} for one in about.get("ipConfigurations") or []]
    tied = [*addresses, about.get("networkSecurityGroup") or {}]
    return [str(one["id"]) for one in tied if one.get("id")]


def _unused(vault: Vault, id_: str) -> bool:
    try:
        found = vault.azure.arm.get(id_, NETWORK_API)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError:
        return True
    return found is not None and not any(properties(found).get(key) for key in _USERS)
