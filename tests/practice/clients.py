"""Clients written by others, pointed at the practice world."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

API = "2024-04-01"


@dataclass
class Reply:
    """Status, JSON body and headers (lower-case names) of an answer."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


def opener(ca: str) -> urllib.request.OpenerDirector:
    """An opener that trusts one CA and uses no proxy."""
    context = ssl.create_default_context(cafile=ca)
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )


def send(ca: str, method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
    """One request; an error status is an answer too."""
    data = json.dumps(body).encode() if isinstance(body, dict | list) else body
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json", **(headers or {})}, method=method
    )
    try:
        with opener(ca).open(request, timeout=30) as answer:
            return reply(answer.status, answer.read(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        return reply(error.code, error.read(), dict(error.headers))


def reply(status: int, raw: bytes, headers: dict[str, str]) -> Reply:
    """An answer with its JSON read."""
    return Reply(status, json.loads(raw) if raw else None, {k.lower(): v for k, v in headers.items()})


def form(ca: str, url: str, **values: str) -> Reply:
    """A form post, as token endpoints want it."""
    data = urllib.parse.urlencode(values).encode()
    return send(ca, "POST", url, data, {"Content-Type": "application/x-www-form-urlencoded"})


def token(world: dict[str, Any], client: dict[str, str] | None = None) -> str:
    """An access token of the service principal."""
    who = client or world
    answer = form(
        world["ca"],
        f"{world['authority']}/{world['tenant']}/oauth2/v2.0/token",
        grant_type="client_credentials",
        client_id=who["clientId"],
        client_secret=who["clientSecret"],
        scope=world["audience"] + "/.default",
    )
    return str(answer.body["access_token"])


class Arm:
    """Plain ARM requests with a token."""

    def __init__(self, world: dict[str, Any], bearer: str | None = None) -> None:
        self.world, self.bearer = world, bearer or token(world)
        self.group = f"/subscriptions/{world['subscription']}/resourceGroups/{world['resourceGroup']}"
        self.vault = f"{self.group}/providers/Microsoft.RecoveryServices/vaults/{world['vault']}"

    def __call__(self, method: str, path: str, body: Any = None, version: str = API, **headers: str) -> Reply:
        """One request; `path` may be an absolute URL of ours."""
        url = path if path.startswith("https:") else self.world["arm"] + path
        if "api-version=" not in url:
            url += ("&" if "?" in url else "?") + "api-version=" + version
        sent = {
            "Authorization": "Bearer " + self.bearer,
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        return send(self.world["ca"], method, url, body, sent)

    def done(self, answer: Reply) -> str:
        """Follow an accepted operation to its end; its status."""
        import time

        assert answer.status in (201, 202), answer
        url = answer.headers["azure-asyncoperation"]
        deadline = time.monotonic() + 60
        while (status := self("GET", url)).body["status"] == "InProgress":
            assert time.monotonic() < deadline
        return str(status.body["status"])


def site_recovery(world: dict[str, Any], **options: Any) -> Any:
    """The SDK's client."""
    from azure.identity import ClientSecretCredential
    from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

    credential = ClientSecretCredential(
        world["tenant"],
        world["clientId"],
        world["clientSecret"],
        authority=world["authority"],
        disable_instance_discovery=True,
        connection_verify=world["ca"],
    )
    return SiteRecoveryManagementClient(
        credential,
        world["subscription"],
        base_url=world["arm"],
        connection_verify=world["ca"],
        credential_scopes=[world["audience"] + "/.default"],
        **options,
    )
