"""What the drills of an item have made that is still there: machines with their parts, and networks of our own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.azure.machines import Machines
from services.azure.networks import Networks
from services.journal.operations import operations
from services.recovery import added, drill_network
from services.recovery.drill_making import MADE
from services.recovery.item import ProtectedItem
from services.recovery.run import Run, runs
from services.recovery.surroundings import test_machine
from services.recovery.vault import Vault
from services.recovery.verbs import CLEANUP, DRILL
from services.world.deadline import Deadline

BELONGS, NETWORKS = "belongs", "networks"
"""Facts, each with a dot and the item's name: ids of what was the drill's machine's, and of its networks."""


def machine_names(vault: Vault, item: ProtectedItem) -> list[tuple[str, str]]:
    """Group id and name of the machines that drills of an item may have left, each once: the one of the newest
    drill that this journal knows, as the item may have another name since, and the one of its name today.
    """
    today = (item.group_id or vault.ref.group_id, test_machine(item))
    found = [today]
    for other, _outcome in reversed(_drills(vault, item)):
        parts = (other.facts.get("drill") or {}).get("parts") or []
        then = [(one["group_id"], one["machine"]) for one in parts if one["id"].lower() == item.id.lower()]
        if then:
            found = [*then, today]
            break
    return list({(group.lower(), name.lower()): (group, name) for group, name in found}.values())


def things(vault: Vault, item: ProtectedItem, known: Iterable[str] = ()) -> list[str]:
    """Ids of machines, interfaces and disks that are there; `known` are ids that were a drill's before."""
    machines = Machines(vault.azure.arm, vault.ref.subscription)
    known = (*known, *before(vault, item))
    found = [id_ for where in machine_names(vault, item) for id_ in machines.belongings(*where, known)]
    return list(dict.fromkeys(found))


def before(vault: Vault, item: ProtectedItem, but: Run | None = None) -> tuple[str, ...]:
    """What the last drill or clean-up of an item has kept as its machine's."""
    return tuple(latest(vault, item, but)[0].get(f"{BELONGS}.{item.name}") or ())


def latest(vault: Vault, item: ProtectedItem, but: Run | None = None) -> tuple[Mapping[str, Any], str]:
    """What the last drill or clean-up of an item has learnt, and how it ended; nothing where there is none."""
    for other, outcome in reversed(_drills(vault, item)):
        if but is None or other.engagement_id != but.engagement_id:
            return other.facts, outcome
    return {}, ""


def networks(vault: Vault, item: ProtectedItem, used: Iterable[str] = ()) -> list[str]:
    """Ids of networks that drills of an item have made and that are still there; `used` is looked at as well.

    They are known by the runs that made them, or by their name, and always by their tag.
    """
    made = [str(run.facts.get(MADE) or "") for run, _outcome in _drills(vault, item)]
    ids = {one.lower(): one for one in (*used, *made, drill_network.own_id(item, vault.ref.group_id)) if one}
    reads = Networks(vault.azure.arm, vault.ref.subscription)
    return [id_ for id_ in ids.values() if drill_network.is_ours(reads.get(id_))]


def wanted_elsewhere(run: Run) -> set[str]:
    """Ids, in lower case, of the networks that other drills of this journal are on their way to: a machine that
    Azure is about to start there shows in no list yet.
    """
    found = set()
    for other, outcome in runs(run.vault, run.deadline):
        network = (other.facts.get("drill") or {}).get("network") or {}
        mine = other.engagement_id == run.engagement_id
        if not mine and not outcome and network and operations(run.journal, other.engagement_id):
            found.add(str(network["id"]).lower())
    return found


def know(run: Run, item: ProtectedItem) -> None:
    """Keep what is the drill's before it is deleted: its machine's parts, and the networks of our own."""
    key = f"{BELONGS}.{item.name}"
    if key in run.facts:
        return
    machines = Machines(run.azure.arm, run.vault.ref.subscription)
    views = [machines.named(*where) for where in machine_names(run.vault, item)]
    found = [view for view in views if view]
    parts = things(run.vault, item, (*before(run.vault, item, run), *(one for v in found for one in v.parts)))
    used = [view.network_id for view in found]
    own = networks(run.vault, item, used)
    tied = added.by_hand(run.vault, item, found)
    run.learn(**{key: parts, f"{NETWORKS}.{item.name}": own, f"{added.ADDED}.{item.name}": tied})


def _drills(vault: Vault, item: ProtectedItem) -> list[tuple[Run, str]]:
    wanted = item.id.lower()
    return [
        (run, outcome)
        for run, outcome in runs(vault, Deadline())
        if run.about.verb in (DRILL, CLEANUP) and wanted in run.about.targets
    ]
