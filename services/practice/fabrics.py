"""Fabrics: a registered configuration server or a Hyper-V site, its provider and its accounts."""

from __future__ import annotations

from typing import Any

from services.practice import effects, fabric_view, ids, job_plans, job_store, lro
from services.practice.job_store import Outcome, Target
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Router

PROVIDERS = "/replicationRecoveryServicesProviders"
routes = Router()


def fabric_of(call: Call) -> tuple[Document, Document]:
    """The vault and the fabric named in the path."""
    vault = ids.vault_of(call)
    fabric = call.store.get("fabric", f"{vault['id']}/replicationFabrics/{call.path['fabric']}")
    if fabric is None:
        raise ids.absent(call, call.path["fabric"])
    return vault, fabric


@routes.on("GET", ids.VAULT + "/replicationFabrics")
def list_fabrics(call: Call) -> Answer:
    """The fabrics of the vault."""
    vault = ids.vault_of(call)
    found = call.store.all("fabric", vault["id"])
    return Answer(body={"value": [fabric_view.view(call.store, f, call.now) for f in found]})


@routes.on("GET", ids.FABRIC)
def get(call: Call) -> Answer:
    """One fabric."""
    return Answer(body=fabric_view.view(call.store, fabric_of(call)[1], call.now))


@routes.on("POST", ids.FABRIC + "/checkConsistency", changes=False)
def check_consistency(call: Call) -> Answer:
    """Compare the vault's view with the server's."""
    vault, fabric = fabric_of(call)
    job = job_store.for_call(
        call, vault, job_plans.CONSISTENCY, server(fabric), Outcome(), fabric["id"], affected=sides(fabric)
    )
    return lro.accepted(call, vault, job)


def server(fabric: Document) -> Target:
    """The fabric as a job's target."""
    return Target(fabric["internal"], fabric["friendly"], "Server")


def sides(fabric: Document) -> dict[str, str]:
    """The fabric as a job's affected object."""
    return {
        "primaryVmmId": fabric["internal"],
        "primaryVmmName": fabric["friendly"],
        "primaryFabricProviderId": fabric.get("kind") or "VMware",
        "recoveryVmmId": ids.AZURE_FABRIC_ID,
        "recoveryVmmName": ids.AZURE_FABRIC,
        "recoveryFabricProviderId": "Azure",
    }


@routes.on("GET", ids.VAULT + PROVIDERS)
def list_all_providers(call: Call) -> Answer:
    """The providers of the vault."""
    found = call.store.all("fabric", ids.vault_of(call)["id"])
    return Answer(body={"value": [fabric_view.provider(call.store, f, call.now) for f in found]})


@routes.on("GET", ids.FABRIC + PROVIDERS)
def list_providers(call: Call) -> Answer:
    """The provider of a fabric."""
    return Answer(body={"value": [fabric_view.provider(call.store, fabric_of(call)[1], call.now)]})


def provider_of(call: Call) -> tuple[Document, Document]:
    """The vault and the fabric whose provider is named in the path."""
    vault, fabric = fabric_of(call)
    if fabric["provider"] != call.path["provider"].lower():
        raise ids.absent(call, call.path["provider"])
    return vault, fabric


@routes.on("GET", ids.FABRIC + PROVIDERS + "/{provider}")
def get_provider(call: Call) -> Answer:
    """One provider."""
    return Answer(body=fabric_view.provider(call.store, provider_of(call)[1], call.now))


@routes.on("POST", ids.FABRIC + PROVIDERS + "/{provider}/refreshProvider", changes=False)
def refresh(call: Call) -> Answer:
    """Refresh the server: what it knows shows without the usual wait."""
    vault, fabric = provider_of(call)
    outcome = Outcome(done="fabric-refreshed", payload={"fabric": fabric["id"]})
    resource = f"{fabric['id']}{PROVIDERS}/{fabric['provider']}"
    job = job_store.for_call(
        call, vault, job_plans.REFRESH, server(fabric), outcome, resource, affected=sides(fabric)
    )
    return lro.accepted(call, vault, job)


@effects.effect("fabric-refreshed")
def fabric_refreshed(store: Store, at: float, payload: dict[str, Any]) -> None:
    """The server was asked."""
    fabric = store.get("fabric", payload["fabric"])
    if fabric is not None:
        store.put("fabric", fabric["id"], fabric | {"refreshed": at})
