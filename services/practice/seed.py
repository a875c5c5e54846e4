"""What a new world holds, and the vault full of protected items that can be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.practice import enable, ids, item_states, network, policies, registration, storage, vaults
from services.practice.facts import RESOURCE_GROUP, VAULT, group_id
from services.practice.store import Document
from services.practice.web import Realm

# Long ago enough that everything seeded is ready.
AGE = 30 * 86400.0
POLICY, ACCOUNT = "contoso-policy", "linux-root"


def sow(realm: Realm, items: int) -> None:
    """Fill a new world; an older one keeps what it has, and gets its protected items once."""
    store = realm.store
    with store.transaction():
        if not store.setting("sown"):
            base(realm)
            store.set_setting("sown", True)
        if items and not store.setting("items"):
            protected(realm, items)
            store.set_setting("items", items)


def base(realm: Realm) -> None:
    """The group, the vaults, storage and networks."""
    store, facts = realm.store, realm.facts
    group, born = group_id(facts), realm.clock.seconds() - AGE
    store.put("group", group, {"id": group, "name": RESOURCE_GROUP, "location": "westeurope", "tags": {}})
    kinds = (
        (VAULT, "westeurope", "Vmware"),
        ("contoso-east", "eastus", "Vmware"),
        ("contoso-modern", "westeurope", None),
    )
    for name, location, provider in kinds:
        vault_id = f"{group}/providers/Microsoft.RecoveryServices/vaults/{name}"
        store.put("vault", vault_id, vaults.fresh(vault_id, location, born, provider), parent=group)
    for account in storage.seeded(facts, born):
        store.put("storage", account["id"], account, parent=group)
    for vnet in network.seeded(facts, born):
        store.put("vnet", vnet["id"], vnet, parent=group)


def protected(realm: Realm, count: int) -> None:
    """A registered server with a policy and `count` protected machines."""
    store, now = realm.store, realm.clock.seconds() - AGE / 2
    vault = store.get("vault", f"{group_id(realm.facts)}/providers/Microsoft.RecoveryServices/vaults/{VAULT}")
    if vault is None:
        return
    fabric = registration.register(store, vault, "cs-01", "10.1.0.5", now)
    registration.add_account(store, ACCOUNT, now)
    container = store.all("container", fabric["id"])[0]["id"]
    key = policies.policy_id(vault, POLICY)
    settings = policies.DEFAULTS | {"multiVmSyncStatus": "Enabled"}
    store.put("policy", key, {"id": key, "name": POLICY, "details": settings}, parent=vault["id"])
    mapping = f"{container}/replicationProtectionContainerMappings/{POLICY}"
    store.put(
        "mapping",
        mapping,
        {"id": mapping, "name": POLICY, "policy": key, "friendly": fabric["friendly"]},
        parent=container,
    )
    pairs = [pair(realm.facts, vault, fabric, container, key, now, number) for number in range(1, count + 1)]
    store.put_many("protectable", container, keyed(machine for machine, _ in pairs))
    store.put_many("item", container, keyed(item for _, item in pairs))


def keyed(documents: Iterator[Document]) -> Iterator[tuple[str, Document]]:
    """Documents with their keys."""
    return ((document["id"], document) for document in documents)


def pair(
    facts: dict[str, Any],
    vault: Document,
    fabric: Document,
    container: str,
    policy: str,
    at: float,
    number: int,
) -> tuple[Document, Document]:
    """One protectable machine and its protected item."""
    friendly = f"vm-{number:05d}"
    name = ids.derived(container, friendly)
    provider = f"{fabric['id']}/replicationRecoveryServicesProviders/{fabric['provider']}"
    item_id = f"{container}/replicationProtectedItems/{name}"
    group = group_id(facts)
    shared = {
        "name": name,
        "friendly": friendly,
        "address": f"10.2.{number // 250 % 250}.{number % 250 + 1}",
        "os": "Windows" if number % 3 == 0 else "Linux",
        "provider": provider,
    }
    machine = {"id": f"{container}/replicationProtectableItems/{name}", "protected": item_id, **shared}
    item = shared | {
        "id": item_id,
        "container": container,
        "fabric": fabric["id"],
        "vault": vault["id"],
        "protectable": machine["id"],
        "policy": policy,
        "host": fabric["host"],
        "account": "1",
        "vmName": friendly,
        "group": group,
        "storage": "",
        "log": f"{group}{storage.PROVIDER}/contosoasrcache",
        "network": f"{group}{network.PROVIDER}/contoso-recovery-net",
        "subnet": "Subnet-1",
        "enabled": at,
        "failure": None,
        "job": "None",
        "points": at,
        "phase": item_states.PROTECTED,
        "since": at,
    }
    return machine, item | {"affected": enable.affected(fabric, item)}
