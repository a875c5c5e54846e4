"""Sign-in as the libraries do it, and what the identity platform refuses."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest

from tests.practice.clients import Arm, form, send, token

BAD = [
    ({"client_secret": "wrong"}, {}, 401, "AADSTS7000215"),
    ({"client_id": "00000000-0000-0000-0000-000000000001"}, {}, 400, "AADSTS700016"),
    ({}, {"tenant": "00000000-0000-0000-0000-000000000002"}, 400, "AADSTS90002"),
    ({"grant_type": "password"}, {}, 400, "AADSTS70003"),
]


@pytest.mark.parametrize(("change", "place", "status", "code"), BAD, ids=[case[3] for case in BAD])
def test_refusals(
    world: dict[str, Any], change: dict[str, str], place: dict[str, str], status: int, code: str
) -> None:
    given = {
        "grant_type": "client_credentials",
        "client_id": world["clientId"],
        "client_secret": world["clientSecret"],
        "scope": world["audience"] + "/.default",
        **change,
    }
    answer = form(
        world["ca"], f"{world['authority']}/{place.get('tenant', world['tenant'])}/oauth2/v2.0/token", **given
    )
    assert answer.status == status
    assert answer.body["error_description"].startswith(code + ":")
    assert answer.body["error"]


def test_an_expired_secret_is_named(world: dict[str, Any]) -> None:
    answer = form(
        world["ca"],
        f"{world['authority']}/{world['tenant']}/oauth2/v2.0/token",
        grant_type="client_credentials",
        client_id=world["expired"]["clientId"],
        client_secret=world["expired"]["clientSecret"],
    )
    assert answer.body["error_description"].startswith("AADSTS7000222:")


def arm_accepts(world: dict[str, Any], bearer: str) -> bool:
    """Does ARM take this token?"""
    return Arm(world, bearer)("GET", "/subscriptions").status == 200


def test_certificate(world: dict[str, Any]) -> None:
    from azure.identity import CertificateCredential

    credential = CertificateCredential(
        world["tenant"],
        world["clientId"],
        world["clientCertificate"],
        authority=world["authority"],
        disable_instance_discovery=True,
        connection_verify=world["ca"],
    )
    assert arm_accepts(world, credential.get_token(world["audience"] + "/.default").token)


def test_a_foreign_certificate_is_refused(world: dict[str, Any], tmp_path: Any) -> None:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import CertificateCredential

    from services.practice.tls import client_certificate

    credential = CertificateCredential(
        world["tenant"],
        world["clientId"],
        str(client_certificate(tmp_path / "other.pem")),
        authority=world["authority"],
        disable_instance_discovery=True,
        connection_verify=world["ca"],
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        credential.get_token(world["audience"] + "/.default")


def test_device_code(world: dict[str, Any]) -> None:
    from azure.identity import DeviceCodeCredential

    prompts: list[tuple[str, str]] = []
    credential = DeviceCodeCredential(
        tenant_id=world["tenant"],
        authority=world["authority"],
        disable_instance_discovery=True,
        connection_verify=world["ca"],
        prompt_callback=lambda uri, code, _: prompts.append((uri, code)),
    )
    assert arm_accepts(world, credential.get_token(world["audience"] + "/.default").token)
    assert len(prompts) == 1
    record = credential.authenticate(scopes=[world["audience"] + "/.default"])
    assert record.username == world["account"]
    assert record.tenant_id == world["tenant"]


def test_device_code_waits_until_it_is_approved(world: dict[str, Any]) -> None:
    base = f"{world['authority']}/{world['tenant']}/oauth2/v2.0"
    client = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
    started = form(world["ca"], base + "/devicecode", client_id=client, scope="openid").body
    poll = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": client,
        "device_code": started["device_code"],
    }
    waiting = form(world["ca"], base + "/token", **poll)
    assert (waiting.status, waiting.body["error"]) == (400, "authorization_pending")
    assert form(world["ca"], started["verification_uri"], code=started["user_code"]).body == {
        "approved": True
    }
    done = form(world["ca"], base + "/token", **poll).body
    info = json.loads(base64.urlsafe_b64decode(done["client_info"] + "=="))
    assert info["utid"] == world["tenant"]
    again = form(
        world["ca"],
        base + "/token",
        grant_type="refresh_token",
        client_id=client,
        refresh_token=done["refresh_token"],
    )
    assert arm_accepts(world, again.body["access_token"])


def test_managed_identity(world: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.identity import ManagedIdentityCredential

    for name in [n for n in os.environ if n.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IDENTITY_ENDPOINT", world["managedIdentity"]["endpoint"])
    monkeypatch.setenv("IDENTITY_HEADER", world["managedIdentity"]["header"])
    assert arm_accepts(world, ManagedIdentityCredential().get_token(world["audience"] + "/.default").token)


def test_tokens_of_the_wrong_kind(world: dict[str, Any]) -> None:
    def asked(bearer: str | None) -> tuple[int, str, str]:
        headers = {} if bearer is None else {"Authorization": "Bearer " + bearer}
        answer = send(
            world["ca"], "GET", world["arm"] + "/subscriptions?api-version=2022-12-01", None, headers
        )
        return answer.status, answer.body["error"]["code"], answer.headers["www-authenticate"]

    hub = form(
        world["hub"]["ca"],
        f"{world['hub']['arm']}/{world['hub']['tenant']}/oauth2/v2.0/token",
        grant_type="client_credentials",
        client_id=world["clientId"],
        client_secret=world["clientSecret"],
        scope=world["hub"]["arm"] + "/.default",
    ).body["access_token"]
    for bearer, code in (
        (None, "AuthenticationFailed"),
        ("forged", "InvalidAuthenticationToken"),
        (hub, "InvalidAuthenticationTokenAudience"),
    ):
        status, given, challenge = asked(bearer)
        assert (status, given) == (401, code)
        assert challenge.startswith(f'Bearer authorization_uri="{world["arm"]}/{world["tenant"]}"')


def test_a_reader_may_not_write(world: dict[str, Any]) -> None:
    arm = Arm(world, token(world, world["reader"]))
    assert arm("GET", arm.vault).status == 200
    refused = arm("PUT", arm.vault + "/replicationPolicies/p", {"properties": {}})
    assert (refused.status, refused.body["error"]["code"]) == (403, "AuthorizationFailed")
    rights = arm("GET", f"{arm.group}/providers/Microsoft.Authorization/permissions", version="2022-04-01")
    assert rights.body["value"][0]["actions"] == ["*/read"]
