"""What a vault knows of networks: which ones its machines join at a failover, and which machines its drills make."""

from __future__ import annotations

from services.azure.ids import last
from services.azure.machines import Machines
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.recovery.isolation import Around
from services.recovery.item import CLEANUP_PENDING, ProtectedItem
from services.recovery.run import UNRECORDED, runs
from services.recovery.vault import Vault
from services.recovery.verbs import CLEANUP, DRILL
from services.text import _, plain
from services.world.deadline import Deadline

_DRILLING, _PENDING = "TestFailover", "cleanup-pending"


def around(vault: Vault) -> Around:
    """Read from all items of the vault and its network mappings. A machine that has the name of a drill's is taken
    for one only while that drill stands, or has left something. ProblemError when the items cannot be read."""
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
    left = _left_something(vault)
    tests = frozenset(
        test_machine_id(vault, item).lower()
        for item in items
        if item.phase == CLEANUP_PENDING or item.scenario == _DRILLING or item.id.lower() in left
    )
    return Around(failover, tests, unread)


def _left_something(vault: Vault) -> set[str]:
    """Ids, in lower case, of the items of whose last drill, as this journal knows it, something may be there."""
    last_word: dict[str, str] = {}
    for known, outcome in runs(vault, Deadline()):
        if known.about.verb in (DRILL, CLEANUP):
            last_word.update(dict.fromkeys(known.about.targets, outcome))
    return {id_ for id_, outcome in last_word.items() if outcome in ("", UNRECORDED, _PENDING)}


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
