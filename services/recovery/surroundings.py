"""What a vault knows of networks: which ones its machines join at a failover, and which machines its drills make."""

from __future__ import annotations

from services.azure.ids import last
from services.azure.machines import Machines
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.recovery.isolation import Around
from services.recovery.item import ProtectedItem
from services.recovery.vault import Vault
from services.text import _, plain


def around(vault: Vault) -> Around:
    """Read from all items of the vault and its network mappings. ProblemError when the items cannot be read."""
    items = vault.items()
    failover = {item.title: item.network_id for item in items if item.network_id}
    unread = ""
    try:
        for mapping in vault.reads.network_mappings():
            network = str((mapping.get("properties") or {}).get("recoveryNetworkId") or "")
            failover[f"mapping {last(str(mapping.get('id')))}"] = network
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        unread = error.problems[0].what
    tests = frozenset(test_machine_id(vault, item).lower() for item in items)
    return Around(failover, tests, unread)


def test_machine(item: ProtectedItem) -> str:
    """The name of an item's machine in a drill (AS-9.3)."""
    return f"{item.azure_name or item.title}-test"


def test_machine_id(vault: Vault, item: ProtectedItem) -> str:
    """The id of an item's machine in a drill."""
    group = item.group_id or vault.ref.group_id
    return f"{group}/providers/Microsoft.Compute/virtualMachines/{test_machine(item)}"


def refuse_taken_name(vault: Vault, item: ProtectedItem) -> None:
    """RefusedError where a machine has the name already that the drill's would get: afterwards nobody could tell
    them apart, and the wrong one might be deleted.
    """
    group, name = item.group_id or vault.ref.group_id, test_machine(item)
    if Machines(vault.azure.arm, vault.ref.subscription).named(group, name) is not None:
        what = _("A machine of the name {name} is there already.").format(name=plain(name))
        remedy = _(
            "If a drill has left it: lifeboat cleanup {item}. "
            "Else set another name: lifeboat items set {item} name=NAME"
        ).format(item=plain(item.title))
        raise RefusedError(Problem("name-taken", plain(item.title), what, remedy=remedy))
