"""The configuration server: its fields and its size."""

from __future__ import annotations

from typing import Any

import pytest

from services.scenario.answers import Answers
from services.scenario.azure_stack import by_hand
from services.scenario.azure_stack.machines import MACHINES
from services.scenario.azure_stack.readiness import READINESS
from services.scenario.azure_stack.server import SERVER
from services.scenario.azure_stack.server_machine import server_machine, size_for
from services.scenario.model import Scenario, Stage
from services.scenario.validate import mistakes
from tests.assets.reading import asset_json

SCENARIO = Scenario("s", "S", "InMageAzureV2", "", (Stage("source", "Source"),), (MACHINES, SERVER))
MACHINE = {"name": "app-01", "address": "10.1.0.11", "os": "Linux"}


def answers(**given: Any) -> Answers:
    values = {"name": "cs-01", "address": "10.1.0.5", "secret": "env:CS", **given}
    flat = {f"server.{key}": value for key, value in values.items()}
    return Answers(SCENARIO, {"machines.machines": [MACHINE], **flat}, {})


def test_good_answers_give_the_server_as_a_machine() -> None:
    assert mistakes(SERVER, answers()) == {}
    server = server_machine(answers())
    assert (server.name, server.address, server.os_type) == ("cs-01", "10.1.0.5", "Windows")
    assert (server.user, server.secret) == ("Administrator", "env:CS")


@pytest.mark.parametrize(
    ("given", "field", "part"),
    [
        ({"name": "configuration-server"}, "name", "1 to 15 letters"),
        ({"name": "APP-01"}, "name", "'APP-01' is one of the machines to protect"),
        ({"address": "10.1.0.11"}, "address", "'10.1.0.11' is one of the machines to protect"),
        ({"address": "52.174.1.9"}, "address", "'52.174.1.9' is no private IPv4 address"),
        ({"address": "cs-01"}, "address", "'cs-01' is no private IPv4 address"),
        ({"secret": "hunter2"}, "secret", "where the secret comes from"),
        ({"machines": 0}, "machines", "'0' must be 1 or more"),
        ({"churn": -1}, "churn", "'-1' must be 0 or more"),
    ],
)
def test_mistakes_name_what_was_given_and_what_would_do(given: dict[str, Any], field: str, part: str) -> None:
    wrong = mistakes(SERVER, answers(**given))
    assert list(wrong) == [field]
    assert part in wrong[field]
    assert "hunter2" not in wrong[field]


@pytest.mark.parametrize(
    ("machines", "churn", "cores"),
    [
        (99, 500, 8),
        (100, 500, 12),
        (99, 501, 12),
        (150, 1_000, 12),
        (151, 0, 16),
        (200, 2_000, 16),
        (201, 0, None),
        (1, 2_001, None),
    ],
)
def test_the_sizing_table(machines: int, churn: int, cores: int | None) -> None:
    found = size_for(machines, churn)
    assert (found.cores if found else None) == cores


def test_every_documented_id_of_machines_and_server_has_a_claim() -> None:
    claimed = {
        claim
        for step in (MACHINES, READINESS, SERVER)
        for claims in (
            step.claims,
            *(check.claims for check in step.checks),
            *(field.claims for field in step.fields),
        )
        for claim in claims
    }
    wanted = {f"AS-4.{number}" for number in range(1, 17)} | {"AS-3.3", "AS-3.4", "AS-3.5", "AS-6.6"}
    assert wanted - claimed == set()


def test_what_is_left_to_the_hand_says_what_where_and_how_it_is_seen() -> None:
    documented = asset_json("procedures", "azure-stack-to-azure.json")
    text = repr(documented)
    for item in (*by_hand.MACHINE_ITEMS, *by_hand.SERVER_ITEMS):
        assert item.what
        assert item.where
        assert item.command
        assert f"'{item.id}'" in text
