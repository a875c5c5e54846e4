"""What Azure Resource Manager checks before a resource provider sees the request."""

from __future__ import annotations

import re
import time
from typing import Any

from services.practice.tokens import verified
from services.practice.web import Call, Refusal

VERSION = re.compile(r"^\d{4}-\d{2}-\d{2}(-[a-z]+)?$", re.IGNORECASE)
PUBLIC_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")


def admit(call: Call, subscription: str, tenant: str, audiences: tuple[str, ...]) -> None:
    """Let a request through, with its token's claims; or refuse it as ARM does."""
    call.claims = signed_in(call, tenant, audiences)
    if not call.version:
        raise Refusal(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    if not VERSION.match(call.version):
        raise Refusal(400, "InvalidApiVersionParameter", f"The api-version '{call.version}' is invalid.")
    named = re.match(r"^/subscriptions/([^/]+)", call.url_path, re.IGNORECASE)
    if named and named[1].lower() != subscription:
        raise Refusal(404, "SubscriptionNotFound", f"The subscription '{named[1]}' could not be found.")
    if call.method not in ("GET", "HEAD") and call.claims.get("role") == "reader":
        raise forbidden(call)


def signed_in(call: Call, tenant: str, audiences: tuple[str, ...]) -> dict[str, Any]:
    """The claims of a valid bearer token."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    claims = verified(token.strip(), call.realm.facts["tokenKey"]) if scheme.lower() == "bearer" else None
    if not token:
        raise unauthorized(
            call,
            tenant,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        )
    if claims is None:
        raise unauthorized(call, tenant, "InvalidAuthenticationToken", "The access token is invalid.")
    if claims.get("exp", 0) <= time.time():
        raise unauthorized(
            call, tenant, "ExpiredAuthenticationToken", "The access token expiry UTC time has passed."
        )
    if str(claims.get("aud", "")).rstrip("/") not in (call.origin, *audiences):
        raise unauthorized(
            call,
            tenant,
            "InvalidAuthenticationTokenAudience",
            f"The access token has been obtained for wrong audience or resource '{claims.get('aud')}'.",
        )
    return claims


def unauthorized(call: Call, tenant: str, code: str, message: str) -> Refusal:
    """401 with the challenge that tells a client where to sign in."""
    refusal = Refusal(401, code, message)
    refusal.headers["WWW-Authenticate"] = (
        f'Bearer authorization_uri="{call.origin}/{tenant}", error="invalid_token", '
        f'error_description="{message}"'
    )
    return refusal


def forbidden(call: Call) -> Refusal:
    """403 as role-based access control says it."""
    verbs = {"PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}
    parts = call.url_path.split("/providers/")[-1].split("/")
    action = "/".join([parts[0], *parts[1::2], verbs.get(call.method, "read")])
    return Refusal(
        403,
        "AuthorizationFailed",
        f"The client '{call.claims.get('appid')}' with object id "
        f"'{call.claims.get('oid')}' does not have authorization to perform action '{action}' over scope "
        f"'{call.url_path}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials.",
    )
