"""What a new world holds, and the vault full of protected items that can be asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.practice import (
    ids,
    policies,
    registration,
    seed_history,
    seed_hyperv,
    seed_items,
    seed_networks,
    storage,
    vaults,
)
from services.practice.facts import RESOURCE_GROUP, VAULT, group_id
from services.practice.store import Document
from services.practice.web import Realm

# Long ago enough that everything seeded is ready.
AGE = 30 * 86400.0
ACCOUNT = "linux-root"
# name, hours that recovery points are kept
POLICIES = (("contoso-policy", 24), ("contoso-policy-72h", 72))


def sow(realm: Realm, items: int, jobs: int = 0, hyperv: int = 0) -> None:
    """Fill a new world; an older one keeps what it has, and gets its protected items once.

    `hyperv`: so many of a Hyper-V site, beside the `items` of the configuration server.
    """
    store = realm.store
    with store.transaction():
        if not store.setting("sown"):
            base(realm)
            store.set_setting("sown", True)
        if items and not store.setting("items"):
            protected(realm, items, jobs)
            store.set_setting("items", items)
        if hyperv and not store.setting("hyperv"):
            seed_hyperv.sow(realm, hyperv)
            store.set_setting("hyperv", hyperv)


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
    seed_networks.sow(store, facts, born)


def protected(realm: Realm, count: int, jobs: int) -> None:
    """A registered server with two policies, `count` protected machines, and `jobs` that run on some of them."""
    store, now = realm.store, realm.clock.seconds()
    born = now - AGE / 2
    vault = store.get("vault", f"{group_id(realm.facts)}/providers/Microsoft.RecoveryServices/vaults/{VAULT}")
    if vault is None:
        return
    fabric = registration.register(store, vault, "cs-01", "10.1.0.5", born)
    registration.add_account(store, ACCOUNT, born)
    container = store.all("container", fabric["id"])[0]["id"]
    keys = tuple(policy(realm, vault, fabric, container, name, hours) for name, hours in POLICIES)
    ground = seed_items.Ground(realm.facts, vault, fabric, container, keys, born, now)
    pairs = list(seed_items.pairs(ground, count))
    store.put_many("protectable", container, keyed(machine for machine, _ in pairs))
    store.put_many("item", container, keyed(item for _, item in pairs))
    items = [item for _, item in pairs]
    for item in items:
        seed_items.machines(store, item)
    second = ids.derived(fabric["internal"], "process-server", "ps-02")
    more = [{"name": "ps-02", "host": second, "address": "10.1.0.6", "strained": True}]
    store.put("fabric", fabric["id"], {**fabric, "more": more}, parent=vault["id"])
    seed_history.sow(store, ground, items)
    seed_history.running(store, ground, items, jobs)


def policy(realm: Realm, vault: Document, fabric: Document, container: str, name: str, hours: int) -> str:
    """A policy that is associated with the server; its id."""
    store, key = realm.store, policies.policy_id(vault, name)
    settings = policies.DEFAULTS | {"multiVmSyncStatus": "Enabled", "recoveryPointHistory": hours * 60}
    store.put("policy", key, {"id": key, "name": name, "details": settings}, parent=vault["id"])
    mapping = f"{container}/replicationProtectionContainerMappings/{name}"
    paired = {"id": mapping, "name": name, "policy": key, "friendly": fabric["friendly"]}
    store.put("mapping", mapping, paired, parent=container)
    return key


def keyed(documents: Iterable[Document]) -> Iterator[tuple[str, Document]]:
    """Documents with their keys."""
    return ((document["id"], document) for document in documents)
