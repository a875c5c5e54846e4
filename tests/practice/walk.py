"""The documented way to a protected machine, in plain ARM requests, for the tests of the practice world."""

from __future__ import annotations

import base64
import datetime
import time
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from tests.practice.clients import Arm, Reply, send

SPACE = "http://schemas.datacontract.org/2004/07/Microsoft.Azure.Portal.RecoveryServices.Models.Common"
POLICY = {
    "properties": {
        "providerSpecificInput": {
            "instanceType": "InMageAzureV2",
            "recoveryPointThresholdInMinutes": 60,
            "recoveryPointHistory": 1440,
            "crashConsistentFrequencyInMinutes": 5,
            "appConsistentFrequencyInMinutes": 60,
            "multiVmSyncStatus": "Enable",
        }
    }
}


def world_now(world: dict[str, Any]) -> datetime.datetime:
    """The world's time, from the clock that it printed."""
    clock = world["clock"]
    real, anchor = (datetime.datetime.fromisoformat(clock[name]) for name in ("real", "world"))
    return anchor + (datetime.datetime.now(datetime.UTC) - real) * float(clock["speed"])


def credentials(now: datetime.datetime, hours: int) -> tuple[bytes, bytes]:
    """A self-signed certificate (DER) and the same with its key (PFX)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CB_contoso-vault-vaultcredentials")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=hours))
        .sign(key, hashes.SHA256())
    )
    pfx = pkcs12.serialize_key_and_certificates(b"", key, certificate, None, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.DER), pfx


def registration_key(arm: Arm, hours: int = 120, name: str = "key1") -> str:
    """A registration key made as the documents say."""
    der, pfx = credentials(world_now(arm.world), hours)
    body = {"properties": {"authType": "AAD", "certificate": base64.b64encode(der).decode()}}
    made = arm("PUT", f"{arm.vault}/certificates/{name}", body)
    assert made.status == 200, made
    info = arm("GET", f"{arm.vault}/extendedInformation/vaultExtendedInfo")
    if info.status == 404:
        fresh = {
            "properties": {
                "integrityKey": base64.b64encode(b"0123456789abcdef").decode(),
                "algorithm": "None",
            }
        }
        info = arm("PUT", f"{arm.vault}/extendedInformation/vaultExtendedInfo", fresh)
    return key_file(
        arm, str(made.body["properties"]["resourceId"]), pfx, info.body["properties"]["integrityKey"]
    )


def key_file(arm: Arm, number: str, pfx: bytes, integrity: str) -> str:
    """The vault credentials file."""
    world = arm.world
    return (
        f'<RSVaultAsrCreds xmlns="{SPACE}"><VaultDetails><SubscriptionId>{world["subscription"]}</SubscriptionId>'
        f"<ResourceGroup>{world['resourceGroup']}</ResourceGroup><ResourceName>{world['vault']}</ResourceName>"
        f"<ResourceId>{number}</ResourceId></VaultDetails>"
        f"<ManagementCert>{base64.b64encode(pfx).decode()}</ManagementCert><Version>2.0</Version>"
        f"<ChannelIntegrityKey>{integrity}</ChannelIntegrityKey></RSVaultAsrCreds>"
    )


def person(world: dict[str, Any], act: str, **body: str) -> Reply:
    """What a person does at the configuration server."""
    return send(
        world["ca"],
        "POST",
        f"{world['arm']}/practice/person/{act}",
        body,
        {"x-practice-key": world["ledgerKey"]},
    )


def registered(arm: Arm, name: str = "cs-01", address: str = "10.1.0.5") -> dict[str, Any]:
    """Register a configuration server with an account; its fabric, once server and account show."""
    done = person(arm.world, "configuration-server", name=name, address=address, key=registration_key(arm))
    assert done.status == 200, done
    assert person(arm.world, "account", name="root").status == 200
    listed = arm("GET", f"{arm.vault}/replicationFabrics").body["value"]
    [fabric] = [one for one in listed if one["properties"]["friendlyName"] == name]
    provider = arm("GET", f"{fabric['id']}/replicationRecoveryServicesProviders").body["value"][0]
    assert arm.done(arm("POST", f"{provider['id']}/refreshProvider")) == "Succeeded"
    return until(arm, fabric["id"], lambda f: bool(f["properties"]["customDetails"]["processServers"]))


def until(arm: Arm, path: str, good: Any, seconds: float = 60.0) -> dict[str, Any]:
    """GET until the document is as wanted."""
    deadline = time.monotonic() + seconds
    while not good(document := arm("GET", path).body):
        assert time.monotonic() < deadline, document
    return dict(document)


def container_of(arm: Arm, fabric: dict[str, Any]) -> str:
    """The id of the fabric's container."""
    return str(arm("GET", f"{fabric['id']}/replicationProtectionContainers").body["value"][0]["id"])


def discovered(arm: Arm, container: str, name: str, address: str, system: str) -> dict[str, Any]:
    """Add a machine; its protectable item."""
    body = {"properties": {"friendlyName": name, "ipAddress": address, "osType": system}}
    assert arm.done(arm("POST", f"{container}/discoverProtectableItem", body)) == "Succeeded"
    machines = arm("GET", f"{container}/replicationProtectableItems").body["value"]
    return next(m for m in machines if m["properties"]["friendlyName"] == name)


def associated(arm: Arm, container: str, policy: str = "policy1") -> str:
    """Create a policy and associate it; its id."""
    policy_id = f"{arm.vault}/replicationPolicies/{policy}"
    assert arm.done(arm("PUT", policy_id, POLICY)) == "Succeeded"
    body = {
        "properties": {
            "targetProtectionContainerId": "Microsoft Azure",
            "policyId": policy_id,
            "providerSpecificInput": {"instanceType": "InMageAzureV2"},
        }
    }
    mapping = f"{container}/replicationProtectionContainerMappings/{policy}"
    assert arm.done(arm("PUT", mapping, body)) == "Succeeded"
    return policy_id


def enable_body(
    arm: Arm, fabric: dict[str, Any], policy: str, machine: dict[str, Any], **other: Any
) -> dict[str, Any]:
    """The enable request for a machine."""
    details = fabric["properties"]["customDetails"]
    server = details["processServers"][0]["id"]
    network = f"{arm.group}/providers/Microsoft.Network/virtualNetworks/contoso-recovery-net"
    return {
        "properties": {
            "policyId": policy,
            "protectableItemId": machine["id"],
            "providerSpecificDetails": {
                "instanceType": "InMageAzureV2",
                "processServerId": server,
                "masterTargetId": server,
                "runAsAccountId": details["runAsAccounts"][0]["accountId"],
                "logStorageAccountId": f"{arm.group}/providers/Microsoft.Storage/storageAccounts/contosoasrcache",
                "targetAzureNetworkId": network,
                "targetAzureSubnetId": "Subnet-1",
                "targetAzureV2ResourceGroupId": arm.group,
                "targetAzureVmName": machine["properties"]["friendlyName"],
                **other,
            },
        }
    }
