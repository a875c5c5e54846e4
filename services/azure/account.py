"""Who is signed in, and what stands in the way when nobody is."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from services.azure.signin import CLI, MANAGED_IDENTITY
from services.problems.model import Problem, ProblemError, SignInError
from services.text import _
from services.world.clouds import scope

if TYPE_CHECKING:
    from services.azure.clients import Azure


@dataclass(frozen=True)
class Account:
    """The signed-in account as its token names it; `until` is when the token ends (UTC)."""

    name: str
    object_id: str
    tenant: str
    kind: str
    until: datetime


def account(azure: Azure) -> Account:
    """Sign in and say who that is. SignInError says what stands in the way."""
    held = token(azure)
    claims = claims_of(held.token)
    sign_in = azure.sign_in
    name = next(
        (
            str(claims[key])
            for key in ("upn", "preferred_username", "unique_name", "appid", "azp")
            if claims.get(key)
        ),
        sign_in.client_id,
    )
    return Account(
        name=name,
        object_id=str(claims.get("oid") or ""),
        tenant=str(claims.get("tid") or sign_in.tenant),
        kind="application" if claims.get("idtyp") == "app" or name == claims.get("appid") else "user",
        until=datetime.fromtimestamp(held.expires_on, UTC),
    )


def claims_of(text: str) -> dict[str, Any]:
    """The claims of a token that is a JWT, unverified (it is not for us); empty for an opaque one."""
    parts = text.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def token(azure: Azure) -> Any:
    """An access token for Resource Manager; what fails becomes a SignInError (or stays a ProblemError)."""
    from azure.core.exceptions import AzureError

    try:
        return azure.credential.get_token(scope(azure.cloud))
    except AzureError as error:
        raise _hinted(azure.explain(error, _("sign-in")), azure.sign_in.method) from error


def _hinted(error: ProblemError, method: str) -> ProblemError:
    """The error with what would do for the methods whose own messages are terse."""
    problem = error.problems[0]
    if problem.code != "sign-in" or problem.remedy:
        return error
    return SignInError(replace(problem, remedy=_remedy(problem, method)))


def _remedy(problem: Problem, method: str) -> str:
    if method == CLI and "not found" in problem.what.lower():
        return _("Install Azure CLI, or choose another way to sign in.")
    if method == CLI:
        return _("Sign in with: az login (and az cloud set for another cloud). Then try again.")
    if method == MANAGED_IDENTITY:
        return _("Give this machine a managed identity, or choose another way to sign in.")
    return ""
