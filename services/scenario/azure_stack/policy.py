"""Step 5, first part: the replication policy and its tie to the configuration server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.azure import inmage_azure_v2 as provider
from services.changes.plan import Change, Plan
from services.operations.asking import ask, follow_job
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.alerts import address_mistake, plan_alerts, set_alerts
from services.scenario.azure_stack.permission_steps import needed_by, permission_check
from services.scenario.azure_stack.vault import replication, vault_ref
from services.scenario.model import Action, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _

RETENTION_STANDARD, RETENTION_PREMIUM = 72, 24
APP_CONSISTENT_MOST = 12
LIMITS = "Azure Stack VM disaster recovery, architecture centre; Physical servers to Azure, 2018-05-23"


def settings(session: Session) -> provider.PolicySettings:
    """The policy that the answers ask for."""
    answers = session.answers
    return provider.PolicySettings(
        rpo_minutes=answers.number("policy.rpo-minutes"),
        retention_hours=answers.number("policy.retention-hours"),
        app_consistent_hours=answers.number("policy.app-consistent-hours"),
    )


def policy_id(session: Session) -> str:
    """The policy's id in the vault."""
    return vault_ref(session).child("replicationPolicies", session.answers.text("policy.name"))


def _between(least: int, most: int, unit: str) -> Any:
    def check(value: Any, _answers: Answers) -> str | None:
        if least <= value <= most:
            return None
        return _("{value} will not do: {least} to {most} {unit}").format(
            value=value, least=least, most=most, unit=_(unit)
        )

    return check


def _at_least_one(value: Any, _answers: Answers) -> str | None:
    return None if value >= 1 else _("{value} will not do: 1 minute or more").format(value=value)


def _app_consistent(value: Any, answers: Answers) -> str | None:
    wrong: str | None = _between(0, APP_CONSISTENT_MOST, "hours, 0 for never")(value, answers)
    retention = answers["policy.retention-hours"]
    if wrong is None and isinstance(retention, int) and value > retention:
        return _(
            "{value} hours is more than the {kept} hours that points are kept; give at most {kept}"
        ).format(value=value, kept=retention)
    return wrong


def _name_free(session: Session) -> Sequence[Finding]:
    name = session.answers.text("policy.name")
    found = replication(session).policy(name)
    seen = (Evidence(f"GET {policy_id(session)}", "200" if found else "404"),)
    if found is None:
        return [Finding("policy-name", name, Status.OK, "The name is free in the vault.", seen)]
    if not provider.policy_differs(found, settings(session)):
        return [
            Finding("policy-name", name, Status.OK, "The vault has this policy with these settings.", seen)
        ]
    return [
        Finding(
            "policy-name",
            name,
            Status.FAILED,
            "The vault has a policy of this name with other settings.",
            seen,
            cause="Changing it would change every machine that uses it.",
            fix="Give this policy another name, or take over the settings of the one that is there.",
            source="Azure Stack article, step 5, 2026-09-21",
        )
    ]


def _retention(session: Session) -> Sequence[Finding]:
    hours, name = settings(session).retention_hours, session.answers.text("policy.name")
    seen = (Evidence("answers: policy.retention-hours", str(hours)),)
    if hours <= RETENTION_PREMIUM:
        return [
            Finding("retention", name, Status.OK, "Points are kept within every limit.", seen, source=LIMITS)
        ]
    return [
        Finding(
            "retention",
            name,
            Status.WARNING,
            f"Points are kept for {hours} hours. That works on standard storage only.",
            seen,
            cause=f"On premium storage points are kept for {RETENTION_PREMIUM} hours at most.",
            fix=f"Keep points for {RETENTION_PREMIUM} hours or less if a disk will be premium.",
            source=LIMITS,
        )
    ]


def _stale(session: Session) -> str | None:
    if replication(session).policy(session.answers.text("policy.name")) is None:
        return _("The policy is no longer in the vault.")
    return None if _mapped(session) else _("The configuration server is no longer tied to the policy.")


def _plan_policy(session: Session) -> Plan:
    name = session.answers.text("policy.name")
    found = replication(session).policy(name) is not None
    wish = settings(session)
    detail = (
        f"alert over {wish.rpo_minutes} min, points kept {wish.retention_hours} h, "
        f"app-consistent every {wish.app_consistent_hours} h"
    )
    changes = () if found else (Change("create", "replication policy", name, detail),)
    needs = needed_by("create-policy") if changes else ()
    return Plan("create-policy", changes, needs, {"policy": found})


def _create_policy(session: Session, plan: Plan) -> Mapping[str, Any]:
    reads, name = replication(session), session.answers.text("policy.name")
    body = provider.policy_body(settings(session))
    if not plan.empty:
        row = ask(
            session,
            "create-policy",
            policy_id(session),
            "PUT",
            body,
            lambda sdk: reads.sdk.replication_policies.begin_create(*reads.scope, name, body, **sdk),
            lambda: reads.policy(name) is not None,
            jobs=reads,
        )
        follow_job(session, reads, row, lambda: reads.policy(name) is not None)
    return {"policy.id": policy_id(session)}


def _plan_mapping(session: Session) -> Plan:
    mapped = _mapped(session)
    name = session.answers.text("policy.name")
    server = session.answers.text("server.name")
    changes = () if mapped else (Change("create", "mapping", name, f"ties {server} to the policy"),)
    return Plan("create-mapping", changes, looked_at={"mapped": mapped})


def _mapped(session: Session) -> bool:
    facts = session.facts
    mappings = replication(session).mappings(facts["server.fabric"], facts["server.container"])
    return any(
        str(one["properties"].get("policyId")).lower() == policy_id(session).lower() for one in mappings
    )


def _create_mapping(session: Session, plan: Plan) -> Mapping[str, Any]:
    if plan.empty:
        return {}
    reads, facts = replication(session), session.facts
    fabric, container = facts["server.fabric"], facts["server.container"]
    name = f"{session.answers.text('policy.name')}-mapping"
    body = provider.mapping_body(policy_id(session))
    group = reads.sdk.replication_protection_container_mappings
    parts = ("replicationFabrics", fabric, "replicationProtectionContainers", container)
    row = ask(
        session,
        "create-mapping",
        reads.vault.child(*parts, "replicationProtectionContainerMappings", name),
        "PUT",
        body,
        lambda sdk: group.begin_create(*reads.scope, fabric, container, name, body, **sdk),
        lambda: _mapped(session),
        jobs=reads,
    )
    follow_job(session, reads, row, lambda: _mapped(session))
    return {"policy.mapping": name}


POLICY = Step(
    id="policy",
    stage="replicate",
    title="Replication policy",
    short="Policy",
    excerpt=(
        "Says how far back you can go after a failover, and when you are warned that replication falls behind. "
        "Nothing is replicated yet."
    ),
    claims=(),
    after=("vault", "server"),
    fields=(
        Field(
            "name",
            "Name",
            "A name for the policy in the vault.",
            suggest=lambda answers: answers.known.get("policy", "azure-stack-policy"),
        ),
        Field(
            "rpo-minutes",
            "RPO threshold",
            "A warning only: replication itself is continuous and does not depend on it.",
            Kind.NUMBER,
            default=60,
            unit="minutes",
            check=_at_least_one,
        ),
        Field(
            "retention-hours",
            "Keep points for",
            "24 hours at most on premium storage, 72 on standard.",
            Kind.NUMBER,
            default=24,
            unit="hours",
            check=_between(1, RETENTION_STANDARD, "hours"),
            claims=("AS-2.7",),
        ),
        Field(
            "app-consistent-hours",
            "App-consistent",
            "Every so many hours an app-consistent point is made; 0: never. On Linux it needs scripts of yours.",
            Kind.NUMBER,
            default=4,
            unit="hours",
            check=_app_consistent,
        ),
        Field(
            "alert-addresses",
            "Alerts go to",
            "E-mail addresses with commas between them, for the alerts of the vault. Empty: nothing is changed.",
            required=False,
            suggest=lambda answers: answers.known.get("account", ""),
            check=address_mistake,
        ),
    ),
    checks=(
        StepCheck("policy-name", ("AS-8.1",), "The name is free in the vault", _name_free),
        StepCheck("retention", ("AS-2.7",), "Points are kept within the limits", _retention, blocking=False),
        permission_check(
            ("create-policy", "create-mapping", "set-alerts"), lambda session: vault_ref(session).id
        ),
    ),
    actions=(
        Action("create-policy", ("AS-8.1",), "Create the policy", _plan_policy, _create_policy),
        Action(
            "create-mapping",
            ("AS-8.1",),
            "Tie the configuration server to it",
            _plan_mapping,
            _create_mapping,
        ),
        Action("set-alerts", ("AS-8.1",), "Set who gets the alerts", plan_alerts, set_alerts),
    ),
    stale=_stale,
)
