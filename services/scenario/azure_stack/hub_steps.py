"""Azure Stack Hub: signing in there, where wanted, to list its machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.azure.hub import ADFS, ENTRA, PROFILES, Hub, HubSignIn
from services.azure.signin import CERTIFICATE, DEVICE_CODE, SERVICE_PRINCIPAL, show_code
from services.changes.plan import Plan
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.asking import app_secrets, guid_mistake, known
from services.scenario.model import Action, Always, Choice, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _, plain

HUB_MACHINES = "hub.machines"
ARTICLE = "Azure Stack article, 2026-09-21"
ARCHITECTURE = "Azure Architecture Center, Azure Stack VM disaster recovery, 2024"


def hub_of(session: Session) -> Hub:
    """The Hub that the answers name."""
    answers, method = session.answers, session.answers.text("hub.method")
    ca_file = answers.text("hub.ca")

    def value(key: str, caption: str, wanted: str) -> str:
        reference = answers.text(f"hub.{key}") if method == wanted else ""
        return session.secret(reference, caption, f"hub.{key}") if reference else ""

    sign_in = HubSignIn(
        arm=answers.text("hub.arm"),
        identity=answers.text("hub.identity"),
        tenant=answers.text("hub.tenant"),
        client_id="" if method == DEVICE_CODE else answers.text("hub.client-id"),
        secret=value("secret", _("Hub client secret"), SERVICE_PRINCIPAL),
        subscription=answers.text("hub.subscription"),
        profile=answers.text("hub.profile"),
        ca_file=Path(ca_file).expanduser() if ca_file else None,
        method=method,
        certificate=answers.text("hub.certificate") if method == CERTIFICATE else "",
        password=value("certificate-password", _("Hub certificate password"), CERTIFICATE),
        show_code=show_code(session),
    )
    return Hub(session.world, sign_in, lambda: session.deadline)


def _used(answers: Answers) -> bool:
    return answers.flag("hub.use")


def _with_entra(answers: Answers) -> bool:
    return _used(answers) and answers.text("hub.identity") == ENTRA


def _by(*methods: str) -> Always:
    return lambda answers: _used(answers) and answers.text("hub.method") in methods


def _method(value: Any, answers: Answers) -> str | None:
    if value == DEVICE_CODE and answers.text("hub.identity") == ADFS:
        return _("AD FS of a Hub gives no device code; use a service principal.")
    return None


def _origin(value: Any, _answers: Answers) -> str | None:
    parts = urlsplit(str(value).strip())
    if parts.scheme == "https" and parts.hostname and parts.path in ("", "/") and not parts.query:
        return None
    return _("'{value}' is not an address; give one such as https://management.region.domain").format(
        value=plain(str(value), 80)
    )


def _bundle(value: Any, _answers: Answers) -> str | None:
    path = Path(str(value)).expanduser()
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return _("{path} cannot be read as a file of PEM certificates").format(path=path)
    return None if "BEGIN CERTIFICATE" in text else _("{path} holds no PEM certificate").format(path=path)


def _signed_in(session: Session) -> Sequence[Finding]:
    hub = hub_of(session)
    said = hub.endpoints
    seen = Evidence(
        f"GET {hub.origin}/metadata/endpoints",
        f"sign-in at {plain(said.authority)} ({said.identity}), audience {plain(said.audience)}",
    )
    if said.identity != hub.sign_in.identity:
        return [
            Finding(
                "hub-sign-in",
                hub.origin,
                Status.FAILED,
                f"This Hub signs in with {said.identity}, not with {hub.sign_in.identity}.",
                (seen,),
                fix=f"Set the Hub's identity to {said.identity}.",
                source=ARTICLE,
            )
        ]
    return [_subscription(hub, seen)]


def _subscription(hub: Hub, seen: Evidence) -> Finding:
    found = hub.subscription()
    wanted = hub.sign_in.subscription
    answer = Evidence(
        f"GET {hub.origin}/subscriptions/{wanted}", plain(str((found or {}).get("state", "404")))
    )
    if found and found.get("state") == "Enabled":
        what = "Signed in to the Hub; its subscription is enabled."
        return Finding("hub-sign-in", hub.origin, Status.OK, what, (seen, answer), source=ARTICLE)
    return Finding(
        "hub-sign-in",
        hub.origin,
        Status.FAILED,
        "The Hub shows no enabled subscription of this id to the account.",
        (seen, answer),
        fix="Check the Hub subscription and the account's role in it.",
        source=ARCHITECTURE,
    )


def _plan(_session: Session) -> Plan:
    return Plan("hub-inventory")


def _inventory(session: Session, _plan: Plan) -> Mapping[str, Any]:
    """The machines as the step `machines` takes them; reading them changes nothing."""
    machines = [
        {
            "name": one.name,
            "addresses": [*one.private, *one.public],
            "os": one.os_type,
            "size": one.size,
            "group": one.group,
        }
        for one in hub_of(session).inventory()
    ]
    session.emit({"event": "hub-machines", "machines": machines})
    return {HUB_MACHINES: machines, "hub.subscription": session.answers.text("hub.subscription")}


HUB = Step(
    id="hub",
    stage="before",
    title="Azure Stack Hub",
    short="Stack Hub",
    excerpt="With a sign-in to the Hub, its VMs are listed with their private addresses. You can go on without it.",
    claims=("AS-3.3", "AS-2.2"),
    fields=(
        Field(
            "use",
            "Sign in to the Hub",
            "No: list the machines by hand or in a CSV file.",
            Kind.YES_NO,
            default=False,
        ),
        Field(
            "arm",
            "Resource Manager",
            "The Hub's address: https://management.REGION.DOMAIN",
            suggest=known("hub-arm"),
            check=_origin,
            applies=_used,
        ),
        Field(
            "ca",
            "Certificate authority",
            "A PEM file with the Hub's own authority; empty where the system trusts it.",
            Kind.PATH,
            required=False,
            suggest=known("hub-ca"),
            check=_bundle,
            applies=_used,
        ),
        Field(
            "identity",
            "Identity",
            "Who signs people in to this Hub. The Hub says which; the check compares.",
            Kind.CHOICE,
            default=ENTRA,
            choices=(Choice(ENTRA, "Entra ID"), Choice(ADFS, "AD FS")),
            applies=_used,
        ),
        Field(
            "tenant",
            "Tenant",
            "Id of the tenant that the Hub uses.",
            suggest=known("hub-tenant"),
            check=guid_mistake,
            applies=_with_entra,
        ),
        Field(
            "method",
            "How to sign in",
            "Without a person there: a service principal. A device code needs Entra ID.",
            Kind.CHOICE,
            default=SERVICE_PRINCIPAL,
            choices=(
                Choice(SERVICE_PRINCIPAL, "Service principal with a secret"),
                Choice(CERTIFICATE, "Service principal with a certificate"),
                Choice(DEVICE_CODE, "Device code", "shows a code to type in a browser elsewhere"),
            ),
            check=_method,
            applies=_used,
        ),
        Field(
            "client-id",
            "Client id",
            "The application (client) id of a service principal with a role on the Hub.",
            suggest=known("client-id"),
            check=guid_mistake,
            applies=_by(SERVICE_PRINCIPAL, CERTIFICATE),
        ),
        *app_secrets("hub-arm", _by(SERVICE_PRINCIPAL), _by(CERTIFICATE)),
        Field(
            "subscription",
            "Hub subscription",
            "The one that holds the machines and the configuration server.",
            suggest=known("hub-subscription"),
            check=guid_mistake,
            applies=_used,
        ),
        Field(
            "profile",
            "API profile",
            "2020-09-01-hybrid since version 2102 of the Hub, the other before.",
            Kind.CHOICE,
            default="2020-09-01-hybrid",
            choices=tuple(Choice(name, name) for name in PROFILES),
            applies=_used,
        ),
    ),
    checks=(
        StepCheck(
            "hub-sign-in", ("AS-3.3", "AS-2.2"), "The sign-in to the Hub works", _signed_in, applies=_used
        ),
    ),
    actions=(
        Action(
            "hub-inventory", ("AS-3.3", "AS-2.2"), "List the Hub's machines", _plan, _inventory, applies=_used
        ),
    ),
)
