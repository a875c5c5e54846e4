"""The real SDK, led to the stand-in: as the product sends a mutation and looks for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.pipeline import policies
from azure.core.rest import HttpRequest
from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

from services.azure.jobs import asked_by
from services.journal.model import OperationRow
from services.operations.model import Find, Found, Mutation, Transport
from services.world.clock import Clock
from services.world.dialer import DirectDialer
from services.world.model import World
from tests.operations.stand_in import StandIn

BODY = {
    "properties": {"providerSpecificInput": {"instanceType": "InMageAzureV2", "multiVmSyncStatus": "Enable"}}
}
TARGET = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/replicationPolicies/p"
)


def world(state: Path, *, speed: float = 600.0, read_only: bool = False) -> World:
    now = datetime.now(UTC)
    clock = Clock(real=now, world=now, speed=speed)
    return World("practice", "practice-test", {}, clock, DirectDialer(), state, read_only=read_only)


class _Credential:
    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("token", 2**33)


def sdk(url: str) -> SiteRecoveryManagementClient:
    """The SDK's client with its own policies, its retries among them, but without tokens over plain HTTP."""
    chain = [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.ContentDecodePolicy(),
        policies.RetryPolicy(),
        policies.CustomHookPolicy(),
    ]
    return SiteRecoveryManagementClient(_Credential(), "s", base_url=url, policies=chain)


class Vault:
    """A vault on the stand-in: one mutation, and how to look for it."""

    def __init__(self, server: StandIn) -> None:
        self.client = sdk(server.url)
        self.server = server
        self.looks = 0

    def create_policy(self, **changes: Any) -> Mutation:
        def send(transport: Transport) -> object:
            group = self.client.replication_policies
            return group.begin_create("g", "v", "p", BODY, **transport.sdk())

        return mutation(send, self.find, **changes)

    def by_request(self, **changes: Any) -> Mutation:
        """The same without a method of the SDK, as the calls go that have none."""

        def send(transport: Transport) -> object:
            request = HttpRequest("PUT", self.server.url + TARGET, json=BODY)
            return self.client._client.send_request(request, **transport.call())

        return mutation(send, self.find, **changes)

    def find(self, row: OperationRow) -> Found | None:
        self.looks += 1
        jobs = self.server.get("/jobs")["value"]
        job = asked_by(jobs, lambda name: self.server.get(f"/jobs/{name}"), row.client_request_id)
        return Found("job", job.name) if job else None


def mutation(send: Any, find: Find, **changes: Any) -> Mutation:
    given: dict[str, Any] = {"verb": "create-policy", "target": TARGET, "method": "PUT", "body": BODY}
    return Mutation(**{**given, "send": send, "find": find, "step": "policy", **changes})
