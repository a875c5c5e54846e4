"""Every way to sign in, and what its failures say."""

from __future__ import annotations

import json
import stat
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.azure.account import account, claims_of
from services.azure.clients import Azure
from services.azure.signin import CERTIFICATE, CLI, DEVICE_CODE, MANAGED_IDENTITY, SignIn
from services.problems.model import CancelledError, ProblemError, RefusedError, SignInError
from services.world.clouds import CLOUDS, PUBLIC, US_GOVERNMENT, scope
from services.world.deadline import Deadline
from tests.azure.conftest import Practised
from tests.azure.servers import TENANT, azure_of, live_like, serving
from tests.azure.test_arm import nothing


def code_of(azure: Azure) -> str:
    with pytest.raises(SignInError) as caught:
        account(azure)
    return caught.value.problems[0].code


def test_a_secret_signs_in_as_the_application(practised: Practised) -> None:
    who = account(practised.azure())
    assert (who.kind, who.name) == ("application", practised.document["clientId"])
    assert who.tenant == practised.document["tenant"]
    assert len(who.object_id) == 36
    assert who.until > datetime.now(UTC)


def test_a_certificate_signs_in(practised: Practised) -> None:
    azure = practised.azure(
        method=CERTIFICATE, secret="", certificate=practised.document["clientCertificate"]
    )
    assert account(azure).name == practised.document["clientId"]


def test_a_file_without_a_key_is_named(practised: Practised) -> None:
    with pytest.raises(ProblemError) as caught:
        account(practised.azure(method=CERTIFICATE, certificate=practised.document["ca"]))
    assert caught.value.problems[0].subject == practised.document["ca"]
    assert "private key" in caught.value.problems[0].what


def encrypted(certificate: Path, target: Path, password: bytes) -> Path:
    """The same certificate, its key locked with a password."""
    from cryptography.hazmat.primitives import serialization

    pem = certificate.read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )
    begin = pem.index(b"-----BEGIN CERTIFICATE-----")
    target.write_bytes(
        locked + pem[begin : pem.index(b"-----END CERTIFICATE-----")] + b"-----END CERTIFICATE-----\n"
    )
    return target


@pytest.mark.parametrize(
    ("locked", "given"),
    [(False, "marker-77ab"), (True, "marker-77ab"), (True, "")],
    ids=["password for a key without one", "wrong password", "no password"],
)
def test_a_password_that_does_not_fit_is_a_sentence(
    practised: Practised, tmp_path: Path, locked: bool, given: str
) -> None:
    path = Path(practised.document["clientCertificate"])
    if locked:
        path = encrypted(path, tmp_path / "locked.pem", b"right one")
    with pytest.raises(ProblemError) as caught:
        account(practised.azure(method=CERTIFICATE, secret="", certificate=str(path), password=given))
    (problem,) = caught.value.problems
    assert (problem.code, problem.subject) == ("certificate-file", str(path))
    assert "password" in problem.what
    assert "marker-77ab" not in f"{caught.value!r} {problem!r} {problem.raw}"


def test_a_locked_certificate_signs_in_with_its_password(practised: Practised, tmp_path: Path) -> None:
    path = encrypted(Path(practised.document["clientCertificate"]), tmp_path / "locked.pem", b"right one")
    azure = practised.azure(method=CERTIFICATE, secret="", certificate=str(path), password="right one")
    assert account(azure).name == practised.document["clientId"]


def test_a_device_code_is_shown_and_waited_for(practised: Practised) -> None:
    shown: list[tuple[str, str, datetime]] = []
    azure = practised.azure(
        method=DEVICE_CODE, client_id="", secret="", show_code=lambda *code: shown.append(code)
    )
    who = account(azure)
    assert (who.kind, who.name) == ("user", practised.document["account"])
    ((url, code, until),) = shown
    assert url.startswith(practised.document["arm"])
    assert len(code) >= 8
    assert until > datetime.now(UTC)


def test_a_device_code_is_asked_for_once_in_a_process(practised: Practised) -> None:
    shown: list[str] = []
    for _count in range(2):
        azure = practised.azure(
            method=DEVICE_CODE,
            client_id="",
            tenant="organizations",
            secret="",
            show_code=lambda _url, code, _until: shown.append(code),
        )
        account(azure)
    assert len(shown) == 1


def test_waiting_for_a_device_code_can_be_stopped(practised: Practised) -> None:
    deadline = Deadline()
    sign_in = practised.sign_in(
        method=DEVICE_CODE, client_id="", tenant="common", show_code=lambda *_code: deadline.cancel()
    )
    azure = Azure(practised.world, sign_in, "", lambda: deadline)
    with pytest.raises(CancelledError):
        account(azure)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": "wrong"}, "AADSTS7000215"),
        ({"client_id": "00000000-0000-0000-0000-000000000001"}, "AADSTS700016"),
        ({"tenant": "00000000-0000-0000-0000-000000000002"}, "AADSTS90002"),
    ],
)
def test_what_is_wrong_is_named_by_its_code(practised: Practised, changes: dict[str, str], code: str) -> None:
    assert code_of(practised.azure(**changes)) == code


def test_an_expired_secret_is_told_from_a_wrong_one(practised: Practised) -> None:
    expired = practised.document["expired"]
    azure = practised.azure(client_id=expired["clientId"], secret=expired["clientSecret"])
    assert code_of(azure) == "AADSTS7000222"


def test_a_failure_says_what_would_do_and_never_the_secret(practised: Practised) -> None:
    with pytest.raises(SignInError) as caught:
        account(practised.azure(secret="marker-5a1c"))
    problem = caught.value.problems[0]
    assert problem.cause
    assert problem.remedy
    assert "marker-5a1c" not in f"{caught.value!r} {problem!r} {problem.raw}"
    assert "marker-5a1c" not in repr(practised.sign_in(secret="marker-5a1c", password="marker-5a1c"))


@pytest.mark.parametrize("method", [CLI, MANAGED_IDENTITY])
def test_practice_does_not_use_the_sign_in_of_this_host(practised: Practised, method: str) -> None:
    with pytest.raises(RefusedError) as caught:
        account(practised.azure(method=method))
    assert DEVICE_CODE in caught.value.problems[0].remedy


def test_practice_uses_one_account_for_every_cloud(practised: Practised) -> None:
    assert account(practised.azure(cloud=US_GOVERNMENT)).name == practised.document["clientId"]


def stub_az(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "az"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_session_of_azure_cli_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"accessToken": "from-az", "expires_on": int(time.time()) + 3000, "tokenType": "Bearer"}
    stub_az(tmp_path, monkeypatch, f"echo \"$@\" > {tmp_path}/given\ncat <<'END'\n{json.dumps(answer)}\nEND")
    with serving(tmp_path, nothing) as server:
        world = live_like(server, tmp_path)
        azure = Azure(world, SignIn(PUBLIC, CLI, TENANT), "")
        assert azure.arm.list("/subscriptions", "2022-12-01") == []
        (asked,) = server.asked
    assert asked.headers["Authorization"] == "Bearer from-az"
    given = (tmp_path / "given").read_text()
    assert f"--tenant {TENANT}" in given
    assert world.clouds[PUBLIC].audience.rstrip("/") in given


def test_a_cli_without_a_session_says_az_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub_az(tmp_path, monkeypatch, 'echo "Please run: az login to setup account." >&2; exit 1')
    with serving(tmp_path, nothing) as server, pytest.raises(SignInError) as caught:
        account(Azure(live_like(server, tmp_path), SignIn(PUBLIC, CLI, "organizations"), ""))
    assert "az login" in caught.value.problems[0].remedy


def test_a_host_without_azure_cli_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with serving(tmp_path, nothing) as server, pytest.raises(SignInError) as caught:
        account(Azure(live_like(server, tmp_path), SignIn(PUBLIC, CLI, "organizations"), ""))
    assert "Install Azure CLI" in caught.value.problems[0].remedy


def test_a_managed_identity_signs_in(practised: Practised, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = practised.document["managedIdentity"]
    monkeypatch.setenv("IDENTITY_ENDPOINT", offered["endpoint"])
    monkeypatch.setenv("IDENTITY_HEADER", offered["header"])
    world = replace(practised.world, kind="live", id="live")
    azure = Azure(world, SignIn(PUBLIC, MANAGED_IDENTITY), practised.document["subscription"])
    assert account(azure).kind == "application"
    assert [one["state"] for one in azure.arm.list("/subscriptions", "2022-12-01")] == ["Enabled"]


def test_a_token_is_fetched_once_and_kept(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        azure = azure_of(live_like(server, tmp_path))
        for _count in range(3):
            azure.arm.list("/subscriptions", "2022-12-01")
        tokens = [one for one in server.asked if one.path.endswith("/token")]
    assert len(tokens) == 1


def test_tokens_are_kept_for_threads_that_come_together(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        world = live_like(server, tmp_path)
        threads = [
            threading.Thread(target=azure_of(world).arm.list, args=("/subscriptions", "1")) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(server.arm) == 4


def test_claims_of_an_opaque_or_broken_token_are_empty() -> None:
    assert claims_of("opaque") == {}
    assert claims_of("a.!!!.c") == {}
    assert claims_of("a.WzFd.c") == {}


def test_clouds_have_the_scopes_that_azure_core_knows() -> None:
    from azure.core import AzureClouds
    from azure.mgmt.core.tools import get_arm_endpoints

    names = {
        "AzureCloud": AzureClouds.AZURE_PUBLIC_CLOUD,
        "AzureUSGovernment": AzureClouds.AZURE_US_GOVERNMENT,
        "AzureChinaCloud": AzureClouds.AZURE_CHINA_CLOUD,
    }
    assert set(names) == set(CLOUDS)
    for name, cloud in CLOUDS.items():
        known = get_arm_endpoints(names[name])
        assert [scope(cloud)] == known["credential_scopes"]
        assert cloud.arm + "/" == known["resource_manager"]


def test_clouds_have_the_authorities_that_azure_identity_knows() -> None:
    from azure.identity import AzureAuthorityHosts

    hosts = (
        AzureAuthorityHosts.AZURE_PUBLIC_CLOUD,
        AzureAuthorityHosts.AZURE_GOVERNMENT,
        AzureAuthorityHosts.AZURE_CHINA,
    )
    assert [cloud.authority for cloud in CLOUDS.values()] == [f"https://{host}" for host in hosts]
