"""A Hyper-V site that protects machines: asked for by name, beside the machines of the configuration server."""

from __future__ import annotations

from services.practice import (
    enable,
    hyperv,
    ids,
    item_facts,
    item_states,
    job_plans,
    job_store,
    network,
    policies,
    storage,
)
from services.practice.fabrics import server, sides
from services.practice.facts import VAULT, group_id
from services.practice.seed_items import DAY, HOUR
from services.practice.seed_networks import PRODUCTION
from services.practice.store import Document, Store
from services.practice.web import Realm

SITE, HOST = "contoso-hyperv", "hv-host-01.contoso.example"
POLICY = {
    "instanceType": item_facts.HYPER_V,
    "recoveryPointHistoryDurationInHours": 24,
    "applicationConsistentSnapshotFrequencyInHours": 4,
    "replicationInterval": 300,
    "encryption": "Disabled",
}


def sow(realm: Realm, count: int) -> None:
    """The site with a policy and `count` protected machines, hv-01 and on."""
    store, now = realm.store, realm.clock.seconds()
    group, born = group_id(realm.facts), now - 15 * DAY
    vault = store.get("vault", f"{group}/providers/Microsoft.RecoveryServices/vaults/{VAULT}")
    if vault is None:
        return
    fabric, container = registered(store, vault, born)
    policy = policies.policy_id(vault, f"{SITE}-policy")
    store.put(
        "policy", policy, {"id": policy, "name": f"{SITE}-policy", "details": POLICY}, parent=vault["id"]
    )
    mapping = f"{container}/replicationProtectionContainerMappings/{SITE}-policy"
    paired = {"id": mapping, "name": f"{SITE}-policy", "policy": policy, "friendly": SITE}
    store.put("mapping", mapping, paired | {"kind": item_facts.HYPER_V}, parent=container)
    shared = {
        "container": container,
        "fabric": fabric["id"],
        "vault": vault["id"],
        "provider": f"{fabric['id']}/replicationRecoveryServicesProviders/{fabric['provider']}",
        "policy": policy,
        "host": fabric["host"],
        "group": group,
        "storage": f"{group}{storage.PROVIDER}/contosoasrcache",
        "network": f"{group}{network.PROVIDER}/{PRODUCTION}",
        "enabled": born,
        "points": born,
        "since": born,
        "lastTest": now - 20 * DAY - 5 * HOUR,
    }
    for number in range(1, count + 1):
        protect(store, fabric, shared, number)


def registered(store: Store, vault: Document, born: float) -> tuple[Document, str]:
    """The site's fabric, and the id of its container."""
    internal = ids.derived(vault["id"], SITE)
    key = f"{ids.site_recovery(vault)}/replicationFabrics/{SITE}"
    fabric: Document = {
        "id": key,
        "name": SITE,
        "kind": hyperv.SITE,
        "vault": vault["id"],
        "friendly": SITE,
        "address": HOST,
        "registered": born,
        "refreshed": None,
        "internal": internal,
        "host": ids.derived(internal, "host"),
        "provider": ids.derived(internal, "provider"),
    }
    container = f"{key}/replicationProtectionContainers/cloud_{internal}"
    cloud = {"id": container, "name": f"cloud_{internal}", "friendly": SITE, "kind": hyperv.SITE}
    store.put("fabric", key, fabric, parent=vault["id"])
    store.put("container", container, cloud, parent=key)
    outcome = job_store.Outcome()
    job_store.started(
        store, born, vault, job_plans.REGISTER, server(fabric), outcome, key, affected=sides(fabric)
    )
    return fabric, container


def protect(store: Store, fabric: Document, shared: Document, number: int) -> None:
    """One machine of the site, with its protected item."""
    friendly = f"hv-{number:02d}"
    name = ids.derived(shared["container"], friendly)
    key = f"{shared['container']}/replicationProtectedItems/{name}"
    found = f"{shared['container']}/replicationProtectableItems/{name}"
    machine = {
        "name": name,
        "friendly": friendly,
        "kind": item_facts.HYPER_V,
        "address": f"10.3.0.{number % 200 + 10}",
        "os": "Linux" if number % 2 == 0 else "Windows",
        "provider": shared["provider"],
        "host": shared["host"],
        "hostVm": ids.derived(found, "vm"),
        "vhd": ids.derived(found, "vhd"),
        "dataDisks": number % 2,
    }
    item: Document = {
        **shared,
        **machine,
        "id": key,
        "protectable": found,
        "account": "",
        "vmName": friendly,
        "log": "",
        "subnet": "Subnet-1",
        "failure": None,
        "job": "None",
        "phase": item_states.PROTECTED,
        "rpo": 30 + number * 13 % 240,
    }
    item["affected"] = enable.affected(fabric, item)
    store.put("protectable", found, {**machine, "id": found, "protected": key}, parent=shared["container"])
    store.put("item", key, item, parent=shared["container"])
