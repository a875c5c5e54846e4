"""ARM clients written by others work with nothing but the printed JSON."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.practice.clients import Arm, site_recovery

POLICY = {
    "properties": {
        "providerSpecificInput": {
            "instanceType": "InMageAzureV2",
            "recoveryPointThresholdInMinutes": 60,
            "recoveryPointHistory": 1440,
            "appConsistentFrequencyInMinutes": 60,
            "multiVmSyncStatus": "Enable",
        }
    }
}


def test_sdk_lists_items_and_creates_a_policy(world: dict[str, Any]) -> None:
    client = site_recovery(world)
    group, vault = world["resourceGroup"], world["vault"]
    assert list(client.replication_protected_items.list(group, vault)) == []
    made = client.replication_policies.begin_create(group, vault, "by-sdk", POLICY).result(60)
    assert made.name == "by-sdk"
    assert made.properties.provider_specific_details.recovery_point_history == 1440
    assert "by-sdk" in [p.name for p in client.replication_policies.list(group, vault)]
    jobs = [
        j for j in client.replication_jobs.list(group, vault) if j.properties.target_object_name == "by-sdk"
    ]
    assert [j.properties.scenario_name for j in jobs] == ["AddProtectionProfile"]


def test_curl_creates_a_policy(world: dict[str, Any], tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")

    def run(*arguments: str) -> str:
        command = [curl, "--silent", "--noproxy", "*", "--cacert", world["ca"], *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    answer = run(
        "-d",
        f"grant_type=client_credentials&client_id={world['clientId']}&client_secret={world['clientSecret']}"
        f"&scope={world['audience']}/.default",
        f"{world['authority']}/{world['tenant']}/oauth2/v2.0/token",
    )
    header = "Authorization: Bearer " + json.loads(answer)["access_token"]
    url = f"{world['arm']}{Arm(world).vault}/replicationPolicies/by-curl?api-version=2022-08-01"
    body = ["-X", "PUT", "-H", "Content-Type: application/json", "-d", json.dumps(POLICY)]
    head = run("-D", "-", "-H", header, *body, url)
    assert head.startswith("HTTP/1.1 202")
    lines = {k.lower(): v for k, _, v in (line.partition(": ") for line in head.splitlines())}
    status = "InProgress"
    while status == "InProgress":
        status = json.loads(run("-H", header, lines["azure-asyncoperation"]))["status"]
    assert status == "Succeeded"
    assert json.loads(run("-H", header, lines["location"]))["name"] == "by-curl"
    assert json.loads(run("-H", header, url))["properties"]["friendlyName"] == "by-curl"


def test_vault_sdk_makes_a_vault_and_what_a_key_needs(world: dict[str, Any]) -> None:
    from azure.core.exceptions import ResourceNotFoundError
    from azure.identity import ClientSecretCredential
    from azure.mgmt.recoveryservices import RecoveryServicesClient

    from tests.practice.walk import credentials, world_now

    credential = ClientSecretCredential(
        world["tenant"],
        world["clientId"],
        world["clientSecret"],
        authority=world["authority"],
        disable_instance_discovery=True,
        connection_verify=world["ca"],
    )
    client = RecoveryServicesClient(
        credential,
        world["subscription"],
        base_url=world["arm"],
        connection_verify=world["ca"],
        credential_scopes=[world["audience"] + "/.default"],
    )
    group = world["resourceGroup"]
    body = {"location": "westeurope", "sku": {"name": "RS0", "tier": "Standard"}, "properties": {}}
    made = client.vaults.begin_create_or_update(group, "by-vault-sdk", body).result(60)
    assert made.properties.provisioning_state == "Succeeded"
    assert {"by-vault-sdk", "contoso-vault"} <= {v.name for v in client.vaults.list_by_resource_group(group)}
    with pytest.raises(ResourceNotFoundError, match="ResourceExtendedInfoNotFound"):
        client.vault_extended_info.get(group, "by-vault-sdk")
    info = {"properties": {"integrityKey": "a2V5", "algorithm": "None"}}
    client.vault_extended_info.create_or_update(group, "by-vault-sdk", info)
    assert client.vault_extended_info.get(group, "by-vault-sdk").properties.integrity_key == "a2V5"
    der, _ = credentials(world_now(world), 120)
    request = {"properties": {"authType": "AAD", "certificate": base64.b64encode(der).decode()}}
    certificate = client.vault_certificates.create(group, "by-vault-sdk", "CN", request)
    assert certificate.properties.auth_type == "AzureActiveDirectory"
    assert certificate.properties.resource_id > 0
    assert certificate.properties.aad_tenant_id == world["tenant"]
