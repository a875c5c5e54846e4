"""Protection containers of a configuration server, and what can be protected in them."""

from __future__ import annotations

import ipaddress
import re
import uuid
from typing import Any

from services.practice import effects, hyperv, ids, item_facts, job_plans, job_store, lro, paging
from services.practice.fabrics import fabric_of, server, sides
from services.practice.job_store import Outcome
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Refusal, Router

CONTAINERS = "/replicationProtectionContainers"
PROTECTABLE = ids.CONTAINER + "/replicationProtectableItems"
# The page after the machines: replication groups, of which there are none. Clients must read it.
GROUPS = "ReplicationGroup:Begin"
routes = Router()


def container_of(call: Call) -> tuple[Document, Document, Document]:
    """Vault, fabric and container named in the path."""
    vault, fabric = fabric_of(call)
    container = call.store.get("container", f"{fabric['id']}{CONTAINERS}/{call.path['container']}")
    if container is None:
        raise ids.absent(call, call.path["container"])
    return vault, fabric, container


def view(store: Store, container: Document) -> Document:
    """A container as the service answers it."""
    paired = store.count("mapping", container["id"]) > 0
    return {
        "id": container["id"],
        "name": container["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers",
        "properties": {
            "fabricFriendlyName": container["friendly"],
            "friendlyName": container["friendly"],
            "fabricType": container.get("kind") or "VMware",
            "protectedItemCount": store.count("item", container["id"]),
            "pairingStatus": "Paired" if paired else "NotPaired",
            "role": "Primary" if paired else "",
        },
    }


@routes.on("GET", ids.VAULT + CONTAINERS)
def list_all(call: Call) -> Answer:
    """The containers of the vault."""
    found = call.store.all("container", ids.vault_of(call)["id"])
    return Answer(body={"value": [view(call.store, c) for c in found]})


@routes.on("GET", ids.FABRIC + CONTAINERS)
def list_fabric(call: Call) -> Answer:
    """The containers of a fabric."""
    found = call.store.all("container", fabric_of(call)[1]["id"])
    return Answer(body={"value": [view(call.store, c) for c in found]})


@routes.on("GET", ids.CONTAINER)
def get(call: Call) -> Answer:
    """One container."""
    return Answer(body=view(call.store, container_of(call)[2]))


@routes.on("POST", ids.CONTAINER + "/discoverProtectableItem")
def discover(call: Call) -> Answer:
    """Add a physical machine by name, address and system. A public address is taken, as Azure takes it."""
    vault, fabric, container = container_of(call)
    machine = {
        k: str(call.properties().get(k) or "").strip() for k in ("friendlyName", "ipAddress", "osType")
    }
    check(call, container, machine)
    name = str(uuid.uuid4())
    item = {
        "id": f"{container['id']}/replicationProtectableItems/{name}",
        "name": name,
        "friendly": machine["friendlyName"],
        "address": machine["ipAddress"],
        "os": machine["osType"].capitalize(),
        "provider": f"{fabric['id']}/replicationRecoveryServicesProviders/{fabric['provider']}",
        "protected": None,
    }
    outcome = Outcome(done="machine-discovered", payload={"container": container["id"], "item": item})
    target = job_store.Target(name, machine["friendlyName"], server(fabric).kind)
    job = job_store.for_call(
        call, vault, job_plans.DISCOVER, target, outcome, container["id"], affected=sides(fabric)
    )
    return lro.accepted(call, vault, job)


def check(call: Call, container: Document, machine: dict[str, str]) -> None:
    """Refuse what the service refuses."""
    if not re.match(r"^[^\s/\\\"'<>|?*]{1,63}$", machine["friendlyName"]):
        raise invalid(call, "friendlyName", machine["friendlyName"])
    if machine["osType"].lower() not in ("windows", "linux"):
        raise invalid(call, "osType", machine["osType"])
    try:
        ipaddress.ip_address(machine["ipAddress"])
    except ValueError:
        raise invalid(call, "ipAddress", machine["ipAddress"]) from None
    running = [
        job["outcome"][2]["item"]
        for job in call.store.all("job", container["id"].split("/replicationFabrics")[0])
        if job["outcome"][0] == "machine-discovered" and job_store.state(job, call.now) == "InProgress"
    ]
    for other in [*call.store.all("protectable", container["id"]), *running]:
        if (
            machine["friendlyName"].lower() == other["friendly"].lower()
            or machine["ipAddress"] == other["address"]
        ):
            raise ids.detailed(
                call,
                409,
                "Conflict",
                "PhysicalMachineAlreadyExists",
                f"The machine '{machine['friendlyName']}' ({machine['ipAddress']}) cannot be added: "
                f"'{other['friendly']}' ({other['address']}) exists already.",
                "A machine with the same friendly name or IP address was added before.",
                "Use the machine that exists, or give another name and address.",
            )


def invalid(call: Call, name: str, value: str) -> Refusal:
    """A property of a machine that cannot be."""
    return ids.detailed(
        call,
        400,
        "BadRequest",
        "InvalidParameter",
        f"The value '{value}' of the property {name} is not valid.",
        "The value is missing or malformed.",
        "Give a valid value and try again.",
    )


@effects.effect("machine-discovered")
def machine_discovered(store: Store, _: float, payload: dict[str, Any]) -> None:
    """The machine is known."""
    store.put("protectable", payload["item"]["id"], payload["item"], parent=payload["container"])


def item_view(item: Document) -> Document:
    """A protectable item as the service answers it."""
    return {
        "id": item["id"],
        "name": item["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/"
        "replicationProtectableItems",
        "properties": {
            "friendlyName": item["friendly"],
            "protectionStatus": "Protected" if item["protected"] else "Unprotected",
            "replicationProtectedItemId": item["protected"],
            "recoveryServicesProviderId": item["provider"],
            "protectionReadinessErrors": [],
            "supportedReplicationProviders": [item_facts.provider(item)],
            "customDetails": hyperv.machine(item)
            if item_facts.provider(item) == item_facts.HYPER_V
            else {
                "instanceType": "VMwareVirtualMachine",
                "agentGeneratedId": "",
                "agentInstalled": "True" if item["protected"] else "False",
                "osType": item["os"],
                "agentVersion": "",
                "ipAddress": item["address"],
                "poweredOn": "On",
                "vCenterInfrastructureId": "",
                "discoveryType": "Physical",
                "diskDetails": [],
                "validationErrors": [],
            },
        },
    }


@routes.on("GET", PROTECTABLE)
def list_items(call: Call) -> Answer:
    """The machines of a container; then a second, empty page, as the service gives it."""
    container = container_of(call)[2]
    if paging.token(call) == GROUPS:
        return paging.page(call, [], 0)
    wanted = re.search(r"state eq '?(\w+)'?", call.query.get("$filter", ""), re.IGNORECASE)
    after = int(paging.token(call)) if paging.token(call).isdigit() else 0
    rows = call.store.page("protectable", container["id"], after, paging.PAGE + 1)
    found = [item_view(item) for _, item in rows[: paging.PAGE]]
    if wanted:
        found = [i for i in found if i["properties"]["protectionStatus"].lower() == wanted[1].lower()]
    return paging.page(call, found, rows[paging.PAGE - 1][0] if len(rows) > paging.PAGE else GROUPS)


@routes.on("GET", PROTECTABLE + "/{item}")
def get_item(call: Call) -> Answer:
    """One machine."""
    container = container_of(call)[2]
    item = call.store.get("protectable", f"{container['id']}/replicationProtectableItems/{call.path['item']}")
    if item is None:
        raise ids.absent(call, call.path["item"])
    return Answer(body=item_view(item))
