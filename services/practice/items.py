"""Protected items: enabled, read, changed, disabled."""

from __future__ import annotations

from services.practice import enable, ids, item_states, item_view, job_plans, job_store, lro, paging, push
from services.practice.compute import SIZES
from services.practice.containers import container_of
from services.practice.item_states import DISABLING, ENABLING, token
from services.practice.job_store import Outcome
from services.practice.store import Document
from services.practice.web import Answer, Call, Router

ITEMS = "/replicationProtectedItems"
ONE = ids.CONTAINER + ITEMS + "/{item}"
routes = Router()


@routes.on("GET", ids.VAULT + ITEMS)
def list_all(call: Call) -> Answer:
    """The items of the vault, in pages."""
    vault = ids.vault_of(call)
    return paging.stored(call, "item", vault["id"], lambda i: item_view.view(i, call.now))


@routes.on("GET", ids.CONTAINER + ITEMS)
def list_container(call: Call) -> Answer:
    """The items of a container, in pages."""
    container = container_of(call)[2]
    return paging.stored(call, "item", container["id"], lambda i: item_view.view(i, call.now))


def found(call: Call) -> tuple[Document, Document, Document | None]:
    """Vault, fabric and the item named in the path, if there is one."""
    vault, fabric, container = container_of(call)
    return vault, fabric, call.store.get("item", f"{container['id']}{ITEMS}/{call.path['item']}")


def item_of(call: Call) -> tuple[Document, Document, Document]:
    """Vault, fabric and the item named in the path."""
    vault, fabric, item = found(call)
    if item is None:
        raise ids.absent(call, call.path["item"])
    return vault, fabric, item


@routes.on("GET", ONE)
def get(call: Call) -> Answer:
    """One item."""
    return Answer(body=item_view.view(item_of(call)[2], call.now))


@routes.on("PUT", ONE)
def put(call: Call) -> Answer:
    """Enable the replication of a machine."""
    vault, fabric, container = container_of(call)
    item_id = f"{container['id']}{ITEMS}/{call.path['item']}"
    known = call.store.get("item", item_id)
    if known is not None:
        idle(call, vault, known)
        raise enable.wrong(
            call,
            "ReplicationProtectedItemAlreadyExists",
            f"The protected item '{known['name']}' exists already: it protects '{known['friendly']}'.",
            "Replication was enabled before.",
            "Use the protected item that exists, or disable its replication first.",
            409,
        )
    item = enable.checked(call, vault, fabric, container, item_id)
    item |= {
        "vault": vault["id"],
        "provider": f"{fabric['id']}/replicationRecoveryServicesProviders/{fabric['provider']}",
        "affected": enable.affected(fabric, item),
        "enabled": call.now,
        "failure": None,
    }
    outcome = Outcome("item-enabled", "item-not-enabled", token(item))
    failure = push.failure(call.realm.world, item["address"], item["os"], item["account"])
    job = job_store.for_call(
        call, vault, job_plans.ENABLE, item_states.target(item), outcome, item_id, failure, item["affected"]
    )
    item_states.keep(call.store, item_states.entered(item, ENABLING, call.now) | {"job": job["name"]})
    item_states.set_protected(call.store, item, True)
    return lro.accepted(call, vault, job)


def idle(call: Call, vault: Document, item: Document) -> None:
    """Refuse while a job is running on the item. A fault may begin one of somebody else's first."""
    if (call.foreign or {}).get("when") == "before":
        theirs, call.foreign = call.foreign or {}, None
        target = item_states.target(item)
        job_store.foreign(call.store, call.now, vault, theirs, target, item["id"], item["affected"])
    for job in call.store.all("job", vault["id"]):
        mine = item["id"].lower() in (job["resource"].lower(), *(job.get("items") or ()))
        if mine and call.now < job_store.worked(job):
            raise enable.wrong(
                call,
                "OperationInProgress",
                f"Another operation is in progress on the protected item '{item['friendly']}'.",
                f"The job '{job['friendly']}' ({job['name']}) is running.",
                "Wait until it has ended, then try again.",
                409,
            )


def start(call: Call, vault: Document, item: Document, plan: job_plans.Plan, outcome: Outcome) -> Document:
    """Start a job on an idle item."""
    idle(call, vault, item)
    return job_store.for_call(
        call, vault, plan, item_states.target(item), outcome, item["id"], affected=item["affected"]
    )


@routes.on("POST", ONE + "/remove")
def remove(call: Call) -> Answer:
    """Disable the replication; 204 if there is no such item."""
    return ended(call, job_plans.DISABLE)


@routes.on("DELETE", ONE)
def purge(call: Call) -> Answer:
    """Forget the item without asking the source; 204 if there is none."""
    return ended(call, job_plans.PURGE)


def ended(call: Call, plan: job_plans.Plan) -> Answer:
    """Start the end of an item."""
    vault, _, item = found(call)
    if item is None:
        return Answer(204)
    if item.get("test"):
        raise enable.wrong(
            call,
            "ProtectedItemStateNotValidForOperation",
            f"Replication of '{item['friendly']}' cannot be disabled.",
            "A test failover is pending.",
            "Run Cleanup test failover on the machine, then try again.",
            409,
        )
    job = start(
        call,
        vault,
        item,
        plan,
        Outcome("item-removed", "item-not-removed", token(item) | {"before": [item["phase"], item["since"]]}),
    )
    item_states.keep(call.store, item_states.entered(item, DISABLING, call.now) | {"job": job["name"]})
    return lro.accepted(call, vault, job)


@routes.on("GET", ONE + "/targetComputeSizes")
def compute_sizes(call: Call) -> Answer:
    """The sizes that the machine can have in Azure."""
    item = item_of(call)[2]
    value = [
        {
            "id": f"{item['id']}/targetComputeSizes/{name}",
            "name": name,
            "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/"
            "replicationProtectedItems/targetComputeSizes",
            "properties": {
                "name": name,
                "friendlyName": name,
                "cpuCoresCount": cores,
                "memoryInGB": memory / 1024,
                "maxDataDiskCount": disks,
                "maxNicsCount": 2,
                "errors": [],
                "highIopsSupported": "Supported",
            },
        }
        for name, cores, memory, disks, _ in SIZES
    ]
    return Answer(body={"value": value})
