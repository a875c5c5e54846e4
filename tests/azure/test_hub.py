"""Azure Stack Hub: metadata, both kinds of identity, old api-versions, the list of machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.azure.hub import ADFS, ENTRA, Hub, HubSignIn, inside, machine, read_endpoints
from services.azure.signin import CERTIFICATE, DEVICE_CODE
from services.problems.model import ProblemError, SignInError
from tests.azure.conftest import Practised
from tests.azure.servers import CLIENT, SUBSCRIPTION, TENANT, Asked, Reply, Server, live_like, serving

NIC = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/apps/providers/Microsoft.Network/networkInterfaces"
PIP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/apps/providers/Microsoft.Network/publicIPAddresses/p"
VM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/apps/providers/Microsoft.Compute/virtualMachines/app-01"


def practice_hub(practised: Practised, **changes: Any) -> Hub:
    hub = practised.document["hub"]
    given: dict[str, Any] = {
        "arm": hub["arm"],
        "identity": ENTRA,
        "tenant": hub["tenant"],
        "client_id": practised.document["clientId"],
        "secret": practised.document["clientSecret"],
        "subscription": hub["subscription"],
        "profile": "2020-09-01-hybrid",
        "ca_file": Path(hub["ca"]),
    }
    return Hub(practised.world, HubSignIn(**{**given, **changes}))


@pytest.mark.parametrize("profile", ["2020-09-01-hybrid", "2019-03-01-hybrid"])
def test_the_machines_of_the_practice_hub(practised: Practised, profile: str) -> None:
    hub = practice_hub(practised, profile=profile)
    assert (hub.subscription() or {})["state"] == "Enabled"
    found = {one.name: one for one in hub.inventory()}
    assert {"cs-01", "app-01", "db-01", "web-01", "web-04"} <= set(found)
    assert found["app-01"].private == ("10.1.0.11",)
    assert len(found["app-01"].public) == 1
    assert found["app-02"].public == ()
    assert found["app-01"].os_type == "Linux"
    assert found["web-01"].os_type == "Windows"
    assert list(found) == sorted(found)


def test_a_certificate_signs_in_to_the_hub(practised: Practised) -> None:
    certificate = practised.document["clientCertificate"]
    hub = practice_hub(practised, method=CERTIFICATE, secret="", certificate=certificate)
    assert "app-01" in {one.name for one in hub.inventory()}


def test_a_device_code_of_the_hub_is_shown_once(practised: Practised) -> None:
    shown: list[str] = []
    for _count in range(2):
        hub = practice_hub(
            practised,
            method=DEVICE_CODE,
            secret="",
            client_id="",
            show_code=lambda url, _code, _until: shown.append(url),
        )
        assert "app-01" in {one.name for one in hub.inventory()}
    (url,) = shown
    assert url.startswith(practised.document["hub"]["arm"])


def test_the_hub_has_a_trust_of_its_own(practised: Practised) -> None:
    with pytest.raises(SignInError) as caught:
        practice_hub(practised, ca_file=None).inventory()
    (problem,) = caught.value.problems
    assert problem.code == "tls-untrusted"
    assert "hub.ca" in problem.remedy


def test_the_secret_of_the_hub_does_not_show(practised: Practised) -> None:
    assert "marker-91" not in repr(practice_hub(practised, secret="marker-91").sign_in)


def hub_server(origin: list[str], login: str) -> Any:
    def says(asked: Asked) -> Reply:
        if asked.path == "/metadata/endpoints":
            login_url = f"{origin[0]}{login}"
            return Reply(
                body={
                    "authentication": {"loginEndpoint": login_url, "audiences": [f"{origin[0]}/hub-audience"]}
                }
            )
        if asked.path.endswith("/virtualMachines"):
            return Reply(body={"value": [virtual_machine()]})
        return Reply(body={"value": []})

    return says


def virtual_machine() -> dict[str, Any]:
    return {
        "id": VM,
        "name": "app-01",
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_D2_v2"},
            "storageProfile": {"osDisk": {"osType": "Linux"}},
            "networkProfile": {
                "networkInterfaces": [
                    {"id": f"{NIC}/second", "properties": {"primary": False}},
                    {"id": f"{NIC}/FIRST", "properties": {"primary": True}},
                ]
            },
        },
    }


def test_a_machine_has_its_primary_address_first() -> None:
    def nic(address: str, outside: str = "") -> dict[str, Any]:
        config: dict[str, Any] = {"privateIPAddress": address}
        if outside:
            config["publicIPAddress"] = {"id": outside}
        return {"properties": {"ipConfigurations": [{"properties": config}]}}

    nics = {f"{NIC}/first".lower(): nic("10.1.0.11", PIP.upper()), f"{NIC}/second".lower(): nic("10.2.0.11")}
    found = machine(virtual_machine(), nics, {PIP.lower(): {"properties": {"ipAddress": "203.0.113.9"}}})
    assert found.private == ("10.1.0.11", "10.2.0.11")
    assert found.public == ("203.0.113.9",)
    assert (found.size, found.group, found.os_type) == ("Standard_D2_v2", "apps", "Linux")


def test_a_machine_with_hardly_any_properties_is_still_listed() -> None:
    found = machine({"id": VM}, {}, {})
    assert (found.name, found.private, found.public, found.os_type) == ("app-01", (), (), "")


def sign_in(server: Server, **changes: Any) -> HubSignIn:
    given: dict[str, Any] = {
        "arm": server.origin + "/",
        "identity": ENTRA,
        "tenant": TENANT,
        "client_id": CLIENT,
        "secret": "s",
        "subscription": SUBSCRIPTION,
        "profile": "2019-03-01-hybrid",
        "ca_file": server.ca_file,
    }
    return HubSignIn(**{**given, **changes})


@pytest.mark.parametrize(("login", "identity", "tenant"), [("/adfs", ADFS, "adfs"), ("/", ENTRA, TENANT)])
def test_the_hub_says_where_to_sign_in(tmp_path: Path, login: str, identity: str, tenant: str) -> None:
    origin: list[str] = []
    with serving(tmp_path, hub_server(origin, login)) as server:
        origin.append(server.origin)
        hub = Hub(live_like(server, tmp_path, ca_file=None), sign_in(server))
        assert hub.endpoints.identity == identity
        assert [one.name for one in hub.inventory()] == ["app-01"]
        (token,) = [one for one in server.asked if one.path.endswith("/oauth2/token")]
        assert token.path.startswith(f"/{tenant}/")
        assert b"hub-audience%2F.default" in token.body
        versions = {one.path.rpartition("/")[2]: one.query for one in server.arm[1:]}
    assert versions == {
        "networkInterfaces": "api-version=2017-10-01",
        "publicIPAddresses": "api-version=2017-10-01",
        "virtualMachines": "api-version=2017-12-01",
    }


def test_an_address_that_is_no_hub_is_told(tmp_path: Path) -> None:
    def says(_asked: Asked) -> Reply:
        return Reply(body={"hello": "world"})

    with serving(tmp_path, says) as server, pytest.raises(ProblemError) as caught:
        Hub(live_like(server, tmp_path), sign_in(server)).inventory()
    assert caught.value.problems[0].code == "hub-metadata"


def test_a_login_endpoint_without_tls_is_refused() -> None:
    said = {"authentication": {"loginEndpoint": "http://adfs.local/adfs", "audiences": ["a"]}}
    with pytest.raises(ProblemError):
        read_endpoints(said, "https://management.local.azurestack.external")


def test_only_the_hubs_own_domain_has_the_hubs_trust() -> None:
    hub = "https://management.local.azurestack.external"
    assert inside("https://adfs.local.azurestack.external", hub)
    assert inside(hub, hub)
    assert not inside("https://login.microsoftonline.com", hub)
    assert not inside("https://adfs.local.azurestack.external.attacker.example", hub)


def test_the_hub_is_only_looked_at(practised: Practised) -> None:
    from services.problems.model import RefusedError

    with pytest.raises(RefusedError):
        practice_hub(practised).arm.send("PUT", VM, "2020-06-01", {})
