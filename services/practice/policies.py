"""Replication policies of InMageAzureV2."""

from __future__ import annotations

from typing import Any

from services.practice import effects, ids, job_plans, job_store, lro
from services.practice.job_store import Outcome, Target
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Refusal, Router

POLICIES = ids.VAULT + "/replicationPolicies"
# property, lowest, highest: what the service takes, in minutes
LIMITS = (
    ("recoveryPointThresholdInMinutes", 1, 1440),
    ("recoveryPointHistory", 0, 21600),
    ("crashConsistentFrequencyInMinutes", 0, 60),
    ("appConsistentFrequencyInMinutes", 0, 1440),
)
DEFAULTS = {
    "recoveryPointThresholdInMinutes": 15,
    "recoveryPointHistory": 1440,
    "crashConsistentFrequencyInMinutes": 5,
    "appConsistentFrequencyInMinutes": 60,
}
routes = Router()


def policy_id(vault: Document, name: str) -> str:
    """The policy's id."""
    return f"{ids.site_recovery(vault)}/replicationPolicies/{name}"


def view(policy: Document) -> Document:
    """The policy as the service answers it."""
    return {
        "id": policy["id"],
        "name": policy["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationPolicies",
        "properties": {
            "friendlyName": policy["name"],
            "providerSpecificDetails": {"instanceType": "InMageAzureV2", **policy["details"]},
        },
    }


@routes.on("GET", POLICIES)
def list_policies(call: Call) -> Answer:
    """The policies of the vault."""
    vault = ids.vault_of(call)
    return Answer(body={"value": [view(p) for p in call.store.all("policy", vault["id"])]})


def policy_of(call: Call) -> tuple[Document, Document]:
    """The vault and the policy named in the path."""
    vault = ids.vault_of(call)
    policy = call.store.get("policy", policy_id(vault, call.path["policy"]))
    if policy is None:
        raise ids.absent(call, call.path["policy"])
    return vault, policy


@routes.on("GET", POLICIES + "/{policy}")
def get(call: Call) -> Answer:
    """One policy."""
    return Answer(body=view(policy_of(call)[1]))


def details(call: Call, given: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The settings of a policy input, checked."""
    if given.get("instanceType") != known.get("instanceType", "InMageAzureV2") or "instanceType" in known:
        raise invalid(call, "instanceType", given.get("instanceType"))
    result = dict(known)
    for name, low, high in LIMITS:
        value = given.get(name, known[name])
        if not isinstance(value, int) or not low <= value <= high:
            raise invalid(call, name, value)
        result[name] = value
    sync = given.get("multiVmSyncStatus", "Enable")
    if sync not in ("Enable", "Disable"):
        raise invalid(call, "multiVmSyncStatus", sync)
    return result | {"multiVmSyncStatus": sync + "d"}


def invalid(call: Call, name: str, value: Any) -> Refusal:
    """A setting out of its range."""
    return ids.detailed(
        call,
        400,
        "BadRequest",
        "ProtectionProfileInvalidInput",
        f"The value '{value}' of the policy setting {name} is not valid.",
        "The value is missing or out of its range.",
        "Give a value in the documented range.",
    )


@routes.on("PUT", POLICIES + "/{policy}")
def put(call: Call) -> Answer:
    """Create a policy."""
    vault, name = ids.vault_of(call), call.path["policy"]
    key = policy_id(vault, name)
    if call.store.get("policy", key) is not None:
        raise ids.detailed(
            call,
            409,
            "Conflict",
            "ProtectionProfileAlreadyExists",
            f"A replication policy with the name '{name}' exists already.",
            "A policy of this name was created before.",
            "Give another name, or use the policy.",
        )
    settings = details(call, call.properties().get("providerSpecificInput") or {}, DEFAULTS)
    policy = {"id": key, "name": name, "details": settings}
    outcome = Outcome(done="policy-created", payload={"vault": vault["id"], "policy": policy})
    return run(call, vault, job_plans.CREATE_POLICY, policy, outcome)


@routes.on("PATCH", POLICIES + "/{policy}")
def patch(call: Call) -> Answer:
    """Change a policy."""
    vault, policy = policy_of(call)
    given = call.properties().get("replicationProviderSettings") or {}
    changed = policy | {"details": details(call, given, policy["details"])}
    outcome = Outcome(done="policy-created", payload={"vault": vault["id"], "policy": changed})
    return run(call, vault, job_plans.UPDATE_POLICY, policy, outcome)


@routes.on("DELETE", POLICIES + "/{policy}")
def delete(call: Call) -> Answer:
    """Delete a policy that nothing uses; 204 if there is none."""
    vault = ids.vault_of(call)
    policy = call.store.get("policy", policy_id(vault, call.path["policy"]))
    if policy is None:
        return Answer(204)
    if any(m["policy"].lower() == policy["id"].lower() for m in call.store.all("mapping")):
        raise ids.detailed(
            call,
            409,
            "Conflict",
            "ProtectionProfileInUse",
            f"The replication policy '{policy['name']}' cannot be deleted: it is in use.",
            "The policy is associated with a configuration server.",
            "Dissociate the policy first.",
        )
    outcome = Outcome(done="policy-deleted", payload={"policy": policy["id"]})
    return run(call, vault, job_plans.DELETE_POLICY, policy, outcome)


def run(call: Call, vault: Document, plan: job_plans.Plan, policy: Document, outcome: Outcome) -> Answer:
    """Start a job about a policy; refused while another is working on it."""
    busy = [
        j
        for j in call.store.all("job", vault["id"])
        if j["resource"].lower() == policy["id"].lower() and call.now < job_store.ends(j)
    ]
    if busy:
        raise ids.detailed(
            call,
            409,
            "Conflict",
            "OperationInProgress",
            f"Another operation is in progress on the replication policy '{policy['name']}'.",
            f"The job '{busy[0]['friendly']}' is running.",
            "Wait until it has ended.",
        )
    target = Target(ids.derived(policy["id"]), policy["name"], "ProtectionProfile")
    return lro.accepted(call, vault, job_store.for_call(call, vault, plan, target, outcome, policy["id"]))


@effects.effect("policy-created")
def policy_created(store: Store, _: float, payload: dict[str, Any]) -> None:
    """The job has made (or changed) the policy."""
    store.put("policy", payload["policy"]["id"], payload["policy"], parent=payload["vault"])


@effects.effect("policy-deleted")
def policy_deleted(store: Store, _: float, payload: dict[str, Any]) -> None:
    """The job has deleted the policy."""
    store.delete("policy", payload["policy"])
