"""ARM ids of the practice world."""

from __future__ import annotations

import uuid

from services.practice.store import Document
from services.practice.web import Call, Refusal

VAULT = "/subscriptions/{sub}/resourceGroups/{rg}/providers/Microsoft.RecoveryServices/vaults/{vault}"
FABRIC = VAULT + "/replicationFabrics/{fabric}"
CONTAINER = FABRIC + "/replicationProtectionContainers/{container}"
# The recovery side of every container that replicates to Azure, as the service names it.
AZURE_FABRIC, AZURE_FABRIC_ID = "Microsoft Azure", "21a9403c-6ec1-44f2-b744-b4e50b792387"
AZURE_CONTAINER_ID = "d38048d4-b460-4791-8ece-108395ee8478"
SPACE = uuid.UUID("6f4e2c4a-3f6e-5f5e-9d55-0c1c2f3a4b5d")


def site_recovery(vault: Document) -> str:
    """The vault's id as Site Recovery writes it in its own ids: with a capital S."""
    return "/Subscriptions/" + str(vault["id"]).split("/", 2)[2]


def derived(*parts: str) -> str:
    """A GUID that follows from its parts."""
    return str(uuid.uuid5(SPACE, "/".join(parts).lower()))


def vault_of(call: Call) -> Document:
    """The vault named in the path; ResourceGroupNotFound or ResourceNotFound as ARM says it."""
    group_of(call)
    key = VAULT.format(**call.path)
    vault = call.store.get("vault", key)
    if vault is None:
        raise Refusal(
            404,
            "ResourceNotFound",
            "The Resource 'Microsoft.RecoveryServices/vaults/"
            f"{call.path['vault']}' under resource group '{call.path['rg']}' was not found. For more "
            "details please go to https://aka.ms/ARMResourceNotFoundFix",
        )
    return vault


def group_of(call: Call) -> Document:
    """The resource group named in the path."""
    group = call.store.get("group", f"/subscriptions/{call.path['sub']}/resourceGroups/{call.path['rg']}")
    if group is None:
        raise Refusal(404, "ResourceGroupNotFound", f"Resource group '{call.path['rg']}' could not be found.")
    return group


def absent(call: Call, name: str) -> Refusal:
    """404 as Site Recovery says it."""
    causes = "The resource may have been deleted, or its name may be wrong."
    action = "Check the name of the resource and try the operation again."
    message = f"Specified resource with name '{name}' does not exist."
    return detailed(call, 404, "NotFound", "ArmResourceDoesNotExist", message, causes, action)


def detailed(
    call: Call, status: int, outer: str, code: str, message: str, causes: str, action: str
) -> Refusal:
    """An error of Site Recovery: the ARM form with one detail that says cause and remedy."""
    detail = {
        "code": code,
        "message": message,
        "possibleCauses": causes,
        "recommendedAction": action,
        "clientRequestId": call.client_request,
        "activityId": call.correlation,
    }
    return Refusal(status, outer, message, [detail])
