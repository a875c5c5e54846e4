"""Signing in to Azure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from services.azure.signin import (
    ANY_TENANT,
    CERTIFICATE,
    CLI,
    DEVICE_CODE,
    MANAGED_IDENTITY,
    SERVICE_PRINCIPAL,
)
from services.changes.plan import Plan
from services.journal.model import Actor
from services.problems.model import Problem, ProblemError
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.asking import GUID, app_secrets, guid_mistake, known
from services.scenario.model import Action, Always, Choice, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _, plain
from services.world.clouds import CHINA, PUBLIC, US_GOVERNMENT

SUBSCRIPTIONS_API = "2022-12-01"
ARTICLE = "Azure Stack article, 2026-09-21"
DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _tenant(value: Any, answers: Answers) -> str | None:
    text = str(value).strip()
    if text == ANY_TENANT and answers.text("sign-in.method") in (CLI, DEVICE_CODE):
        return None
    if text != ANY_TENANT and (GUID.fullmatch(text) or DOMAIN.fullmatch(text)):
        return None
    return _("'{value}' is neither a tenant id nor a domain such as contoso.example").format(
        value=plain(text, 80)
    )


def _suggested_tenant(answers: Answers) -> str:
    free = answers.text("sign-in.method") in (CLI, DEVICE_CODE)
    return answers.known.get("tenant", ANY_TENANT if free else "")


def _method(*methods: str) -> Always:
    return lambda answers: answers.text("sign-in.method") in methods


def _signed_in(session: Session) -> Sequence[Finding]:
    from services.azure.account import account

    who = account(session.azure)
    cloud = session.azure.cloud
    seen = Evidence(
        f"POST {cloud.authority}/{plain(who.tenant)}/oauth2/v2.0/token",
        f"{who.kind} {plain(who.name)}, object {plain(who.object_id) or '-'}, tenant {plain(who.tenant)}, "
        f"token until {who.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
    )
    return [Finding("sign-in", plain(who.name), Status.OK, "Signed in.", (seen,), source=ARTICLE)]


def _plan_account(_session: Session) -> Plan:
    return Plan("account")


def _note_account(session: Session, _plan: Plan) -> Mapping[str, Any]:
    from services.azure.account import account

    who = account(session.azure)
    # From here on the record says in whose name Azure is asked.
    session.journal.act_as(Actor.here(who.name, who.object_id, session.azure.sign_in.method))
    return {
        "sign-in.account": {
            "name": who.name,
            "objectId": who.object_id,
            "tenant": who.tenant,
            "kind": who.kind,
        },
        "sign-in.cloud-name": session.azure.cloud.name,
    }


def _offer_tenants(session: Session) -> Sequence[Choice]:
    method = session.answers.text("sign-in.method")
    if method == DEVICE_CODE and "sign-in.account" not in session.facts:
        what = _("nobody is signed in yet, so the tenants are not known.")
        remedy = _("Check this step with the tenant '{any}' first, then list them.").format(any=ANY_TENANT)
        raise ProblemError(Problem("not-signed-in", "sign-in.tenant", what, remedy=remedy))
    return [
        Choice(
            str(one["tenantId"]),
            plain(str(one.get("displayName", ""))),
            plain(str(one.get("defaultDomain", ""))),
        )
        for one in session.azure.arm.list("/tenants", SUBSCRIPTIONS_API)
    ]


SIGN_IN = Step(
    id="sign-in",
    stage="before",
    title="Sign in to Azure",
    short="Sign in",
    excerpt="Every later step asks Azure in your name. Choose the cloud and how to sign in.",
    claims=("AS-3.1",),
    fields=(
        Field(
            "cloud",
            "Cloud",
            "Which Azure holds the subscription.",
            Kind.CHOICE,
            default=PUBLIC,
            choices=(
                Choice(PUBLIC, "Azure"),
                Choice(US_GOVERNMENT, "Azure US Government"),
                Choice(CHINA, "Azure operated by 21Vianet (China)"),
            ),
        ),
        Field(
            "method",
            "How to sign in",
            "Without a person there: service principal, certificate or managed identity.",
            Kind.CHOICE,
            suggest=lambda answers: SERVICE_PRINCIPAL if "client-id" in answers.known else CLI,
            choices=(
                Choice(CLI, "Azure CLI session", "takes the session of az login on this host"),
                Choice(DEVICE_CODE, "Device code", "shows a code to type in a browser elsewhere"),
                Choice(SERVICE_PRINCIPAL, "Service principal with a secret"),
                Choice(CERTIFICATE, "Service principal with a certificate"),
                Choice(MANAGED_IDENTITY, "Managed identity of this machine"),
            ),
        ),
        Field(
            "tenant",
            "Tenant",
            "Id or domain. 'organizations' leaves it to the account that signs in.",
            offer=_offer_tenants,
            suggest=_suggested_tenant,
            check=_tenant,
            applies=_method(CLI, DEVICE_CODE, SERVICE_PRINCIPAL, CERTIFICATE),
        ),
        Field(
            "client-id",
            "Client id",
            "The application (client) id of the service principal.",
            suggest=known("client-id"),
            check=guid_mistake,
            applies=_method(SERVICE_PRINCIPAL, CERTIFICATE),
        ),
        *app_secrets("client-id", _method(SERVICE_PRINCIPAL), _method(CERTIFICATE)),
        Field(
            "identity",
            "Identity",
            "Client id of a user-assigned identity; empty for the machine's own.",
            required=False,
            check=guid_mistake,
            applies=_method(MANAGED_IDENTITY),
        ),
    ),
    checks=(StepCheck("sign-in", ("AS-3.1",), "The sign-in works", _signed_in),),
    actions=(Action("account", ("AS-3.1",), "Note who is signed in", _plan_account, _note_account),),
)
