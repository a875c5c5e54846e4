"""The product's own clients against the practice servers, which count what they accepted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.azure.clients import Azure
from services.azure.ids import VaultRef
from services.azure.inmage_azure_v2 import PolicySettings, policy_body
from services.azure.jobs import asked_by, parse_job
from services.azure.replication import Replication
from services.azure.signin import SERVICE_PRINCIPAL, SignIn
from services.journal.journal import Journal
from services.journal.model import OperationRow
from services.operations.follow import follow
from services.operations.model import Found, Mutation, Transport
from services.operations.perform import perform
from services.operations.resolve import finish
from services.problems.model import ProblemError
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.practice_world import ledger, running_world, set_faults

GROUP, VAULT = "contosoRG", "contoso-vault"
GROUP_API, VAULT_API = "2021-04-01", "2024-04-01"
BODY = policy_body(PolicySettings(15, 24, 1))


class Here:
    """A signed-in console with an empty vault."""

    def __init__(self, description: dict[str, Any], state: Path, policy: str) -> None:
        self.description = description
        self.world = practice_world(description, state)
        secret = self.world.secrets["service-principal"]
        sign_in = SignIn(
            cloud=next(iter(self.world.clouds)),
            method=SERVICE_PRINCIPAL,
            tenant=description["tenant"],
            client_id=description["clientId"],
            secret=secret,
        )
        self.azure = Azure(self.world, sign_in, description["subscription"])
        self.vault = VaultRef(description["subscription"], GROUP, VAULT)
        self.reads = Replication(self.azure, self.vault)
        self.policy_name = policy
        self.target = self.vault.child("replicationPolicies", policy)

    def put(self, path: str, api: str, body: Any) -> Mutation:
        def send(transport: Transport) -> object:
            return self.azure.arm.send("PUT", path, api, body, transport.call())

        def find(_row: OperationRow) -> Found | None:
            return Found("resource") if self.azure.arm.exists(path, api) else None

        return Mutation("create", path, "PUT", body, send, find)

    def policy(self) -> Mutation:
        def send(transport: Transport) -> object:
            policies = self.azure.site_recovery.replication_policies
            return policies.begin_create(GROUP, VAULT, self.policy_name, BODY, **transport.sdk())

        def find(row: OperationRow) -> Found | None:
            job = asked_by(self.reads.jobs(), self.reads.job, row.client_request_id)
            return Found("job", job.name) if job else None

        return Mutation("create-policy", self.target, "PUT", BODY, send, find)

    def accepted(self) -> int:
        """How often the service took the creation of our policy."""
        path = self.target.lower()
        return sum(line["count"] for line in ledger(self.description) if line["target"].lower() == path)


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("world"), speed=3600) as found:
        yield found


@pytest.fixture
def here(journal: Journal, description: dict[str, Any], tmp_path: Path) -> Iterator[Here]:
    made = Here(description, tmp_path, f"policy-{tmp_path.name}"[:50])
    set_faults(description, [])
    location = {"location": description["location"]}
    body = {**location, "sku": {"name": "RS0", "tier": "Standard"}, "properties": {}}
    perform(journal, 1, made.put(made.vault.group_id, GROUP_API, location), made.world, Deadline(30))
    perform(journal, 1, made.put(made.vault.id, VAULT_API, body), made.world, Deadline(30))
    yield made
    set_faults(description, [])


def test_from_the_intent_to_the_end_of_the_job(journal: Journal, here: Here) -> None:
    row = perform(journal, 1, here.policy(), here.world, Deadline(60))
    seen: list[str] = []
    job = follow(
        lambda: parse_job(here.reads.job(row.job_id) or {}),
        here.world,
        Deadline(60),
        lambda view: seen.append(view.state),
    )
    assert (job.state, job.name) == ("Succeeded", row.job_id)
    assert job.activity_id.startswith(row.client_request_id)
    assert seen[-1] == "Succeeded"
    finish(journal, row, "succeeded")
    assert here.reads.policy(here.policy_name) is not None


def test_a_refusal_of_the_service_is_an_answer(journal: Journal, here: Here) -> None:
    def send(transport: Transport) -> object:
        policies = here.azure.site_recovery.replication_policies
        return policies.begin_create(GROUP, "no-such-vault", "p", BODY, **transport.sdk())

    wanted = Mutation("create-policy", "no-such-vault", "PUT", BODY, send, lambda _row: None)
    with pytest.raises(ProblemError) as caught:
        perform(journal, 1, wanted, here.world, Deadline(30))
    assert caught.value.problems[0].code == "ResourceNotFound"
    assert caught.value.problems[0].request_id


def _rule(do: dict[str, Any], times: int = 1) -> dict[str, Any]:
    return {"id": str(do), "method": "PUT", "path": "/replicationPolicies/", "times": times, "do": do}


REFUSING = [
    {"status": status, "retryAfter": 1, "code": "Busy", "message": "later"}
    for status in (409, 429, 500, 503, 504)
]


@pytest.mark.parametrize("do", REFUSING, ids=lambda do: str(do["status"]))
def test_a_fault_with_retry_after_doubles_nothing(journal: Journal, here: Here, do: dict[str, Any]) -> None:
    set_faults(here.description, [_rule(do)])
    row = perform(journal, 1, here.policy(), here.world, Deadline(60))
    assert (row.state, row.attempts, here.accepted()) == ("accepted", 2, 1)


@pytest.mark.parametrize(
    ("do", "adopted", "attempts"),
    [({"reset": "after"}, "job", 1), ({"reset": "before"}, "", 2), ({"truncate": True}, None, 1)],
    ids=["reset-after", "reset-before", "truncated"],
)
def test_a_lost_answer_doubles_nothing(
    journal: Journal, here: Here, do: dict[str, Any], adopted: str | None, attempts: int
) -> None:
    set_faults(here.description, [_rule(do)])
    row = perform(journal, 1, here.policy(), here.world, Deadline(60))
    assert (row.state, row.attempts, here.accepted()) == ("accepted", attempts, 1)
    assert adopted is None or row.adopted == adopted
    job = here.reads.job(row.job_id)
    assert job is not None
    assert parse_job(job).activity_id.startswith(row.client_request_id)
