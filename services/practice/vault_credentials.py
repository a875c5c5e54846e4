"""What a registration key is made of: the vault's extended information and its certificates."""

from __future__ import annotations

import base64
import binascii
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from services.practice import ids
from services.practice.clock import stamp
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

routes = Router()


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
