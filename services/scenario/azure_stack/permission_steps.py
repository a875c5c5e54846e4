"""Checks of what the account may do, action by action, from the asset that lists what each action needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from services.azure.ids import last
from services.azure.permissions import Granted
from services.readiness.model import Evidence, Finding, Status
from services.scenario.model import StepCheck
from services.scenario.session import Session

Scopes = Callable[[Session], str | Mapping[str, str]]
ROLE_GIVERS = "An Owner, User Access Administrator or Role Based Access Control Administrator of the scope"
SOURCE = "Site Recovery role-based access control, 2019-04-08"


@dataclass(frozen=True)
class Need:
    """Permissions that one action takes at one kind of scope, and the role that has them."""

    action: str
    title: str
    role: str
    scope: str
    permissions: tuple[str, ...]


@cache
def needs() -> tuple[Need, ...]:
    """What every action of the scenario needs, from the asset."""
    text = (resources.files("assets") / "permissions" / "azure-stack-to-azure.json").read_text(
        encoding="utf-8"
    )
    return tuple(
        Need(action["id"], action["title"], action["role"], need["scope"], tuple(need["actions"]))
        for action in json.loads(text)["actions"]
        for need in action["needs"]
    )


def needed_by(action_id: str) -> tuple[str, ...]:
    """The permissions that an action takes at all its scopes, for its plan."""
    found = [name for need in needs() if need.action == action_id for name in need.permissions]
    return tuple(dict.fromkeys(found))


def permission_check(action_ids: Sequence[str], scope_from: Scopes) -> StepCheck:
    """A blocking check that the account may do these actions: one finding for each missing permission.

    `scope_from` gives the id of the vault or its resource group (the scopes above follow from it), or the
    ids by the asset's names: subscription, resource-group, vault, target-resource-group.
    """
    chosen = tuple(need for need in needs() if need.action in action_ids)

    def look(session: Session) -> Sequence[Finding]:
        scopes, granted = scope_from(session), Granted(session.azure)
        found = [finding for need in chosen for finding in _look(granted, need, _scope(need, scopes))]
        bad = [finding for finding in found if finding.status is not Status.OK]
        return list(dict.fromkeys(bad)) or found[:1]

    return StepCheck("permissions", ("AS-3.2",), "The account may do what this step does", look)


def permissions_ahead(scope_from: Callable[[Session], str]) -> StepCheck:
    """A check that warns of permissions that later steps will need: one finding for each action."""

    def look(session: Session) -> Sequence[Finding]:
        scope, granted = scope_from(session), Granted(session.azure)
        return [_ahead(granted, action, scope) for action in dict.fromkeys(need.action for need in needs())]

    return StepCheck(
        "permissions-ahead", ("AS-3.2",), "The account may do what is to come", look, blocking=False
    )


def _look(granted: Granted, need: Need, scope: str) -> list[Finding]:
    missing = granted.missing(scope, need.permissions)
    if not missing:
        seen = Evidence(_request(scope), "all needed actions are granted")
        what = "The account has the permissions that this step needs."
        return [Finding("permissions", last(scope), Status.OK, what, (seen,), source=SOURCE)]
    return [_missing(need, scope, action) for action in missing]


def _missing(need: Need, scope: str, action: str) -> Finding:
    return Finding(
        "permissions",
        action,
        Status.FAILED,
        f"The account may not do this at {scope}.",
        (Evidence(_request(scope), f"{action} is not granted"),),
        cause=f"It is needed to: {need.title}.",
        fix=f"{ROLE_GIVERS} can give the role {need.role}, or one that contains the action. "
        "A new role takes some minutes to hold.",
        source=SOURCE,
    )


def _ahead(granted: Granted, action: str, scope: str) -> Finding:
    own = [need for need in needs() if need.action == action]
    missing: list[str] = []
    for need in own:
        missing += granted.missing(_scope(need, scope), need.permissions)
    seen = Evidence(_request(scope), ", ".join(missing) or "all needed actions are granted")
    if not missing:
        return Finding(
            "permissions-ahead", action, Status.OK, f"Allowed: {own[0].title}.", (seen,), source=SOURCE
        )
    return Finding(
        "permissions-ahead",
        action,
        Status.WARNING,
        f"Not allowed yet: {own[0].title}.",
        (seen,),
        cause=f"Permissions missing at {scope}: {len(missing)}. They may be granted at a resource below it.",
        fix=f"{ROLE_GIVERS} can give the role {own[0].role}.",
        source=SOURCE,
    )


def _scope(need: Need, scopes: str | Mapping[str, str]) -> str:
    if not isinstance(scopes, str):
        return scopes[need.scope]
    parts = scopes.strip("/").split("/")
    lengths: dict[str, Any] = {"subscription": 2, "resource-group": 4, "target-resource-group": 4}
    return "/" + "/".join(parts[: lengths.get(need.scope)])


def _request(scope: str) -> str:
    return f"GET {scope}/providers/Microsoft.Authorization/permissions"
