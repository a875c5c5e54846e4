"""What an account may do, action by action, as Resource Manager's permissions say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.azure.clients import Azure

API = "2022-04-01"


def missing_permissions(azure: Azure, scope: str, needed: Iterable[str]) -> list[str]:
    """Those of the needed actions that the account does not have at a scope, in their order.

    A scope that does not exist yet is judged by the nearest one above it: what is granted there will hold
    for what is made below. Azure's errors come out as ProblemError.
    """
    return Granted(azure).missing(scope, needed)


class Granted:
    """The account's permissions, asked once for each scope."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure
        self._by_scope: dict[str, list[dict[str, Any]]] = {}

    def missing(self, scope: str, needed: Iterable[str]) -> list[str]:
        """See `missing_permissions`. What a resource's group grants holds for the resource: it is asked first."""
        left = list(dict.fromkeys(needed))
        for place in dict.fromkeys((_group(scope), scope)):
            if left:
                granted = self._at(place)
                left = [action for action in left if not allowed(action, granted)]
        return left

    def _at(self, scope: str) -> list[dict[str, Any]]:
        if scope not in self._by_scope:
            self._by_scope[scope] = permissions(self._azure, scope)
        return self._by_scope[scope]


def permissions(azure: Azure, scope: str) -> list[dict[str, Any]]:
    """The account's permissions at a scope, or at the nearest existing one above it."""
    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    if above(scope) == scope or azure.arm.exists(path, API):
        return azure.arm.list(path, API)
    return permissions(azure, above(scope))


def _group(scope: str) -> str:
    """The resource group of a resource; a group or subscription is its own."""
    parts = scope.strip("/").split("/")
    return "/" + "/".join(parts[:4]) if len(parts) > 4 else scope


def above(scope: str) -> str:
    """The scope one level up: resource, resource group, subscription; a subscription is its own."""
    parts = scope.strip("/").split("/")
    return "/" + "/".join(parts[: 4 if len(parts) > 4 else 2])


def allowed(action: str, granted: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of the permissions has the action and does not take it away again.

    Each permission is that of one role assignment: its notActions reduce its own actions only. An action
    may end in a wildcard; then all of it must be granted.
    """
    return any(
        any(_covers(pattern, action) for pattern in entry.get("actions") or [])
        and not any(
            _covers(pattern, action) or _covers(action, pattern) for pattern in entry.get("notActions") or []
        )
        for entry in granted
    )


def _covers(pattern: str, action: str) -> bool:
    matching = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(matching, action, re.IGNORECASE) is not None
