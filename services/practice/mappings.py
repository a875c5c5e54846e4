"""Container mappings: a policy associated with a configuration server."""

from __future__ import annotations

from typing import Any

from services.practice import effects, ids, job_plans, job_store, lro
from services.practice.containers import container_of
from services.practice.fabrics import server, sides
from services.practice.job_store import Outcome
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Refusal, Router

NAME = "/replicationProtectionContainerMappings"
ONE = ids.CONTAINER + NAME + "/{mapping}"
routes = Router()


def view(mapping: Document) -> Document:
    """A mapping as the service answers it."""
    return {
        "id": mapping["id"],
        "name": mapping["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/"
        "replicationProtectionContainerMappings",
        "properties": {
            "targetProtectionContainerId": ids.AZURE_FABRIC,
            "targetProtectionContainerFriendlyName": ids.AZURE_FABRIC,
            **({} if mapping.get("kind") else {"providerSpecificDetails": {"instanceType": "InMageAzureV2"}}),
            "health": "Normal",
            "healthErrorDetails": [],
            "policyId": mapping["policy"],
            "state": "Paired",
            "sourceProtectionContainerFriendlyName": mapping["friendly"],
            "sourceFabricFriendlyName": mapping["friendly"],
            "targetFabricFriendlyName": ids.AZURE_FABRIC,
            "policyFriendlyName": mapping["policy"].rsplit("/", 1)[1],
        },
    }


@routes.on("GET", ids.VAULT + NAME)
def list_all(call: Call) -> Answer:
    """The mappings of the vault."""
    return Answer(body={"value": [view(m) for m in call.store.all("mapping", ids.vault_of(call)["id"])]})


@routes.on("GET", ids.CONTAINER + NAME)
def list_container(call: Call) -> Answer:
    """The mappings of a container."""
    return Answer(body={"value": [view(m) for m in call.store.all("mapping", container_of(call)[2]["id"])]})


def found(call: Call) -> tuple[Document, Document, Document | None]:
    """Vault, fabric and the mapping named in the path, if there is one."""
    vault, fabric, container = container_of(call)
    return vault, fabric, call.store.get("mapping", f"{container['id']}{NAME}/{call.path['mapping']}")


@routes.on("GET", ONE)
def get(call: Call) -> Answer:
    """One mapping."""
    mapping = found(call)[2]
    if mapping is None:
        raise ids.absent(call, call.path["mapping"])
    return Answer(body=view(mapping))


def refused(call: Call, status: int, code: str, message: str, causes: str, action: str) -> Refusal:
    """A refusal of a mapping."""
    return ids.detailed(
        call, status, "Conflict" if status == 409 else "BadRequest", code, message, causes, action
    )


@routes.on("PUT", ONE)
def put(call: Call) -> Answer:
    """Associate a policy with the container."""
    vault, fabric, container = container_of(call)
    given = call.properties()
    policy = call.store.get("policy", str(given.get("policyId", "")))
    if policy is None or not policy["id"].lower().startswith(vault["id"].lower() + "/"):
        raise refused(
            call,
            400,
            "PolicyNotFound",
            f"The replication policy '{given.get('policyId')}' does not exist in the vault.",
            "The policy was deleted, or its id is wrong.",
            "Give the id of a policy of this vault.",
        )
    if str(given.get("targetProtectionContainerId", "")).lower() != ids.AZURE_FABRIC.lower():
        raise refused(
            call,
            400,
            "TargetContainerNotFound",
            f"The target container '{given.get('targetProtectionContainerId')}' does not exist.",
            "Machines of a configuration server replicate to Azure.",
            f"Give '{ids.AZURE_FABRIC}' as the target container.",
        )
    mapping = {
        "id": f"{container['id']}{NAME}/{call.path['mapping']}",
        "name": call.path["mapping"],
        "policy": policy["id"],
        "friendly": container["friendly"],
    }
    for other in call.store.all("mapping", container["id"]):
        if mapping["id"].lower() == other["id"].lower() or policy["id"].lower() == other["policy"].lower():
            raise refused(
                call,
                409,
                "PolicyAlreadyAssociated",
                f"The replication policy '{policy['name']}' is associated already, or the mapping exists.",
                "The association was made before.",
                "Use the mapping that exists.",
            )
    outcome = Outcome(done="mapping-made", payload={"container": container["id"], "mapping": mapping})
    return run(call, vault, fabric, job_plans.PAIR, mapping, outcome)


@routes.on("POST", ONE + "/remove")
@routes.on("DELETE", ONE)
def remove(call: Call) -> Answer:
    """Dissociate a policy that protects nothing; 204 if there is no such mapping."""
    vault, fabric, mapping = found(call)
    if mapping is None:
        return Answer(204)
    container = mapping["id"].rsplit(NAME, 1)[0]
    if any(i["policy"].lower() == mapping["policy"].lower() for i in call.store.all("item", container)):
        raise refused(
            call,
            409,
            "PolicyInUse",
            "The replication policy cannot be dissociated: machines are protected with it.",
            "Machines of the configuration server use the policy.",
            "Disable the replication of the machines first.",
        )
    outcome = Outcome(done="mapping-removed", payload={"mapping": mapping["id"]})
    return run(call, vault, fabric, job_plans.UNPAIR, mapping, outcome)


def run(
    call: Call, vault: Document, fabric: Document, plan: job_plans.Plan, mapping: Document, outcome: Outcome
) -> Answer:
    """Start a job about a mapping; refused while another is working on it."""
    for job in call.store.all("job", vault["id"]):
        if job["resource"].lower() == mapping["id"].lower() and call.now < job_store.ends(job):
            raise refused(
                call,
                409,
                "OperationInProgress",
                "Another operation is in progress on the association.",
                f"The job '{job['friendly']}' is running.",
                "Wait until it has ended.",
            )
    job = job_store.for_call(
        call, vault, plan, server(fabric), outcome, mapping["id"], affected=sides(fabric)
    )
    return lro.accepted(call, vault, job)


@effects.effect("mapping-made")
def mapping_made(store: Store, _: float, payload: dict[str, Any]) -> None:
    """The policy is associated."""
    store.put("mapping", payload["mapping"]["id"], payload["mapping"], parent=payload["container"])


@effects.effect("mapping-removed")
def mapping_removed(store: Store, _: float, payload: dict[str, Any]) -> None:
    """The policy is dissociated."""
    store.delete("mapping", payload["mapping"])
