"""The identity platform: token endpoints for secret, certificate, device code and refresh token."""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from pathlib import Path
from typing import Any

from services.practice import assertions, tokens
from services.practice.facts import ACCOUNT
from services.practice.web import Answer, Call, Refusal, Router

PENDING_POLLS = 2
DEVICE_SECONDS = 900
routes = Router()
GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)


class Denied(Refusal):
    """An OAuth error answer: {error, error_description, error_codes}, not ARM's form."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(status, error, text)
        self.number = number

    def answer(self) -> Answer:
        """The answer in RFC 6749's form, as the identity platform gives it."""
        prefix = f"AADSTS{self.number}: " if self.number else ""
        body: dict[str, Any] = {"error": self.code, "error_description": prefix + self.message}
        if self.number:
            body |= {
                "error_codes": [self.number],
                "timestamp": time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime()),
            }
        return Answer(self.status, body)


@routes.on("POST", "/{tenant}/oauth2/v2.0/token", "/{tenant}/oauth2/token")
def token(call: Call) -> Answer:
    """Every grant that the product's credentials use."""
    form, tenant = call.form(), known_tenant(call)
    grant = form.get("grant_type", "")
    if grant == "client_credentials":
        return Answer(body=token_for(call, application(call, form), tenant, form))
    if grant.endswith("device_code"):
        return Answer(body=user_token(call, tenant, form, device_approved(call, form)))
    if grant == "refresh_token":
        return Answer(body=user_token(call, tenant, form, refreshed(call, form)))
    raise Denied(
        400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'."
    )


def known_tenant(call: Call) -> str:
    """The tenant named in the path; AADSTS90002 if there is no such tenant."""
    facts, given = call.realm.facts, call.path["tenant"].lower()
    if given in ("common", "organizations", "adfs"):
        return str(facts["tenant"])
    if given not in (facts["tenant"], facts["hubTenant"]):
        raise Denied(
            400,
            "invalid_request",
            90002,
            f"Tenant '{given}' not found. Check to make sure you have the "
            "correct tenant ID and are signing into the correct cloud.",
        )
    return given


def application(call: Call, form: dict[str, str]) -> dict[str, Any]:
    """The identity of a service principal that proved itself."""
    facts, client = call.realm.facts, form.get("client_id", "").lower()
    known = {
        facts["clientId"]: (facts["clientSecret"], facts["clientObject"], "owner"),
        facts["readerId"]: (facts["readerSecret"], facts["readerObject"], "reader"),
        facts["expiredId"]: (facts["expiredSecret"], "", ""),
    }
    if client not in known:
        raise Denied(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{client}' was not found in the directory 'Contoso'.",
        )
    secret, object_id, role = known[client]
    if "client_assertion" in form:
        certificate = Path(call.realm.world["clientCertificate"]).read_bytes()
        wrong = assertions.problem(form["client_assertion"], client, certificate)
        if wrong or role != "owner":
            raise Denied(
                401, "invalid_client", 700027, f"Client assertion failed signature validation: {wrong}."
            )
    elif not secrets.compare_digest(form.get("client_secret", "").encode(), secret.encode()):
        raise Denied(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in "
            f"the request is the client secret value, not the client secret ID, for app '{client}'.",
        )
    if not role:
        raise Denied(
            401, "invalid_client", 7000222, f"The provided client secret keys for app '{client}' are expired."
        )
    return {"oid": object_id, "appid": client, "role": role, "idtyp": "app"}


def token_for(call: Call, identity: dict[str, Any], tenant: str, form: dict[str, str]) -> dict[str, Any]:
    """A token answer for the audience of the asked scope (or resource)."""
    scope = form.get("scope") or form.get("resource") or call.origin + "/.default"
    audience = next(
        (s for s in scope.split() if s not in ("openid", "profile", "offline_access")), call.origin
    )
    identity = {**identity, "tid": tenant, "sub": identity["oid"]}
    return tokens.issued(
        identity,
        audience.removesuffix(".default"),
        f"{call.origin}/{tenant}/v2.0",
        call.realm.facts["tokenKey"],
    )


def user_token(call: Call, tenant: str, form: dict[str, str], client: str) -> dict[str, Any]:
    """A user's token answer, with the three parts without which sign-in libraries fail."""
    facts = call.realm.facts
    person = facts["accountObject"]
    answer = token_for(
        call,
        {
            "oid": person,
            "appid": client,
            "role": "owner",
            "idtyp": "user",
            "upn": ACCOUNT,
            "name": "Contoso Operator",
        },
        tenant,
        form,
    )
    now = int(time.time())
    claims = {
        "aud": client,
        "iss": f"{call.origin}/{tenant}/v2.0",
        "tid": tenant,
        "oid": person,
        "sub": person,
        "preferred_username": ACCOUNT,
        "name": "Contoso Operator",
        "iat": now,
        "exp": now + 3600,
        "ver": "2.0",
    }
    info = json.dumps({"uid": person, "utid": tenant}).encode()
    return answer | {
        "scope": form.get("scope", ""),
        "id_token": tokens.jwt({"typ": "JWT", "alg": "none"}, claims) + ".",
        "client_info": base64.urlsafe_b64encode(info).rstrip(b"=").decode(),
        "refresh_token": tokens.signed({"refresh": client}, facts["tokenKey"]),
    }


def refreshed(call: Call, form: dict[str, str]) -> str:
    """The client that a refresh token of ours was given to."""
    claims = tokens.verified(form.get("refresh_token", ""), call.realm.facts["tokenKey"]) or {}
    if not claims.get("refresh"):
        raise Denied(
            400, "invalid_grant", 9002313, "Invalid request. The refresh token is malformed or invalid."
        )
    return str(claims["refresh"])


@routes.on("POST", "/{tenant}/oauth2/v2.0/devicecode", "/{tenant}/oauth2/devicecode")
def device_code(call: Call) -> Answer:
    """Start a device code sign-in."""
    known_tenant(call)
    form = call.form()
    client = form.get("client_id", "").lower()
    if not GUID.match(client):
        raise Denied(
            400, "unauthorized_client", 700016, f"Application with identifier '{client}' was not found."
        )
    device, user = secrets.token_urlsafe(32), secrets.token_hex(4).upper() + "P"
    call.store.put(
        "device",
        device,
        {
            "user": user,
            "client": client,
            "polls": 0,
            "approved": False,
            "until": time.time() + DEVICE_SECONDS,
        },
        parent=user,
    )
    page = f"{call.origin}/devicelogin"
    text = f"To sign in, use a web browser to open the page {page} and enter the code {user} to authenticate."
    return Answer(
        body={
            "user_code": user,
            "device_code": device,
            "verification_uri": page,
            "expires_in": DEVICE_SECONDS,
            "interval": 1,
            "message": text,
        }
    )


def device_approved(call: Call, form: dict[str, str]) -> str:
    """The client of an approved device code; authorization_pending for the first polls."""
    code = form.get("device_code", "")
    started = call.store.get("device", code)
    if started is None:
        raise Denied(
            400,
            "invalid_grant",
            70000,
            "The provided value for the input parameter 'device_code' is not valid.",
        )
    if time.time() > started["until"]:
        raise Denied(
            400,
            "expired_token",
            70020,
            "The provided value for the input parameter 'device_code' is not valid. "
            "This device code has expired.",
        )
    started["polls"] += 1
    call.store.put("device", code, started)
    if not started["approved"] and started["polls"] <= PENDING_POLLS:
        raise Denied(
            400,
            "authorization_pending",
            70016,
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        )
    return str(started["client"])


@routes.on("GET", "/devicelogin")
@routes.on("POST", "/devicelogin")
def device_login(call: Call) -> Answer:
    """The page where a person would type the code: naming a code approves it."""
    code = (call.query.get("code") or call.form().get("code", "")).upper()
    rows = call.store.database.execute(
        "SELECT key FROM documents WHERE kind = 'device' AND parent = ?", (code.lower(),)
    ).fetchall()
    for (key,) in rows:
        started = call.store.get("device", key) or {}
        call.store.put("device", key, {**started, "approved": True})
    return Answer(body={"approved": bool(rows)})


@routes.on("GET", "/msi/token")
def managed_identity(call: Call) -> Answer:
    """A managed identity's token, in the form of App Service (IDENTITY_ENDPOINT, IDENTITY_HEADER)."""
    facts = call.realm.facts
    if not secrets.compare_digest(call.headers.get("x-identity-header", ""), facts["identityHeader"]):
        return Answer(401, {"statusCode": 401, "message": "The identity header does not match."})
    resource = call.query.get("resource", "")
    identity = {
        "oid": facts["identityObject"],
        "appid": facts["identityObject"],
        "role": "owner",
        "idtyp": "app",
    }
    answer = token_for(call, identity, facts["tenant"], {"scope": resource})
    return Answer(
        body={
            "access_token": answer["access_token"],
            "token_type": "Bearer",
            "resource": resource,
            "expires_on": str(int(time.time()) + tokens.TOKEN_SECONDS),
            "client_id": facts["identityObject"],
        }
    )
