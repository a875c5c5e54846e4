"""Storage accounts, as far as a target for replication needs them."""

from __future__ import annotations

import base64
import re

from services.practice import ids, lro
from services.practice.arm import SUBSCRIPTION
from services.practice.clock import stamp
from services.practice.facts import group_id
from services.practice.ids import derived
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

CREATE_SECONDS = 60.0
NAME = re.compile(r"^[a-z0-9]{3,24}$")
PROVIDER = "/providers/Microsoft.Storage/storageAccounts"
GROUP = SUBSCRIPTION + "/resourceGroups/{rg}" + PROVIDER
routes = Router()


def fresh(account_id: str, location: str, created: float, sku: str, kind: str) -> Document:
    """A new account."""
    return {
        "id": account_id,
        "name": account_id.rsplit("/", 1)[1],
        "location": location,
        "created": created,
        "sku": sku,
        "kind": kind,
        "tags": {},
    }


def seeded(facts: Document, now: float) -> list[Document]:
    """The accounts of a new world: one that will do, and three that will not."""
    base = group_id(facts) + PROVIDER + "/"
    return [
        fresh(base + "contosoasrcache", "westeurope", now, "Standard_LRS", "StorageV2"),
        fresh(base + "contosopremium", "westeurope", now, "Premium_LRS", "StorageV2"),
        fresh(base + "contosoblobs", "westeurope", now, "Standard_LRS", "BlobStorage"),
        fresh(base + "contosoeastus", "eastus", now, "Standard_LRS", "StorageV2"),
    ]


def view(account: Document, now: float) -> Document:
    """An account as ARM answers it."""
    ready = now >= account["created"] + CREATE_SECONDS
    blob = f"https://{account['name']}.blob.core.windows.net/"
    return {
        "id": account["id"],
        "name": account["name"],
        "type": "Microsoft.Storage/storageAccounts",
        "location": account["location"],
        "tags": account["tags"],
        "kind": account["kind"],
        "sku": {"name": account["sku"], "tier": account["sku"].split("_")[0]},
        "properties": {
            "provisioningState": "Succeeded" if ready else "Creating",
            "creationTime": stamp(account["created"]),
            "primaryLocation": account["location"],
            "statusOfPrimary": "available",
            "supportsHttpsTrafficOnly": True,
            "accessTier": "Hot",
            "primaryEndpoints": {"blob": blob},
        },
    }


@routes.on("GET", SUBSCRIPTION + PROVIDER)
def list_all(call: Call) -> Answer:
    """The accounts of the subscription."""
    return Answer(body={"value": [view(a, call.now) for a in call.store.all("storage")]})


@routes.on("GET", GROUP)
def list_group(call: Call) -> Answer:
    """The accounts of a group."""
    return Answer(
        body={"value": [view(a, call.now) for a in call.store.all("storage", ids.group_of(call)["id"])]}
    )


def account_of(call: Call) -> Document:
    """The account named in the path."""
    group = ids.group_of(call)
    account = call.store.get("storage", f"{group['id']}{PROVIDER}/{call.path['account']}")
    if account is None:
        raise Refusal(
            404,
            "ResourceNotFound",
            f"The Resource 'Microsoft.Storage/storageAccounts/"
            f"{call.path['account']}' under resource group '{group['name']}' was not found.",
        )
    return account


@routes.on("GET", GROUP + "/{account}")
def get(call: Call) -> Answer:
    """One account."""
    return Answer(body=view(account_of(call), call.now))


@routes.on("POST", GROUP + "/{account}/listKeys", changes=False)
def list_keys(call: Call) -> Answer:
    """The account's keys: they open nothing here."""
    account = account_of(call)
    keys = [
        base64.b64encode((derived(account["id"], name) * 2)[:64].encode()).decode()
        for name in ("key1", "key2")
    ]
    return Answer(
        body={
            "keys": [
                {"keyName": f"key{i + 1}", "value": key, "permissions": "FULL"} for i, key in enumerate(keys)
            ]
        }
    )


def unavailable(call: Call, name: str) -> tuple[str, str] | None:
    """Why a name cannot be taken."""
    if not NAME.match(name):
        return "AccountNameInvalid", (
            f"{name} is not a valid storage account name. Storage account name must be "
            "between 3 and 24 characters in length and use numbers and lower-case letters only."
        )
    if any(a["name"] == name for a in call.store.all("storage")):
        return "AlreadyExists", f"The storage account named {name} is already taken."
    return None


@routes.on("POST", SUBSCRIPTION + "/providers/Microsoft.Storage/checkNameAvailability", changes=False)
def check_name(call: Call) -> Answer:
    """Can this name be taken?"""
    wrong = unavailable(call, str(call.body().get("name", "")))
    if wrong is None:
        return Answer(body={"nameAvailable": True})
    return Answer(body={"nameAvailable": False, "reason": wrong[0], "message": wrong[1]})


@routes.on("PUT", GROUP + "/{account}")
def put(call: Call) -> Answer:
    """Create an account: 202, watched at its location."""
    group, body, name = ids.group_of(call), call.body(), call.path["account"]
    location = str(body.get("location", "")).replace(" ", "").lower()
    account_id = f"{group['id']}{PROVIDER}/{name}"
    known = call.store.get("storage", account_id)
    if known is not None:
        if known["location"] != location:
            raise Refusal(
                409,
                "InvalidResourceLocation",
                f"The resource '{name}' already exists in location '{known['location']}'.",
            )
        return Answer(200, view(known, call.now))
    if not location:
        raise Refusal(400, "LocationRequired", "The location property is required for this definition.")
    if (wrong := unavailable(call, name)) is not None:
        code = "StorageAccountAlreadyTaken" if wrong[0] == "AlreadyExists" else wrong[0]
        raise Refusal(409 if code == "StorageAccountAlreadyTaken" else 400, code, wrong[1])
    sku = str((body.get("sku") or {}).get("name", "Standard_LRS"))
    account = fresh(account_id, location, call.now, sku, str(body.get("kind", "StorageV2")))
    account["tags"] = body.get("tags") or {}
    call.store.put("storage", account_id, account, parent=group["id"])
    operation = lro.begun(call, account_id, CREATE_SECONDS)
    base = f"/subscriptions/{call.path['sub']}/providers/Microsoft.Storage/locations/{location}"
    return lro.watched(call, operation, base, 202, None)
