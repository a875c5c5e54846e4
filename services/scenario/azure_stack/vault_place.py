"""Step 2: where a new vault may be: the regions that Azure offers for vaults, and those that a policy allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.problems.model import CancelledError, DeadlineError, ProblemError
from services.readiness.evidence import seen
from services.readiness.model import Evidence, Finding, Status
from services.scenario.azure_stack.target_limits import ALLOWED_LOCATIONS, POLICY_API, PROVIDERS_API
from services.scenario.model import Choice
from services.scenario.session import Session
from services.text import plain

CHECK = "vault-region"
SOURCE = "Azure resource providers and types; Azure Policy, built-in definitions"


def offer_regions(session: Session) -> Sequence[Choice]:
    """The regions in which this subscription may have vaults."""
    return [Choice(_short(region), region) for region in _offered(session)]


def look_new_vault(session: Session) -> Sequence[Finding]:
    """Whether Azure takes a vault that does not exist yet in the chosen region."""
    region, target = session.answers.text("vault.location"), session.answers.text("vault.name")
    path = _provider(session)
    try:
        offered = _offered(session)
        denied = _denied(session, region)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        return [_unread(target, path, error.problems[0].what)]
    if offered and _short(region) not in [_short(one) for one in offered]:
        return [
            Finding(
                CHECK,
                target,
                Status.FAILED,
                f"Azure offers this subscription no vault in a region '{plain(region, 60)}'.",
                (seen(f"GET {path}", f"locations of vaults: {', '.join(offered)}"),),
                cause="The name of the region is misspelled, or vaults are not to be had there.",
                fix=f"Give one of: {', '.join(_short(one) for one in offered)}.",
                source=SOURCE,
            )
        ]
    if denied is not None:
        return [denied]
    evidence = (Evidence(f"GET {path}", f"{len(offered)} regions; {_short(region)} is one of them"),)
    return [Finding(CHECK, target, Status.OK, "The vault will be created there.", evidence)]


def _offered(session: Session) -> list[str]:
    """Regions of the type `vaults`, as Azure shows them: `West Europe`."""
    types = (session.azure.arm.get(_provider(session), PROVIDERS_API) or {}).get("resourceTypes") or []
    return [
        plain(str(region), 60)
        for one in types
        if str(one.get("resourceType")).lower() == "vaults"
        for region in one.get("locations") or []
    ]


def _denied(session: Session, region: str) -> Finding | None:
    """A finding where the built-in policy of allowed locations leaves this region out."""
    path = f"{_subscription(session)}/providers/Microsoft.Authorization/policyAssignments"
    for assignment in session.azure.arm.list(path, POLICY_API):
        allowed = _allowed(assignment)
        if allowed is not None and _short(region) not in allowed:
            name = plain(str(assignment["properties"].get("displayName") or assignment.get("name")), 120)
            return Finding(
                CHECK,
                session.answers.text("vault.name"),
                Status.FAILED,
                f"The policy '{name}' does not allow the region {plain(region, 60)}.",
                (seen(f"GET {path}", f"allowed: {', '.join(allowed)}"),),
                cause="Azure refuses what a policy denies.",
                fix=f"Give one of: {', '.join(allowed)}; or ask the owner of the policy for an exemption.",
                source=SOURCE,
            )
    return None


def _allowed(assignment: Mapping[str, Any]) -> list[str] | None:
    """The regions that an assignment allows; None for one that says nothing of regions."""
    values = assignment.get("properties") or {}
    reference = str(values.get("policyDefinitionId", "")).rpartition("/")[2].lower()
    if reference != ALLOWED_LOCATIONS or values.get("enforcementMode") == "DoNotEnforce":
        return None
    given = ((values.get("parameters") or {}).get("listOfAllowedLocations") or {}).get("value") or []
    return [_short(str(one)) for one in given]


def _unread(target: str, path: str, why: str) -> Finding:
    return Finding(
        CHECK,
        target,
        Status.WARNING,
        "Whether Azure takes a vault in this region could not be read.",
        (seen(f"GET {path}", why),),
        cause="The account may not read the subscription's providers or policies.",
        fix="Compare the region with: az account list-locations. Azure refuses one that it does not know.",
        source=SOURCE,
    )


def _short(region: str) -> str:
    return region.replace(" ", "").lower()


def _subscription(session: Session) -> str:
    return f"/subscriptions/{session.answers.text('subscription.subscription')}"


def _provider(session: Session) -> str:
    return f"{_subscription(session)}/providers/Microsoft.RecoveryServices"
