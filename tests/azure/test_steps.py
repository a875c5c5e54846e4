"""The steps before the first: sign-in, subscription, Hub, walked on the practice world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import Problem, ProblemError, RefusedError, SignInError
from services.readiness.model import Finding, Status
from services.scenario.azure_stack.hub_steps import HUB
from services.scenario.azure_stack.permission_steps import needed_by, permission_check
from services.scenario.azure_stack.signin_steps import SIGN_IN
from services.scenario.azure_stack.subscription_step import SUBSCRIPTION
from services.scenario.model import Field, Scenario, Stage, Step
from services.scenario.walk import Walk
from services.world.deadline import Deadline
from services.world.model import World
from tests.azure.conftest import Practised
from tests.azure.servers import SUBSCRIPTION as THEIRS
from tests.azure.servers import TENANT, Asked, Reply, live_like, serving
from tests.azure.test_signin import stub_az

VAULT = Step(
    "vault", "before", "Vault", "", (), fields=(Field("resource-group", "Group", "", required=False),)
)
SHORT = Scenario(
    "short", "Short", "none", "test", (Stage("before", "Before"),), (SIGN_IN, SUBSCRIPTION, HUB, VAULT)
)
EVERYTHING = {"value": [{"actions": ["*"], "notActions": []}]}


@dataclass
class Walked:
    walk: Walk
    events: list[dict[str, Any]] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)

    def look(self, step: Step, **values: Any) -> dict[str, Finding]:
        assert self.walk.save(step, values) == {}
        return {f"{one.id} {one.target}": one for one in self.walk.look(step, Deadline(30))}

    def problem(self, step: Step, **values: Any) -> Problem:
        with pytest.raises(ProblemError) as caught:
            self.look(step, **values)
        return caught.value.problems[0]

    def go(self, step: Step, **values: Any) -> None:
        self.walk.save(step, values)
        self.walk.go(step, Deadline(30), lambda *_shown: True)

    @property
    def facts(self) -> dict[str, Any]:
        return self.walk.journal.facts(self.walk.engagement.id)


def walked(world: World, folder: Path) -> Walked:
    journal = Journal.open(folder / "journal", world.id, Actor.here())
    events: list[dict[str, Any]] = []
    engagement = journal.engagement("test", SHORT.id)
    typed: dict[str, str] = {}
    walk = Walk(
        SHORT,
        world,
        journal,
        engagement,
        lambda event: events.append(dict(event)),
        lambda key, _caption: typed[key],
    )
    return Walked(walk, events, typed)


@pytest.fixture
def on_practice(practised: Practised, tmp_path: Path) -> Iterator[Walked]:
    found = walked(practised.world, tmp_path)
    yield found
    found.walk.journal.close()


def test_the_practice_world_answers_for_itself(on_practice: Walked, practised: Practised) -> None:
    for step in (SIGN_IN, SUBSCRIPTION, HUB):
        on_practice.go(step)
    account = on_practice.facts["sign-in.account"]
    assert account["name"] == practised.document["clientId"]
    assert account["tenant"] == practised.document["tenant"]
    assert "hub.machines" not in on_practice.facts
    rows = on_practice.walk.journal.findings(on_practice.walk.engagement.id)
    found = {row.id: row.status for row in rows}
    assert {"sign-in", "subscription", "provider-registered", "permissions-ahead"} <= set(found)
    assert set(found.values()) == {"ok"}


def test_the_record_says_who_was_signed_in(on_practice: Walked) -> None:
    on_practice.go(SIGN_IN)
    account = on_practice.facts["sign-in.account"]
    last = list(on_practice.walk.journal.events())[-1]
    assert last.actor["object_id"] == account["objectId"]
    assert last.actor["account"] == account["name"]


def test_the_evidence_names_account_and_tenant(on_practice: Walked, practised: Practised) -> None:
    (finding,) = on_practice.look(SIGN_IN).values()
    seen = finding.evidence[0]
    assert practised.document["clientId"] in seen.output
    assert practised.document["tenant"] in seen.output
    assert practised.document["clientSecret"] not in f"{on_practice.events} {finding}"


def test_a_device_code_is_an_event(on_practice: Walked, practised: Practised) -> None:
    on_practice.look(SIGN_IN, method="device-code", tenant="organizations")
    (event,) = [event for event in on_practice.events if event["event"] == "device-code"]
    assert event["url"].startswith(practised.document["arm"])
    assert event["code"]
    assert event["until"].endswith("+00:00")


def test_every_mistake_of_the_sign_in_is_said_before_anything_is_asked(on_practice: Walked) -> None:
    wrong = on_practice.walk.save(
        SIGN_IN, {"cloud": "AzureMoon", "tenant": "no tenant", "client-id": "7", "secret": "hunter2"}
    )
    assert set(wrong) == {"cloud", "tenant", "client-id", "secret"}
    assert "hunter2" not in wrong["secret"]


@pytest.mark.parametrize(
    ("method", "tenant", "right"),
    [
        ("service-principal", "organizations", False),
        ("service-principal", "contoso.example", True),
        ("device-code", "organizations", True),
        ("certificate", TENANT, True),
    ],
)
def test_a_service_principal_needs_a_tenant(
    on_practice: Walked, method: str, tenant: str, right: bool
) -> None:
    wrong = on_practice.walk.save(SIGN_IN, {"method": method, "tenant": tenant})
    assert ("tenant" not in wrong) is right


def test_a_missing_certificate_file_is_named(on_practice: Walked) -> None:
    wrong = on_practice.walk.save(SIGN_IN, {"method": "certificate", "certificate": "/nowhere/client.pem"})
    assert "/nowhere/client.pem" in wrong["certificate"]


def test_an_unknown_client_ends_the_step_with_its_code(on_practice: Walked) -> None:
    client = "00000000-0000-0000-0000-000000000009"
    assert on_practice.problem(SIGN_IN, **{"client-id": client}).code == "AADSTS700016"


def test_practice_refuses_the_managed_identity_of_this_host(on_practice: Walked) -> None:
    assert on_practice.walk.save(SIGN_IN, {"method": "managed-identity"}) == {}
    with pytest.raises(RefusedError):
        on_practice.walk.look(SIGN_IN, Deadline(30))


def test_subscriptions_are_offered(on_practice: Walked, practised: Practised) -> None:
    offer = SUBSCRIPTION.fields[0].offer
    assert offer is not None
    (choice,) = offer(on_practice.walk.session(Deadline(30)))
    assert (choice.value, choice.label, choice.note) == (
        practised.document["subscription"],
        "Contoso-Prod",
        "Enabled",
    )


def test_a_subscription_that_is_not_seen(on_practice: Walked) -> None:
    on_practice.walk.save(SUBSCRIPTION, {"subscription": "00000000-0000-0000-0000-00000000000a"})
    check = next(one for one in SUBSCRIPTION.checks if one.id == "subscription")
    (finding,) = check.look(on_practice.walk.session(Deadline(30)))
    assert finding.status is Status.FAILED
    assert "does not see" in finding.what


def test_a_reader_is_told_what_will_be_missing(on_practice: Walked, practised: Practised) -> None:
    reader = practised.document["reader"]
    on_practice.typed["sign-in.secret"] = reader["clientSecret"]
    on_practice.walk.save(SIGN_IN, {"client-id": reader["clientId"], "secret": "prompt"})
    found = on_practice.look(SUBSCRIPTION)
    assert found["permissions-ahead read-vault"].status is Status.OK
    assert found["permissions-ahead create-vault"].status is Status.WARNING
    blocked = on_practice.walk.blockers(SUBSCRIPTION, list(found.values()))
    assert blocked == []


def test_a_step_stops_for_each_permission_that_is_missing(on_practice: Walked, practised: Practised) -> None:
    reader, subscription = practised.document["reader"], practised.document["subscription"]
    on_practice.typed["sign-in.secret"] = reader["clientSecret"]
    on_practice.walk.save(SIGN_IN, {"client-id": reader["clientId"], "secret": "prompt"})
    group = f"/subscriptions/{subscription}/resourceGroups/contosoRG"
    check = permission_check(("create-vault", "read-vault"), lambda _session: group)
    found = check.look(on_practice.walk.session(Deadline(30)))
    assert [(one.target, one.status) for one in found] == [
        ("Microsoft.RecoveryServices/vaults/write", Status.FAILED)
    ]
    assert "Contributor" in found[0].fix
    assert group in found[0].what
    assert "Microsoft.RecoveryServices/vaults/write" in needed_by("create-vault")


def test_needs_are_looked_for_where_they_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def says(asked: Asked) -> Reply:
        return Reply(body=EVERYTHING)

    stub_az(tmp_path, monkeypatch, 'echo \'{"accessToken": "t", "expires_on": 4102444800}\'')
    with serving(tmp_path, says) as server:
        found = walked(live_like(server, tmp_path), tmp_path)
        found.walk.save(SIGN_IN, {"method": "cli", "tenant": "organizations"})
        vault = f"/subscriptions/{THEIRS}/resourceGroups/vaults/providers/Microsoft.RecoveryServices/vaults/v"
        target = f"/subscriptions/{THEIRS}/resourceGroups/target"
        check = permission_check(
            ("enable-protection",), lambda _session: {"vault": vault, "target-resource-group": target}
        )
        (finding,) = check.look(found.walk.session(Deadline(30)))
        found.walk.journal.close()
        asked = {one.path.partition("/providers/Microsoft.Authorization")[0] for one in server.arm}
    assert finding.status is Status.OK
    # What a group grants holds for the vault in it.
    assert asked == {f"/subscriptions/{THEIRS}/resourceGroups/vaults", target}


@pytest.mark.parametrize("state", ["Disabled", "Warned", "PastDue"])
def test_a_subscription_that_is_not_enabled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    def says(asked: Asked) -> Reply:
        if asked.path == "/subscriptions":
            return Reply(body={"value": [{"subscriptionId": THEIRS, "displayName": "x", "state": state}]})
        if asked.path.endswith("Microsoft.RecoveryServices"):
            return Reply(body={"registrationState": "NotRegistered"})
        return Reply(body=EVERYTHING)

    stub_az(tmp_path, monkeypatch, 'echo \'{"accessToken": "t", "expires_on": 4102444800}\'')
    with serving(tmp_path, says) as server:
        found = walked(live_like(server, tmp_path), tmp_path)
        found.walk.save(SIGN_IN, {"method": "cli", "tenant": "organizations"})
        findings = found.look(SUBSCRIPTION, subscription=THEIRS)
        found.walk.journal.close()
    assert findings[f"subscription {THEIRS}"].status is Status.FAILED
    assert state in findings[f"subscription {THEIRS}"].what
    registered = findings["provider-registered Microsoft.RecoveryServices"]
    assert registered.status is Status.FAILED
    assert "az provider register" in registered.fix


def test_the_hub_lists_its_machines(on_practice: Walked, practised: Practised) -> None:
    on_practice.go(HUB, use=True)
    listed = {one["name"]: one for one in on_practice.facts["hub.machines"]}
    assert listed["app-01"]["addresses"][0] == "10.1.0.11"
    assert listed["app-01"]["os"] == "Linux"
    assert on_practice.facts["hub.subscription"] == practised.document["hub"]["subscription"]


def test_a_hub_with_another_identity_is_told_apart(on_practice: Walked) -> None:
    (finding,) = on_practice.look(HUB, use=True, identity="adfs").values()
    assert finding.status is Status.FAILED
    assert "entra" in finding.fix


def test_a_hub_whose_authority_is_not_named(on_practice: Walked) -> None:
    on_practice.walk.save(HUB, {"use": True, "ca": ""})
    with pytest.raises(SignInError) as caught:
        on_practice.walk.look(HUB, Deadline(30))
    assert caught.value.problems[0].code == "tls-untrusted"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("arm", "http://management.local.azurestack.external"),
        ("arm", "https://management.local.azurestack.external/subscriptions"),
        ("arm", "management"),
        ("ca", "/nowhere/hub.pem"),
        ("profile", "2021-01-01-hybrid"),
        ("subscription", "mine"),
    ],
)
def test_a_mistake_about_the_hub_is_said(on_practice: Walked, key: str, value: str) -> None:
    assert key in on_practice.walk.save(HUB, {"use": True, key: value})


def test_without_the_hub_nothing_about_it_is_asked(on_practice: Walked) -> None:
    assert on_practice.walk.save(HUB, {"use": False, "arm": "nonsense"}) == {}
