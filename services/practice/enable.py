"""What must hold before a machine's replication is enabled, and what is kept of the request."""

from __future__ import annotations

import re
from typing import Any

from services.practice import fabric_view, ids
from services.practice.store import Document
from services.practice.web import Call, Refusal

VM_NAME = re.compile(r"^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$")


def wrong(call: Call, code: str, message: str, causes: str, action: str, status: int = 400) -> Refusal:
    """A refusal of the enable request."""
    return ids.detailed(
        call, status, "Conflict" if status == 409 else "BadRequest", code, message, causes, action
    )


def checked(call: Call, vault: Document, fabric: Document, container: Document, item_id: str) -> Document:
    """The protected item that the request describes; refused if it cannot be."""
    given = call.properties()
    details = given.get("providerSpecificDetails") or {}
    if details.get("instanceType") != "InMageAzureV2" or fabric.get("kind"):
        raise wrong(
            call,
            "InvalidParameter",
            f"The instance type '{details.get('instanceType')}' is not supported by the fabric.",
            "The fabric is no configuration server, or the details are those of another kind of fabric.",
            "Use InMageAzureV2 with a configuration server.",
        )
    machine = protectable(call, container, str(given.get("protectableItemId", "")))
    policy = mapped_policy(call, container, str(given.get("policyId", "")))
    host = server(call, fabric, details)
    return {
        "id": item_id,
        "name": item_id.rsplit("/", 1)[1],
        "container": container["id"],
        "fabric": fabric["id"],
        "friendly": machine["friendly"],
        "address": machine["address"],
        "os": machine["os"],
        "protectable": machine["id"],
        "policy": policy["id"],
        "host": host,
        "account": account(call, fabric, str(details.get("runAsAccountId") or "")),
        **target(call, vault, machine, details),
    }


def protectable(call: Call, container: Document, item_id: str) -> Document:
    """The machine to protect, not protected yet."""
    machine = call.store.get("protectable", item_id)
    if machine is None or not machine["id"].lower().startswith(container["id"].lower() + "/"):
        raise wrong(
            call,
            "ProtectableItemNotFound",
            f"The protectable item '{item_id}' was not found.",
            "The machine was not discovered on this server.",
            "Discover the machine, then try again.",
        )
    if machine["protected"]:
        raise wrong(
            call,
            "ProtectableItemAlreadyProtected",
            f"The machine '{machine['friendly']}' is protected already.",
            "Replication was enabled before.",
            "Use the protected item that exists.",
            409,
        )
    return machine


def mapped_policy(call: Call, container: Document, policy_id: str) -> Document:
    """The policy, associated with the server."""
    policy = call.store.get("policy", policy_id)
    if policy is None:
        raise wrong(
            call,
            "PolicyNotFound",
            f"The replication policy '{policy_id}' does not exist in the vault.",
            "The policy was deleted, or its id is wrong.",
            "Give the id of a policy of this vault.",
        )
    if all(m["policy"].lower() != policy_id.lower() for m in call.store.all("mapping", container["id"])):
        raise wrong(
            call,
            "78253",
            f"The replication policy '{policy['name']}' is not associated with the configuration server.",
            "The policy is invalid or not associated.",
            "Associate the policy with the configuration server.",
        )
    return policy


def server(call: Call, fabric: Document, details: dict[str, Any]) -> str:
    """The process server's id (the master target is the same host)."""
    known = {s["id"] for s in fabric_view.process_servers(call.store, fabric, call.now)}
    host = str(details.get("processServerId") or "").lower()
    if host not in known or str(details.get("masterTargetId") or host).lower() not in known:
        raise wrong(
            call,
            "ProcessServerNotFound",
            f"The process server '{details.get('processServerId')}' is not registered.",
            "The server has not registered yet, or the id is wrong.",
            "Refresh the server and read its process servers again.",
        )
    return host


def account(call: Call, fabric: Document, account_id: str) -> str:
    """The push-install account; none if the Mobility service came another way."""
    known = {a["accountId"] for a in fabric_view.accounts(call.store, fabric, call.now)}
    if account_id and account_id not in known:
        raise wrong(
            call,
            "RunAsAccountNotFound",
            f"The account '{account_id}' does not exist on the server.",
            "The account was not added, or does not show yet (15 minutes or more).",
            "Add the account on the configuration server and refresh the server.",
        )
    return account_id


def target(call: Call, vault: Document, machine: Document, details: dict[str, Any]) -> dict[str, Any]:
    """Where the machine goes in Azure."""
    name = str(details.get("targetAzureVmName") or machine["friendly"])
    if not VM_NAME.match(name):
        raise wrong(
            call,
            "InvalidAzureVmName",
            f"The Azure virtual machine name '{name}' is not valid.",
            "Names have 1 to 63 letters, digits and hyphens.",
            "Give a valid name.",
        )
    group = str(details.get("targetAzureV2ResourceGroupId") or "")
    if call.store.get("group", group) is None:
        raise wrong(
            call,
            "ResourceGroupNotFound",
            f"The target resource group '{group}' was not found.",
            "The group does not exist or the id is wrong.",
            "Give the id of an existing resource group.",
        )
    storage = [
        storage_account(call, vault, str(details.get(n) or ""), n)
        for n in ("storageAccountId", "logStorageAccountId")
        if details.get(n)
    ]
    if not storage:
        raise wrong(
            call,
            "StorageAccountMissing",
            "No storage account for the replication was given.",
            "Both storageAccountId and logStorageAccountId are missing.",
            "Give a log storage account.",
        )
    network, subnet = network_of(call, vault, details)
    return {
        "vmName": name,
        "group": group,
        "storage": str(details.get("storageAccountId") or ""),
        "log": storage[-1],
        "network": network,
        "subnet": subnet,
    }


def storage_account(call: Call, vault: Document, account_id: str, role: str) -> str:
    """A storage account that replication can use."""
    found = call.store.get("storage", account_id)
    if found is None:
        raise wrong(
            call,
            "StorageAccountNotFound",
            f"The storage account '{account_id}' was not found.",
            "The account does not exist, or its id is wrong.",
            "Give the id of an existing account.",
        )
    if found["location"] != vault["location"]:
        raise wrong(
            call,
            "StorageAccountInDifferentLocation",
            f"The storage account '{found['name']}' is in "
            f"'{found['location']}', the vault in '{vault['location']}'.",
            "The account and the vault are in different regions.",
            "Use an account in the vault's region.",
        )
    premium = found["sku"].startswith("Premium")
    if found["kind"] == "BlobStorage" or (premium and role == "logStorageAccountId"):
        raise wrong(
            call,
            "StorageAccountTypeNotSupported",
            f"The storage account '{found['name']}' "
            f"({found['kind']}, {found['sku']}) cannot be used for replication.",
            "Blob storage accounts, and premium accounts for logs, are not supported.",
            "Use a standard general-purpose account.",
        )
    return str(found["id"])


def network_of(call: Call, vault: Document, details: dict[str, Any]) -> tuple[str, str]:
    """Network and subnet name, both empty if they are chosen later. The subnet comes as name or as id."""
    network = str(details.get("targetAzureNetworkId") or "")
    subnet = str(details.get("targetAzureSubnetId") or "").rsplit("/", 1)[-1]
    if not network:
        return "", ""
    vnet = call.store.get("vnet", network)
    if vnet is None or vnet["location"] != vault["location"]:
        raise wrong(
            call,
            "AzureNetworkNotFound",
            f"The virtual network '{network}' was not found in the region '{vault['location']}'.",
            "The network does not exist there.",
            "Use a network in the vault's region.",
        )
    if subnet and subnet.lower() not in (name.lower() for name in vnet["subnets"]):
        raise wrong(
            call,
            "AzureSubnetNotFound",
            f"The subnet '{subnet}' was not found in '{vnet['name']}'.",
            "The subnet does not exist.",
            "Give the name of a subnet of the network.",
        )
    return network, subnet


def affected(fabric: Document, item: Document) -> dict[str, str]:
    """The objects that a job of this item touches, as the service lists them."""
    machine = item["protectable"].rsplit("/", 1)[1]
    return {
        "primaryVmId": machine,
        "primaryVmName": item["friendly"],
        "recoveryVmId": "",
        "recoveryVmName": item["friendly"],
        "protectionProfileId": ids.derived(item["policy"]),
        "primaryCloudId": item["container"].rsplit("/", 1)[1],
        "primaryCloudName": fabric["friendly"],
        "recoveryCloudId": ids.AZURE_CONTAINER_ID,
        "recoveryCloudName": ids.AZURE_FABRIC,
        "primaryVmmId": fabric["internal"],
        "primaryVmmName": fabric["friendly"],
        "recoveryVmmId": ids.AZURE_FABRIC_ID,
        "recoveryVmmName": ids.AZURE_FABRIC,
        "primaryFabricProviderId": fabric.get("kind") or "VMware",
        "recoveryFabricProviderId": "Azure",
    }
