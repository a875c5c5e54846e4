"""What can stand in the way of VMs in the target: quota, Azure Policy, providers. Warnings, long before a drill."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.problems.model import CancelledError, DeadlineError, ProblemError
from services.readiness.evidence import seen
from services.readiness.model import Evidence, Finding, Status
from services.scenario.azure_stack.machines import machines_of
from services.scenario.model import StepCheck
from services.scenario.session import Session
from services.text import plain

COMPUTE_API = "2024-07-01"
POLICY_API = "2023-04-01"
PROVIDERS_API = "2022-12-01"
TROUBLE = "Troubleshoot failover to Azure, 2023-08-01"
LIMITS = "Azure subscription limits; Troubleshoot failover to Azure, 2023-08-01"
TEMPORARY = "standardBSFamily"
"""The family of the temporary VM that prepares the disks of physical servers at a failover."""
LEAST = 2
"""Cores of the smallest size that is usual for a server; the real sizes are chosen later."""
ALLOWED_LOCATIONS = "e56962a6-4747-49cd-b67b-bf8b01975c4c"
DEFINITIONS_READ = 40
"""Definitions that are looked into; more assignments than that are only named."""
PROVIDERS = ("Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage")


def limit_checks() -> tuple[StepCheck, ...]:
    """The three checks; none of them stops the step."""
    return (
        StepCheck("target-quota", ("AS-7.1",), "There is quota for the VMs", _quota, blocking=False),
        StepCheck("target-policy", ("AS-7.1",), "No policy refuses the VMs", _policy, blocking=False),
        StepCheck(
            "target-providers", ("AS-7.1",), "The providers are registered", _providers, blocking=False
        ),
    )


def _region(session: Session) -> str:
    region = str(session.facts.get("vault.location") or session.answers.text("vault.location"))
    return region.replace(" ", "").lower()


def _subscription(session: Session) -> str:
    return f"/subscriptions/{session.answers.text('subscription.subscription')}"


def _quota(session: Session) -> Sequence[Finding]:
    region = _region(session)
    path = f"{_subscription(session)}/providers/Microsoft.Compute/locations/{region}/usages"
    try:
        rows = session.azure.arm.list(path, COMPUTE_API)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        return [_unread("target-quota", region, path, error, "az vm list-usage --location " + region)]
    free = {str(row["name"]["value"]): int(row["limit"]) - int(row["currentValue"]) for row in rows}
    count = max(1, len(machines_of(session)))
    wanted = (
        ("cores", "cores in the region", LEAST * count, f"{count} VMs with {LEAST} cores each, the least"),
        (TEMPORARY, "cores of the B series", LEAST, "the temporary VM that prepares disks at a failover"),
        ("virtualMachines", "VMs", count + 1, f"{count} VMs and the temporary one"),
    )
    return [
        _one_quota(region, path, free.get(name), name, title, least, purpose)
        for name, title, least, purpose in wanted
    ]


def _one_quota(
    region: str, path: str, free: int | None, name: str, title: str, least: int, purpose: str
) -> Finding:
    evidence = (seen(f"GET {path}", f"{name}: {'not listed' if free is None else f'{free} free'}"),)
    subject = f"{region}, {name}"
    if free is not None and free >= least:
        what = f"{free} {title} are free; at least {least} are needed."
        return Finding("target-quota", subject, Status.OK, what, evidence, source=LIMITS)
    return Finding(
        "target-quota",
        subject,
        Status.WARNING,
        f"{free or 'No'} {title} are free; at least {least} are needed: {purpose}.",
        evidence,
        cause="A failover that finds no quota ends with error 28031, on the worst day for it.",
        fix=f"Ask for more: Azure portal, Quotas, Compute, {region}.",
        source=LIMITS,
    )


def _policy(session: Session) -> Sequence[Finding]:
    base = _subscription(session)
    group = f"{base}/resourceGroups/{session.answers.text('target.resource-group')}"
    arm = session.azure.arm
    try:
        scope = group if arm.exists(group, PROVIDERS_API) else base
        path = f"{scope}/providers/Microsoft.Authorization/policyAssignments"
        assigned = arm.list(path, POLICY_API)
        single = [one for one in assigned if not _is_initiative(one)][:DEFINITIONS_READ]
        found = [finding for one in single if (finding := _denied(session, path, one)) is not None]
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        return [_unread("target-policy", base, base, error, "az policy assignment list")]
    if found:
        return found
    unseen = len(assigned) - len(single)
    evidence = (Evidence(f"GET {path}", f"{len(assigned)} assignments, {len(single)} looked into"),)
    what = "No policy that refuses VMs, disks or networks was found."
    what += f" {unseen} more, such as initiatives, were not looked into." if unseen else ""
    return [Finding("target-policy", scope, Status.OK, what, evidence, source=TROUBLE)]


def _is_initiative(assignment: Mapping[str, Any]) -> bool:
    reference = str((assignment.get("properties") or {}).get("policyDefinitionId", ""))
    return "/policysetdefinitions/" in reference.lower()


def _denied(session: Session, path: str, assignment: Mapping[str, Any]) -> Finding | None:
    """A finding for an assignment that may refuse; None for one that does not."""
    values = assignment.get("properties") or {}
    if values.get("enforcementMode") == "DoNotEnforce":
        return None
    reference = str(values.get("policyDefinitionId", ""))
    given = {key: (value or {}).get("value") for key, value in (values.get("parameters") or {}).items()}
    name = plain(str(values.get("displayName") or assignment.get("name")), 120)
    region = _region(session)
    if reference.rpartition("/")[2].lower() == ALLOWED_LOCATIONS:
        allowed = [str(one).replace(" ", "").lower() for one in given.get("listOfAllowedLocations") or []]
        if region in allowed:
            return None
        return _refuses(name, path, f"allowed: {', '.join(allowed)}", f"does not allow the region {region}")
    definition = (session.azure.arm.get(reference, POLICY_API) or {}).get("properties") or {}
    if effect(definition, given) != "deny" or not touches(definition):
        return None
    return _refuses(
        name, path, f"effect deny, definition {reference}", "may refuse VMs, disks or network cards"
    )


def effect(definition: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """The effect of a definition, in lower case; that of its parameter where it takes one."""
    said = str(((definition.get("policyRule") or {}).get("then") or {}).get("effect", ""))
    parameter = re.fullmatch(r"\[parameters\('([^']+)'\)\]", said)
    if parameter:
        default = ((definition.get("parameters") or {}).get(parameter[1]) or {}).get("defaultValue", "")
        said = str(given.get(parameter[1]) or default)
    return said.lower()


def touches(definition: Mapping[str, Any]) -> bool:
    """Whether a rule speaks of what a failover makes: it names compute or network, or no type at all."""
    rule = repr((definition.get("policyRule") or {}).get("if")).lower()
    return "microsoft.compute" in rule or "microsoft.network" in rule or "'field': 'type'" not in rule


def _refuses(name: str, path: str, shown: str, what: str) -> Finding:
    return Finding(
        "target-policy",
        name,
        Status.WARNING,
        f"The policy '{name}' {what}.",
        (seen(f"GET {path}", shown),),
        cause="A failover that a policy denies ends with error 28031.",
        fix="Ask its owner for an exemption of the target resource group, or choose another region or group.",
        source=TROUBLE,
    )


def _providers(session: Session) -> Sequence[Finding]:
    base = _subscription(session)
    return [_provider(session, f"{base}/providers/{name}", name) for name in PROVIDERS]


def _provider(session: Session, path: str, name: str) -> Finding:
    try:
        state = str((session.azure.arm.get(path, PROVIDERS_API) or {}).get("registrationState"))
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        return _unread("target-providers", name, path, error, f"az provider show --namespace {name}")
    evidence = (seen(f"GET {path}", f"registrationState: {state}"),)
    if state == "Registered":
        what = "The resource provider is registered."
        return Finding("target-providers", name, Status.OK, what, evidence)
    return Finding(
        "target-providers",
        name,
        Status.WARNING,
        f"The resource provider is not registered in the subscription ({state}).",
        evidence,
        cause="The subscription has never used it, so Azure refuses what a failover makes.",
        fix=f"An Owner or Contributor registers it: az provider register --namespace {name}",
        source="Azure resource providers and types",
    )


def _unread(check: str, target: str, path: str, error: ProblemError, command: str) -> Finding:
    problem = error.problems[0]
    return Finding(
        check,
        target,
        Status.UNKNOWN,
        "This could not be read.",
        (seen(f"GET {path}", f"{problem.code}: {problem.what}"),),
        cause=problem.cause or problem.what,
        fix=f"{problem.remedy} Or look yourself: {command}".strip(),
        source=TROUBLE,
    )
