"""The subscription that will hold the vault, and what the account may do there."""

from __future__ import annotations

from collections.abc import Sequence

from services.readiness.model import Evidence, Finding, Status
from services.scenario.azure_stack import belonging
from services.scenario.azure_stack.asking import guid_mistake, known
from services.scenario.azure_stack.permission_steps import permissions_ahead
from services.scenario.azure_stack.signin_steps import ARTICLE, SUBSCRIPTIONS_API
from services.scenario.model import Choice, Field, Step, StepCheck
from services.scenario.session import Session
from services.text import plain

PROVIDERS_API = "2021-04-01"
PROVIDER = "Microsoft.RecoveryServices"


def _offer_subscriptions(session: Session) -> Sequence[Choice]:
    found = session.azure.arm.list("/subscriptions", SUBSCRIPTIONS_API)
    return [
        Choice(
            one["subscriptionId"], plain(str(one.get("displayName", ""))), plain(str(one.get("state", "")))
        )
        for one in found
    ]


def _subscription_id(session: Session) -> str:
    return session.answers.text("subscription.subscription")


def _enabled(session: Session) -> Sequence[Finding]:
    wanted = _subscription_id(session)
    visible = session.azure.arm.list("/subscriptions", SUBSCRIPTIONS_API)
    seen = Evidence(
        f"GET /subscriptions?api-version={SUBSCRIPTIONS_API}",
        "; ".join(
            f"{one.get('subscriptionId')} {one.get('displayName')} {one.get('state')}" for one in visible
        )
        or "none",
    )
    found = next((one for one in visible if str(one.get("subscriptionId")).lower() == wanted.lower()), None)
    if found is None:
        return [
            Finding(
                "subscription",
                wanted,
                Status.FAILED,
                "The signed-in account does not see this subscription.",
                (seen,),
                cause="It belongs to another tenant or cloud, or the account has no role in it.",
                fix="Choose one from the list, sign in to its tenant, or ask its owner for a role.",
                source=ARTICLE,
            )
        ]
    state = str(found.get("state"))
    if state == "Enabled":
        what = f"The subscription {found.get('displayName')} is enabled."
        return [Finding("subscription", wanted, Status.OK, what, (seen,), source=ARTICLE)]
    return [
        Finding(
            "subscription",
            wanted,
            Status.FAILED,
            f"The subscription's state is {state}, not Enabled.",
            (seen,),
            cause="Nothing can be created in it.",
            fix="Its account administrator enables it again in the portal, under Subscriptions.",
            source=ARTICLE,
        )
    ]


def _registered(session: Session) -> Sequence[Finding]:
    path = f"/subscriptions/{_subscription_id(session)}/providers/{PROVIDER}"
    state = str((session.azure.arm.get(path, PROVIDERS_API) or {}).get("registrationState"))
    seen = (Evidence(f"GET {path}?api-version={PROVIDERS_API}", f"registrationState: {state}"),)
    if state == "Registered":
        return [
            Finding("provider-registered", PROVIDER, Status.OK, "The resource provider is registered.", seen)
        ]
    return [
        Finding(
            "provider-registered",
            PROVIDER,
            Status.FAILED,
            f"The resource provider is not registered in the subscription ({state}).",
            seen,
            cause="The subscription has never used it, so Azure refuses vaults.",
            fix=f"An Owner or Contributor registers it: az provider register --namespace {PROVIDER}",
            source="Azure resource providers and types",
        )
    ]


def _scope_ahead(session: Session) -> str:
    """The resource group that the vault is to be in, where one is named, else the subscription."""
    group = session.answers.text("vault.resource-group")
    path = f"/subscriptions/{_subscription_id(session)}"
    return f"{path}/resourceGroups/{group}" if group else path


SUBSCRIPTION = Step(
    id="subscription",
    stage="before",
    title="Subscription",
    excerpt="The subscription that will hold the vault, and what your account may do in it.",
    claims=("AS-3.1", "AS-3.2"),
    after=("sign-in",),
    fields=(
        Field(
            "subscription",
            "Subscription",
            "The id of one that the signed-in account sees.",
            suggest=known("subscription"),
            check=guid_mistake,
            offer=_offer_subscriptions,
        ),
    ),
    checks=(
        belonging.CHECK,
        StepCheck("subscription", ("AS-3.1",), "The subscription is enabled", _enabled),
        StepCheck("provider-registered", ("AS-3.1",), "Recovery Services is registered", _registered),
        permissions_ahead(_scope_ahead),
    ),
    actions=(belonging.REMEMBER,),
)
