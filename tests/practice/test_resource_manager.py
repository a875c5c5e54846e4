"""Resource Manager and the few resources of a target behave as clients of all ages expect."""

from __future__ import annotations

import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.practice import walk
from tests.practice.clients import Arm, send


@pytest.fixture(scope="module")
def arm(world: dict[str, Any]) -> Arm:
    """A client of the shared world."""
    return Arm(world)


def test_metadata_needs_no_token(world: dict[str, Any]) -> None:
    for version in ("2022-09-01", "2015-01-01", "1.0"):
        answer = send(world["ca"], "GET", f"{world['arm']}/metadata/endpoints?api-version={version}")
        assert answer.body["suffixes"]["storage"]
        assert answer.body["authentication"]["loginEndpoint"] == world["arm"] + "/"
        assert answer.body["galleryEndpoint"]
    for path in (f"/{world['tenant']}/v2.0", "/common/v2.0", "/adfs"):
        found = send(world["ca"], "GET", f"{world['arm']}{path}/.well-known/openid-configuration").body
        assert found["token_endpoint"].startswith(world["arm"])


@pytest.mark.parametrize("version", ["2018-07-10", "2022-08-01", "2024-04-01", "2025-08-01", "2031-01-01"])
def test_any_version_is_served_and_echoed(arm: Arm, version: str) -> None:
    policy = f"{arm.vault}/replicationPolicies/at-{version}"
    accepted = arm("PUT", policy, walk.POLICY, version=version)
    assert accepted.status == 202
    for name in ("azure-asyncoperation", "location"):
        assert accepted.headers[name].startswith(arm.world["arm"] + "/")
        assert accepted.headers[name].endswith("api-version=" + version)
    assert int(accepted.headers["retry-after"]) >= 1
    assert arm.done(accepted) == "Succeeded"


def test_a_version_must_be_given_and_be_a_date(arm: Arm) -> None:
    url = arm.world["arm"] + "/subscriptions"
    missing = send(arm.world["ca"], "GET", url, None, {"Authorization": "Bearer " + arm.bearer})
    assert (missing.status, missing.body["error"]["code"]) == (400, "MissingApiVersionParameter")
    assert (
        arm("GET", "/subscriptions", version="latest").body["error"]["code"] == "InvalidApiVersionParameter"
    )


def test_case_does_not_matter(arm: Arm) -> None:
    assert arm("GET", arm.vault.upper()).body["name"] == arm.world["vault"]
    assert arm("GET", arm.vault.lower() + "/REPLICATIONPOLICIES").status == 200
    assert arm("HEAD", arm.group.lower()).status == 204
    assert arm("HEAD", arm.group + "x").status == 404


def test_every_answer_carries_world_time_and_quota(arm: Arm) -> None:
    answer = arm("GET", arm.vault, x_ms_client_request_id="abc")
    date = parsedate_to_datetime(answer.headers["date"])
    assert abs((walk.world_now(arm.world) - date).total_seconds()) < 30 * arm.world["clock"]["speed"]
    assert date - datetime.datetime.now(datetime.UTC) > datetime.timedelta(0)
    assert answer.headers["x-ms-client-request-id"] == "abc"
    assert int(answer.headers["x-ms-ratelimit-remaining-subscription-reads"]) < 12000
    assert answer.headers["x-ms-request-id"] != answer.headers["x-ms-correlation-request-id"]


def test_what_a_subscription_has(arm: Arm) -> None:
    base = f"/subscriptions/{arm.world['subscription']}"
    assert arm("GET", "/subscriptions").body["value"][0]["subscriptionId"] == arm.world["subscription"]
    assert arm("GET", "/tenants").body["value"][0]["tenantId"] == arm.world["tenant"]
    assert "westeurope" in [x["name"] for x in arm("GET", base + "/locations").body["value"]]
    provider = arm("GET", base + "/providers/microsoft.recoveryservices").body
    assert "2024-04-01" in provider["resourceTypes"][0]["apiVersions"]
    names = {r["name"] for r in arm("GET", arm.group + "/resources").body["value"]}
    assert {"contoso-vault", "contosoasrcache", "contoso-recovery-net"} <= names
    assert arm("GET", "/subscriptions/00000000-0000-0000-0000-000000000000").body["error"]["code"] == (
        "SubscriptionNotFound"
    )
    assert arm("GET", base + "/nothing").body["error"]["code"] == "InvalidResourceType"
    assert arm("DELETE", base).status == 405
    assert (
        arm("GET", base + "/resourceGroups/none/resources").body["error"]["code"] == "ResourceGroupNotFound"
    )


def test_group_and_vault_are_made(arm: Arm) -> None:
    group = f"/subscriptions/{arm.world['subscription']}/resourceGroups/made"
    assert arm("PUT", group, {"location": "West Europe"}).status == 201
    assert arm("PUT", group, {"location": "westeurope"}).status == 200
    assert arm("PUT", group, {"location": "eastus"}).status == 409
    vault = group + "/providers/Microsoft.RecoveryServices/vaults/v1"
    nowhere = arm("PUT", vault, {"location": "mars", "properties": {}, "sku": {"name": "Standard"}})
    assert (nowhere.status, nowhere.body["error"]["code"]) == (400, "LocationNotAvailableForResourceType")
    made = arm("PUT", vault, {"location": "westeurope", "properties": {}, "sku": {"name": "Standard"}})
    assert made.status == 201
    assert arm.done(made) == "Succeeded"
    assert arm("GET", made.headers["location"]).body["properties"]["provisioningState"] == "Succeeded"
    settings = arm("GET", vault + "/replicationVaultSettings/default").body
    assert "vmwareToAzureProviderType" not in settings["properties"]
    assert arm("DELETE", vault).status == 400


def test_storage_account_is_made(arm: Arm) -> None:
    base = f"/subscriptions/{arm.world['subscription']}/providers/Microsoft.Storage"
    check = arm("POST", base + "/checkNameAvailability", {"name": "contosoasrcache", "type": "x"}).body
    assert (check["nameAvailable"], check["reason"]) == (False, "AlreadyExists")
    assert arm("POST", base + "/checkNameAvailability", {"name": "free0123"}).body == {"nameAvailable": True}
    account = f"{arm.group}/providers/Microsoft.Storage/storageAccounts/free0123"
    body = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    made = arm("PUT", account, body)
    assert made.status == 202
    assert arm.done(made) == "Succeeded"
    assert arm("GET", made.headers["location"]).body["name"] == "free0123"
    assert arm("PUT", account, body).status == 200
    bad = arm("PUT", account.replace("free0123", "Not-Valid"), body)
    assert (bad.status, bad.body["error"]["code"]) == (400, "AccountNameInvalid")


def test_network_and_subnet_are_made(arm: Arm) -> None:
    network = f"{arm.group}/providers/Microsoft.Network/virtualNetworks/made-net"
    body: dict[str, Any] = {
        "location": "westeurope",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.60.0.0/16"]},
            "subnets": [{"name": "a", "properties": {"addressPrefix": "10.60.1.0/24"}}],
        },
    }
    made = arm("PUT", network, body)
    assert (made.status, arm.done(made)) == (201, "Succeeded")
    subnet = arm("PUT", network + "/subnets/b", {"properties": {"addressPrefix": "10.60.2.0/24"}})
    assert (subnet.status, arm.done(subnet)) == (201, "Succeeded")
    assert [s["name"] for s in arm("GET", network + "/subnets").body["value"]] == ["a", "b"]
    for prefix, code in (
        ("10.99.0.0/24", "NetcfgInvalidSubnet"),
        ("10.60.1.0/25", "NetcfgSubnetRangesOverlap"),
        ("10.60.1.300/24", "InvalidAddressPrefixFormat"),
    ):
        wrong = arm("PUT", network + "/subnets/c", {"properties": {"addressPrefix": prefix}})
        assert (wrong.status, wrong.body["error"]["code"]) == (400, code)


def test_quota_and_sizes(arm: Arm) -> None:
    base = f"/subscriptions/{arm.world['subscription']}/providers/Microsoft.Compute"
    names = [u["name"]["value"] for u in arm("GET", base + "/locations/westeurope/usages").body["value"]]
    assert "cores" in names
    found = arm("GET", base + "/skus?$filter=location%20eq%20'eastus'").body["value"]
    assert {s["locations"][0] for s in found} == {"eastus"}


def test_hub_speaks_only_old_versions(world: dict[str, Any]) -> None:
    from tests.practice.clients import form

    hub = world["hub"]
    for base in (f"{hub['tenant']}/oauth2/v2.0", "adfs/oauth2"):
        bearer = form(
            hub["ca"],
            f"{hub['arm']}/{base}/token",
            grant_type="client_credentials",
            client_id=world["clientId"],
            client_secret=world["clientSecret"],
            scope=hub["arm"] + "/.default",
        ).body["access_token"]
        headers = {"Authorization": "Bearer " + bearer}
        machines = (
            f"{hub['arm']}/subscriptions/{hub['subscription']}/providers/Microsoft.Compute/virtualMachines"
        )
        old = send(hub["ca"], "GET", machines + "?api-version=2017-12-01", None, headers)
        assert "app-01" in [m["name"] for m in old.body["value"]]
        new = send(hub["ca"], "GET", machines + "?api-version=2024-07-01", None, headers)
        assert (new.status, new.body["error"]["code"]) == (400, "NoRegisteredProviderFound")
        nics = machines.replace("Microsoft.Compute/virtualMachines", "Microsoft.Network/networkInterfaces")
        found = send(hub["ca"], "GET", nics + "?api-version=2017-10-01", None, headers).body["value"]
        addresses = {n["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] for n in found}
        assert "10.1.0.11" in addresses


def test_the_two_authorities_do_not_vouch_for_each_other(world: dict[str, Any]) -> None:
    import ssl
    import urllib.error

    with pytest.raises(urllib.error.URLError) as caught:
        send(world["ca"], "GET", world["hub"]["arm"] + "/metadata/endpoints?api-version=1.0")
    assert isinstance(caught.value.reason, ssl.SSLCertVerificationError)


def test_usages_of_a_region_that_is_none_are_refused(world: dict[str, Any]) -> None:
    arm = Arm(world)
    for provider in ("Compute", "Network", "Storage"):
        path = (
            f"/subscriptions/{world['subscription']}/providers/Microsoft.{provider}/locations/nowhere/usages"
        )
        assert arm("GET", path).status == 400, provider
