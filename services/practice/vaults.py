"""Recovery Services vaults: the vault, its extended information, certificates and usages."""

from __future__ import annotations

import base64
import binascii
import datetime
import random
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from services.practice import ids, lro
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


def extended_key(vault: Document) -> str:
    """The key of the vault's extended information."""
    return f"{vault['id']}/extendedInformation/vaultExtendedInfo"


def extended_view(vault: Document, info: Document) -> Document:
    """Extended information as ARM answers it."""
    return {
        "id": extended_key(vault),
        "name": "vaultExtendedInfo",
        "type": "Microsoft.RecoveryServices/vaults/extendedInformation",
        "etag": info["etag"],
        "properties": {"integrityKey": info["integrityKey"], "algorithm": info["algorithm"]},
    }


@routes.on("GET", ids.VAULT + "/extendedInformation/vaultExtendedInfo")
def get_extended(call: Call) -> Answer:
    """The channel integrity key, once somebody has put one."""
    vault = ids.vault_of(call)
    info = call.store.get("extended", extended_key(vault))
    if info is None:
        raise Refusal(
            404, "ResourceExtendedInfoNotFound", "The extended information of the vault was not found."
        )
    return Answer(body=extended_view(vault, info))


@routes.on("PUT", ids.VAULT + "/extendedInformation/vaultExtendedInfo")
def put_extended(call: Call) -> Answer:
    """Set the channel integrity key."""
    vault, given = ids.vault_of(call), call.properties()
    if not given.get("integrityKey"):
        raise Refusal(400, "InvalidRequest", "The property integrityKey is required.")
    info = {
        "integrityKey": given["integrityKey"],
        "algorithm": given.get("algorithm") or "None",
        "etag": stamp(call.now),
    }
    call.store.put("extended", extended_key(vault), info, parent=vault["id"])
    return Answer(body=extended_view(vault, info))


@routes.on("PUT", ids.VAULT + "/certificates/{certificate}")
def put_certificate(call: Call) -> Answer:
    """Register the public part of a certificate that a server will present at its registration."""
    vault, name = ids.vault_of(call), call.path["certificate"]
    try:
        der = base64.b64decode(str(call.properties().get("certificate", "")), validate=True)
        certificate = x509.load_der_x509_certificate(der)
    except (ValueError, binascii.Error):
        raise Refusal(
            400, "InvalidCertificate", "The certificate is not a base64 encoded X.509 certificate."
        ) from None
    if certificate.not_valid_after_utc <= datetime.datetime.fromtimestamp(call.now, datetime.UTC):
        raise Refusal(400, "CertificateExpired", "The certificate has expired.")
    stored: Document = {
        "name": name,
        "thumbprint": certificate.fingerprint(hashes.SHA1()).hex().upper(),
        "until": certificate.not_valid_after_utc.timestamp(),
    }
    key = f"{vault['id']}/certificates/{name}"
    call.store.put("certificate", key, stored, parent=vault["id"])
    return Answer(
        body={
            "id": key,
            "name": name,
            "type": "Microsoft.RecoveryServices/vaults/certificates",
            "properties": credential(call, vault, certificate, der, stored["thumbprint"]),
        }
    )


def credential(
    call: Call, vault: Document, certificate: x509.Certificate, der: bytes, thumbprint: str
) -> Document:
    """What the service adds to a registered certificate."""
    facts = call.realm.facts
    client = ids.derived(vault["id"], "principal")
    return {
        "authType": "AzureActiveDirectory",
        "certificate": base64.b64encode(der).decode(),
        "friendlyName": "",
        "issuer": certificate.issuer.rfc4514_string(),
        "resourceId": vault["number"],
        "subject": certificate.subject.rfc4514_string(),
        "thumbprint": thumbprint,
        "validFrom": stamp(certificate.not_valid_before_utc.timestamp()),
        "validTo": stamp(certificate.not_valid_after_utc.timestamp()),
        "aadAuthority": call.origin,
        "aadTenantId": facts["tenant"],
        "servicePrincipalClientId": client,
        "servicePrincipalObjectId": ids.derived(client, "object"),
        "azureManagementEndpointAudience": call.origin + "/",
        "aadAudience": f"api://{facts['tenant']}/RecoveryServiceVault/{vault['location']}/{vault['name']}/"
        f"{vault['number']}",
    }


@routes.on("GET", ids.VAULT + "/usages", ids.VAULT + "/replicationUsages")
def usages(call: Call) -> Answer:
    """How the vault's providers sign in (1: Entra ID), and what it holds."""
    vault = ids.vault_of(call)
    items = sum(call.store.count("item", c["id"]) for c in call.store.all("container", vault["id"]))
    if call.url_path.lower().endswith("/replicationusages"):
        return Answer(
            body={
                "value": [
                    {
                        "monitoringSummary": {
                            "unHealthyVmCount": 0,
                            "unHealthyProviderCount": 0,
                            "eventsCount": 0,
                            "deprecatedProviderCount": 0,
                            "supportedProviderCount": 1,
                            "unsupportedProviderCount": 0,
                        },
                        "jobsSummary": {"failedJobs": 0, "suspendedJobs": 0, "inProgressJobs": 0},
                        "protectedItemCount": items,
                        "recoveryPlanCount": 0,
                        "registeredServersCount": call.store.count("fabric", vault["id"]),
                        "recoveryServicesProviderAuthType": 1,
                    }
                ]
            }
        )
    return Answer(
        body={"value": [usage("RecoveryServicesProviderAuthType", 1), usage("ProtectedItemCount", items)]}
    )


def usage(name: str, value: int) -> dict[str, Any]:
    """One usage."""
    return {
        "unit": "Count",
        "quotaPeriod": "P1D",
        "nextResetTime": "0001-01-01T00:00:00Z",
        "currentValue": value,
        "limit": -1,
        "name": {"value": name, "localizedValue": name},
    }


@routes.on("GET", ids.VAULT + "/replicationVaultSettings", ids.VAULT + "/replicationVaultSettings/default")
def settings(call: Call) -> Answer:
    """Which kind of vault it is: vmwareToAzureProviderType "Vmware" is classic, absent is modernized."""
    vault = ids.vault_of(call)
    single = call.url_path.lower().endswith("/default")
    return Answer(body=setting_view(vault) if single else {"value": [setting_view(vault)]})


@routes.on("PUT", ids.VAULT + "/replicationVaultSettings/default")
def put_settings(call: Call) -> Answer:
    """Choose the kind of vault; refused once a server is registered in it."""
    vault, given = ids.vault_of(call), call.properties()
    provider = given.get("vmwareToAzureProviderType")
    if provider not in (None, "Vmware", "InMageRcm"):
        raise Refusal(
            400, "InvalidParameter", f"The value '{provider}' of vmwareToAzureProviderType is not known."
        )
    if provider != vault["provider"] and call.store.count("fabric", vault["id"]):
        raise ids.detailed(
            call,
            409,
            "Conflict",
            "VaultSettingCannotBeChanged",
            "The vault setting cannot be changed.",
            "A server is registered in the vault.",
            "Use another vault.",
        )
    vault |= {"provider": provider, "migration": given.get("migrationSolutionId", vault["migration"])}
    call.store.put("vault", vault["id"], vault)
    return Answer(body=setting_view(vault))


def setting_view(vault: Document) -> Document:
    """The vault's one setting."""
    properties = {"migrationSolutionId": vault["migration"], "vmwareToAzureProviderType": vault["provider"]}
    return {
        "id": f"{ids.site_recovery(vault)}/replicationVaultSettings/default",
        "name": "default",
        "type": "Microsoft.RecoveryServices/vaults/replicationVaultSettings",
        "properties": {k: v for k, v in properties.items() if v is not None},
    }
