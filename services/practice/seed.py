"""What a new world holds."""

from __future__ import annotations

from services.practice import network, storage, vaults
from services.practice.facts import RESOURCE_GROUP, VAULT, group_id
from services.practice.web import Realm

# Long ago enough that everything seeded is ready.
AGE = 30 * 86400.0


def sow(realm: Realm) -> None:
    """Fill a new world, in one transaction; an older one is left as it is."""
    store = realm.store
    with store.transaction():
        if not store.setting("sown"):
            base(realm)
            store.set_setting("sown", True)


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
