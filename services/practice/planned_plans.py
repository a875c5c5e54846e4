"""Planned failover of a whole recovery plan, to Azure and back."""

from __future__ import annotations

from typing import Any

from services.practice import failover_rules as rules
from services.practice import item_facts, plan_runs
from services.practice import recovery_plans as documents
from services.practice.planned import BACK, invalid
from services.practice.planned_runs import FIRST, NOW
from services.practice.web import Answer, Call, Router

routes = Router()


@routes.on("POST", documents.ONE + "/plannedFailover")
def planned_failover(call: Call) -> Answer:
    """Refused where a machine's provider has none."""
    _, plan = documents.plan_of(call)
    given = call.properties()
    if item_facts.V2 in documents.providers(call.store, plan):
        raise rules.wrong(
            call,
            "RecoveryPlanStateNotValidForOperation",
            f"The operation 'Planned failover' cannot be performed on '{plan['name']}'.",
            "InMageAzureV2 has no planned failover to Azure.",
            "Use Failover.",
            409,
        )
    if given.get("failoverDirection") != "RecoveryToPrimary":
        return plan_runs.begin(call, "PlannedFailover", kind=plan_runs.kind_of(call))
    details = given.get("providerSpecificDetails") or []
    chosen: dict[str, Any] = next((one for one in details if one.get("instanceType") == BACK), {})
    option = str(chosen.get("dataSyncOption"))
    if option not in (NOW, FIRST):
        raise invalid(call, "dataSyncOption", option)
    # The plan's own job waits for the person, not each of its machines'.
    return plan_runs.begin(call, "Failback", first=option == FIRST)
