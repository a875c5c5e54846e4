"""The vault full of protected items that can be asked for: mixed states, as after some months of use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.practice import enable, ids, item_facts, item_states, machines_in_azure, network, storage
from services.practice.facts import group_id
from services.practice.item_details import disks
from services.practice.seed_networks import PRODUCTION
from services.practice.store import Document, Store

HOUR, DAY = 3600.0, 86400.0
# The first items are machines of this world: name, address, system, data disks.
KNOWN = (
    ("app-01", "10.1.0.11", "Linux", 1),
    ("web-01", "10.1.0.31", "Windows", 0),
    ("app-02", "10.1.0.12", "Linux", 0),
    ("db-01", "10.1.0.21", "Linux", 2),
    ("web-02", "10.1.0.32", "Windows", 0),
    ("web-03", "10.1.0.33", "Windows", 0),
    ("web-04", "10.1.0.34", "Windows", 0),
    ("app-03", "10.1.0.13", "Linux", 0),
    ("app-04", "10.1.0.14", "Linux", 0),
    ("db-02", "10.1.0.22", "Linux", 1),
    ("web-05", "10.1.0.35", "Windows", 0),
    ("vmware-01", "10.1.0.51", "Linux", 0),
)
WARNING = {
    "code": "78144",
    "level": "Warning",
    "message": "No app-consistent recovery point is available for the machine in the last 4 hours.",
    "possibleCauses": "The VSS provider is not installed, or an application's writer failed.",
    "recommendedAction": "Read vacp.log on the machine, mend the provider and wait for the next point.",
    "resolvable": True,
}
CRITICAL = {
    "code": "78174",
    "level": "Error",
    "message": "The source machine has sent no heartbeat.",
    "possibleCauses": "The machine is off, or the Mobility service does not run.",
    "recommendedAction": "Start the machine and the services svagents and InMage Scout Application Service.",
    "resolvable": False,
}


@dataclass(frozen=True)
class Ground:
    """What all items share: whose they are, and when they were protected and seeded."""

    facts: dict[str, Any]
    vault: Document
    fabric: Document
    container: str
    policies: tuple[str, ...]
    born: float
    now: float


def pairs(ground: Ground, count: int) -> Iterator[tuple[Document, Document]]:
    """Protectable machines with their protected items."""
    return (pair(ground, number) for number in range(1, count + 1))


def named(number: int) -> tuple[str, str, str, int]:
    """Name, address, system and data disks of an item."""
    if number <= len(KNOWN):
        return KNOWN[number - 1]
    system = "Windows" if number % 3 == 0 else "Linux"
    return f"vm-{number:05d}", f"10.2.{number // 250 % 250}.{number % 250 + 1}", system, number % 4 // 2


def pair(ground: Ground, number: int) -> tuple[Document, Document]:
    """One protectable machine and its protected item."""
    friendly, address, system, data = named(number)
    name, fabric, group = ids.derived(ground.container, friendly), ground.fabric, group_id(ground.facts)
    shared = {
        "name": name,
        "friendly": friendly,
        "address": address,
        "os": system,
        "provider": f"{fabric['id']}/replicationRecoveryServicesProviders/{fabric['provider']}",
    }
    item_id = f"{ground.container}/replicationProtectedItems/{name}"
    machine_id = f"{ground.container}/replicationProtectableItems/{name}"
    item = shared | {
        "id": item_id,
        "container": ground.container,
        "fabric": fabric["id"],
        "vault": ground.vault["id"],
        "protectable": machine_id,
        "policy": ground.policies[number % len(ground.policies)],
        "host": fabric["host"],
        "account": "1",
        "vmName": friendly,
        "group": group,
        "storage": "",
        "log": f"{group}{storage.PROVIDER}/contosoasrcache",
        "network": f"{group}{network.PROVIDER}/{PRODUCTION}",
        "subnet": "Subnet-1" if number % 2 or number <= len(KNOWN) else "Subnet-2",
        "dataDisks": data,
        "enabled": ground.born,
        "failure": None,
        "job": "None",
        "points": ground.born,
        "phase": item_states.PROTECTED,
        "since": ground.born,
        "rpo": 30 + number * 13 % 240,
    }
    item |= {
        "affected": enable.affected(fabric, item),
        **history(ground, number),
        **state(ground, item, number),
    }
    return {"id": machine_id, "protected": item_id, **shared}, item


def history(ground: Ground, number: int) -> dict[str, Any]:
    """When the item was last drilled: some never, some long ago."""
    return {} if number % 4 == 0 else {"lastTest": ground.now - (number * 17 % 400) * DAY - 5 * HOUR}


def state(ground: Ground, item: Document, number: int) -> dict[str, Any]:
    """What makes this item different: the later ones of the known machines, and some of every fifty."""
    kind = {8: "warning", 9: "critical", 10: "drilled", 11: "over", 12: "vmware"}.get(number, "")
    if number > len(KNOWN):
        kind = {13: "warning", 21: "behind", 27: "critical", 31: "drilled", 37: "over", 43: "first"}.get(
            number % 50, ""
        )
    problem = {"id": ids.derived(item["id"], "problem"), "at": ground.now - 3 * HOUR}
    if kind == "warning":
        return {"problems": [{**WARNING, **problem}]}
    if kind == "critical":
        return {"problems": [{**CRITICAL, **problem}], "stalled": ground.now - 3 * HOUR}
    if kind == "behind":
        return {"rpo": 2700}
    if kind == "first":
        return {"phase": item_states.COMPLETING, "points": None}
    if kind == "vmware":
        return {"discovery": "vCenter", "agent": "9.62.7172.1"}
    return gone(ground, item, kind)


def gone(ground: Ground, item: Document, kind: str) -> dict[str, Any]:
    """An item whose drill or failover is not finished."""
    if kind == "drilled":
        at = ground.now - 3 * DAY
        vm = machines_in_azure.machine_id(item["group"], item["vmName"] + "-test")
        job = ids.derived(item["id"], "drill")
        net = f"{item['group']}{network.PROVIDER}/drill-net"
        test = {"state": item_facts.PENDING, "vm": vm, "network": net, "point": "", "job": job, "since": at}
        return {"test": test, "lastTest": at}
    if kind == "over":
        at = ground.now - 2 * HOUR
        vm = machines_in_azure.machine_id(item["group"], item["vmName"])
        over = {"failover": {"point": "", "at": at}, "lastFailover": at, "stopped": at, "target": vm}
        return {"phase": item_facts.FAILED_OVER, "since": at, **over}
    return {}


def machines(store: Store, item: Document) -> None:
    """The machine in Azure of an item whose drill or failover is not finished."""
    purpose = "test" if item.get("test") else "failover" if item.get("target") else ""
    if not purpose:
        return
    vm, at = (
        (item["test"]["vm"], item["test"]["since"]) if item.get("test") else (item["target"], item["since"])
    )
    facts = {
        "id": vm,
        "location": "westeurope",
        "size": "Standard_D2s_v3",
        "os": item["os"],
        "network": item["test"]["network"] if item.get("test") else item["network"],
        "subnet": item["subnet"],
        "address": item["address"],
        "item": item["id"],
        "purpose": purpose,
        "source": item["friendly"],
        "sourceAddress": item["address"],
        "disks": disks(item),
    }
    machines_in_azure.made(store, at, facts)
    machines_in_azure.power(store, vm, "running", at + 120)
