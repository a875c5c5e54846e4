"""The vault registration key: a credentials file that Unified Setup registers a server with.

Made as the portal and Az.RecoveryServices make it: a self-signed certificate is registered with the vault,
and its private half goes into the file together with the vault's channel integrity key. The file is a secret.
Source: azure-powershell, GetAzureRmRecoveryServicesVaultSettingsFile; "valid for five days", Azure Stack
article, 2026-09-21.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Any

LIFE = timedelta(hours=120)
_NAMESPACE = "http://schemas.datacontract.org/2004/07/Microsoft.Azure.Portal.RecoveryServices.Models.Common"


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate: its `name` in the vault, base64 DER, and base64 PFX with the key."""

    name: str
    public: str
    expires: datetime
    pfx: str = field(repr=False)


def new_certificate(vault: str, owner: str, now: datetime) -> Certificate:
    """A fresh key pair and certificate, valid for five days from `now` (aware UTC).

    `owner` is a short mark of who asks: the name in the vault is the same for the same owner and day, so
    that a try after a lost answer replaces its own certificate and nobody else's.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509.oid import NameOID

    common = f"CB_{vault}-{now.day}-{now:%m-%Y}-vaultcredentials"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    expires = (now + LIFE).replace(microsecond=0)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=10))
        .not_valid_after(expires)
        .sign(key, hashes.SHA256())
    )
    pfx = pkcs12.serialize_key_and_certificates(None, key, certificate, None, serialization.NoEncryption())
    public = certificate.public_bytes(serialization.Encoding.DER)
    return Certificate(
        name=f"{common}-{owner}",
        public=base64.b64encode(public).decode(),
        expires=expires,
        pfx=base64.b64encode(pfx).decode(),
    )


def integrity_key() -> str:
    """A channel integrity key: 128 random bits as base64."""
    return base64.b64encode(secrets.token_bytes(16)).decode()


def credentials_file(
    vault: Mapping[str, Any], registered: Mapping[str, Any], pfx: str, channel_key: str
) -> str:
    """The XML of the file. `vault`: subscription, group, name, location; `registered`: the properties that
    the vault answered to the certificate. The order of elements matters to its reader (DataContract).
    """
    audience = registered.get("aadAudience") or (
        f"https://RecoveryServiceVault/{vault['location']}/{vault['name']}/{registered['resourceId']}"
    )
    details = _elements(
        ("SubscriptionId", vault["subscription"]),
        ("ResourceGroup", vault["group"]),
        ("ResourceName", vault["name"]),
        ("ResourceId", registered["resourceId"]),
        ("Location", vault["location"]),
        ("ResourceType", "Vaults"),
        ("ProviderNamespace", "Microsoft.RecoveryServices"),
    )
    directory = _elements(
        ("AadAuthority", registered["aadAuthority"]),
        ("AadTenantId", registered["aadTenantId"]),
        ("ServicePrincipalClientId", registered["servicePrincipalClientId"]),
        ("AadVaultAudience", audience),
        ("ArmManagementEndpoint", registered["azureManagementEndpointAudience"]),
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<RSVaultAsrCreds xmlns="{_NAMESPACE}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
        f"<VaultDetails>{details}</VaultDetails>"
        f"{_elements(('ManagementCert', pfx), ('Version', '2.0'))}"
        f"<AadDetails>{directory}</AadDetails>"
        f"{_elements(('ChannelIntegrityKey', channel_key), ('SiteId', ''), ('SiteName', ''))}"
        "</RSVaultAsrCreds>\n"
    )


def file_name(vault: str, now: datetime) -> str:
    """The name that the portal gives such a file."""
    return f"{vault}_{now:%Y-%m-%dT%H-%M-%S}.VaultCredentials"


def _elements(*pairs: tuple[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(value), quote=False)}</{name}>" for name, value in pairs)
