"""The permissions of each action, held against the reference page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.assets.reading import STEPS, asset_json, reference

DOCUMENT: dict[str, Any] = asset_json("permissions", "azure-stack-to-azure.json")
ACTIONS: list[dict[str, Any]] = DOCUMENT["actions"]
SCOPES = {"subscription", "resource-group", "vault", "target-resource-group"}
NAME = re.compile(r"^Microsoft\.[A-Za-z]+(/[A-Za-z]+)+(/\*)?$")


def test_every_action_of_the_steps_is_there() -> None:
    assert [action["id"] for action in ACTIONS] == [
        "create-resource-group",
        "create-vault",
        "read-vault",
        "create-extended-info",
        "register-certificate",
        "refresh-provider",
        "create-storage-account",
        "create-network",
        "create-policy",
        "create-mapping",
        "discover-machine",
        "enable-protection",
        "set-alerts",
        "choose-classic",
    ]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: str(action["id"]))
def test_an_action_has_all_its_parts(action: dict[str, Any]) -> None:
    assert set(action) == {"id", "step", "title", "role", "needs"}
    assert action["step"] in STEPS
    assert action["role"] in {role["name"] for role in DOCUMENT["roles"]}
    assert action["needs"]
    for need in action["needs"]:
        assert need["scope"] in SCOPES
        assert need["source"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", need["date"])
        assert need["actions"]
        assert all(NAME.match(name) for name in need["actions"])
        assert len(set(need["actions"])) == len(need["actions"])


def test_enabling_needs_the_documented_permissions_on_the_target_group() -> None:
    page = reference("prerequisites.md")
    block = re.search(r"Permissions to enable replication of a new VM.*?```\n(.*?)```", page, flags=re.DOTALL)
    assert block is not None
    documented = block[1].split()
    (enable,) = (action for action in ACTIONS if action["id"] == "enable-protection")
    (target,) = (need for need in enable["needs"] if need["scope"] == "target-resource-group")
    assert target["actions"] == documented


def test_an_action_that_changes_something_asks_for_more_than_reading() -> None:
    for action in ACTIONS:
        names = [name for need in action["needs"] for name in need["actions"]]
        changes = any(not name.endswith("/read") for name in names)
        assert changes == (action["id"] != "read-vault")
