"""Recovery Services vaults."""

from __future__ import annotations

import random

from services.practice import ids, lro
from services.practice.arm import REGIONS
from services.practice.clock import stamp
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

CREATE_SECONDS = 45.0
SUBSCRIPTION_VAULTS = "/subscriptions/{sub}/providers/Microsoft.RecoveryServices/vaults"
routes = Router()


def fresh(vault_id: str, location: str, created: float, provider: str | None = None) -> Document:
    """A new vault. `provider` "Vmware" makes it classic; a vault is modernized unless told otherwise."""
    return {
        "id": vault_id,
        "name": vault_id.rsplit("/", 1)[1],
        "location": location,
        "number": random.randrange(10**17, 9 * 10**18),
        "created": created,
        "tags": {},
        "sku": {"name": "RS0", "tier": "Standard"},
        "provider": provider,
        "migration": None,
    }


def view(vault: Document, now: float) -> Document:
    """The vault as ARM answers it."""
    ready = now >= vault["created"] + CREATE_SECONDS
    return {
        "location": vault["location"],
        "name": vault["name"],
        "etag": f"W/\"datetime'{stamp(vault['created'])}'\"",
        "properties": {
            "provisioningState": "Succeeded" if ready else "Creating",
            "privateEndpointStateForBackup": "None",
            "privateEndpointStateForSiteRecovery": "None",
            "publicNetworkAccess": "Enabled",
        },
        "id": vault["id"],
        "type": "Microsoft.RecoveryServices/vaults",
        "sku": vault["sku"],
        "tags": vault["tags"],
    }


@routes.on("GET", SUBSCRIPTION_VAULTS)
def list_all(call: Call) -> Answer:
    """The vaults of the subscription."""
    return Answer(body={"value": [view(v, call.now) for v in call.store.all("vault")]})


@routes.on("GET", ids.VAULT.rsplit("/", 1)[0])
def list_group(call: Call) -> Answer:
    """The vaults of a resource group."""
    group = ids.group_of(call)
    return Answer(body={"value": [view(v, call.now) for v in call.store.all("vault", group["id"])]})


@routes.on("GET", ids.VAULT)
def get(call: Call) -> Answer:
    """One vault."""
    return Answer(body=view(ids.vault_of(call), call.now))


@routes.on("PUT", ids.VAULT)
def put(call: Call) -> Answer:
    """Create a vault, or replace its tags."""
    group, body = ids.group_of(call), call.body()
    location = str(body.get("location", "")).replace(" ", "").lower()
    if not location:
        raise Refusal(400, "LocationRequired", "The location property is required for this definition.")
    if location not in REGIONS:
        raise Refusal(
            400,
            "LocationNotAvailableForResourceType",
            f"The provided location '{location}' is not available for resource type "
            f"'Microsoft.RecoveryServices/vaults'. List of available regions for the resource type is "
            f"'{','.join(REGIONS)}'.",
        )
    vault_id = f"{group['id']}/providers/Microsoft.RecoveryServices/vaults/{call.path['vault']}"
    vault = call.store.get("vault", vault_id)
    if vault is not None and vault["location"] != location:
        raise Refusal(
            409,
            "InvalidResourceLocation",
            f"The resource '{vault['name']}' already exists in location "
            f"'{vault['location']}' in resource group '{group['name']}'. A resource with the same name "
            f"cannot be created in location '{location}'. Please select a new resource name.",
        )
    status = 200 if vault is not None else 201
    vault = vault or fresh(vault_id, location, call.now)
    vault["tags"] = body.get("tags") or {}
    call.store.put("vault", vault_id, vault, parent=group["id"])
    if status == 200:
        return Answer(200, view(vault, call.now))
    operation = lro.begun(call, vault_id, CREATE_SECONDS)
    return lro.watched(call, operation, vault_id, status, view(vault, call.now))


@routes.on("DELETE", ids.VAULT)
def delete(call: Call) -> Answer:
    """Refused: nothing that the product does deletes a vault."""
    vault = ids.vault_of(call)
    raise Refusal(
        400,
        "ServiceResourceNotEmptyWithContainerDetails",
        f"Recovery Services vault '{vault['name']}' "
        "cannot be deleted as there are existing resources within the vault.",
    )
