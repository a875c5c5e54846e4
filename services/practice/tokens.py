"""Access tokens: opaque to clients, signed by us, so that they need no storage and survive a restart.

Tokens live in real time, unlike everything else here: clients compare them with their own clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

TOKEN_SECONDS = 3599


def encode(value: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Its inverse; ValueError if it is none."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwt(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """The first two parts of a JSON web token."""
    return encode(json.dumps(header).encode()) + "." + encode(json.dumps(claims).encode())


def signed(claims: dict[str, Any], key: str) -> str:
    """A token for these claims."""
    body = jwt({"typ": "JWT", "alg": "HS256"}, claims)
    return body + "." + encode(hmac.digest(key.encode(), body.encode(), hashlib.sha256))


def verified(token: str, key: str) -> dict[str, Any] | None:
    """The claims of a token of ours, expired or not; None if it is not ours."""
    body, _, signature = token.rpartition(".")
    expected = encode(hmac.digest(key.encode(), body.encode(), hashlib.sha256))
    if not body or not hmac.compare_digest(signature, expected):
        return None
    claims = json.loads(decode(body.split(".")[1]))
    return claims if isinstance(claims, dict) else None


def issued(identity: dict[str, Any], audience: str, issuer: str, key: str) -> dict[str, Any]:
    """A token answer of the identity platform for `identity` (tid, oid, appid, role, name)."""
    now = int(time.time())
    claims = {**identity, "aud": audience, "iss": issuer, "iat": now, "nbf": now, "exp": now + TOKEN_SECONDS}
    return {
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "ext_expires_in": TOKEN_SECONDS,
        "access_token": signed(claims, key),
    }
