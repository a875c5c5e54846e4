"""Permissions: wildcards, what is taken away, scopes that do not exist yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.azure.permissions import above, allowed, missing_permissions
from tests.azure.conftest import Practised
from tests.azure.servers import Asked, Reply, azure_of, live_like, serving

# Built-in roles as Microsoft documents them.
OWNER = {"actions": ["*"], "notActions": []}
CONTRIBUTOR = {
    "actions": ["*"],
    "notActions": ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
}
READER = {"actions": ["*/read"], "notActions": []}
WRITE = "Microsoft.RecoveryServices/vaults/write"
READ = "Microsoft.RecoveryServices/vaults/read"


@pytest.mark.parametrize(
    ("action", "granted", "expected"),
    [
        (WRITE, [OWNER], True),
        (WRITE, [CONTRIBUTOR], True),
        (WRITE, [READER], False),
        (READ, [READER], True),
        (READ, [], False),
        ("Microsoft.Authorization/roleAssignments/write", [CONTRIBUTOR], False),
        ("microsoft.authorization/roleassignments/WRITE", [CONTRIBUTOR], False),
        ("Microsoft.Authorization/roleAssignments/write", [CONTRIBUTOR, OWNER], True),
        ("Microsoft.Resources/deployments/*", [CONTRIBUTOR], True),
        ("Microsoft.Resources/deployments/*", [{"actions": ["Microsoft.Resources/deployments/read"]}], False),
        (
            "Microsoft.Resources/deployments/*",
            [{"actions": ["*"], "notActions": ["Microsoft.Resources/deployments/delete"]}],
            False,
        ),
        (WRITE, [{"actions": ["Microsoft.RecoveryServices/*"]}], True),
        (WRITE, [{"actions": ["Microsoft.RecoveryServicesX/*"]}], False),
    ],
)
def test_an_action_is_granted(action: str, granted: list[dict[str, Any]], expected: bool) -> None:
    assert allowed(action, granted) is expected


def test_scopes_lead_up_to_the_subscription() -> None:
    vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v"
    assert above(vault) == "/subscriptions/s/resourceGroups/g"
    assert above(above(vault)) == "/subscriptions/s"
    assert above("/subscriptions/s") == "/subscriptions/s"


def test_a_group_that_does_not_exist_yet_is_judged_by_its_subscription(tmp_path: Path) -> None:
    def says(asked: Asked) -> Reply:
        if "/resourceGroups/" in asked.path:
            return Reply(404, {"error": {"code": "ResourceGroupNotFound", "message": "none"}})
        return Reply(body={"value": [READER]})

    with serving(tmp_path, says) as server:
        azure = azure_of(live_like(server, tmp_path))
        missing = missing_permissions(azure, "/subscriptions/s/resourceGroups/none", [WRITE, READ, WRITE])
        assert missing == [WRITE]
        assert server.arm[-1].path == "/subscriptions/s/providers/Microsoft.Authorization/permissions"
        assert server.arm[-1].query == "api-version=2022-04-01"


def test_the_practice_reader_may_only_look(practised: Practised) -> None:
    scope = f"/subscriptions/{practised.document['subscription']}"
    assert missing_permissions(practised.reader(), scope, [WRITE, READ]) == [WRITE]
    assert missing_permissions(practised.azure(), scope, [WRITE, READ]) == []
