"""Azure, as one endpoint: which routes it has."""

from __future__ import annotations

from typing import Any

from services.practice import (
    arm,
    compute,
    containers,
    events,
    fabrics,
    failover_effects,
    failovers,
    faults,
    item_settings,
    items,
    jobs,
    ledger,
    lro,
    machine_routes,
    mappings,
    metadata,
    network,
    oauth,
    peerings,
    persons,
    plan_effects,
    plan_runs,
    planned,
    planned_plans,
    points,
    policies,
    recovery_plans,
    registration,
    resources,
    rules,
    sides,
    storage,
    vault_credentials,
    vault_settings,
    vaults,
)
from services.practice.app import Endpoint
from services.practice.gate import PUBLIC_AUDIENCES

OPEN = [metadata.routes, oauth.routes, ledger.routes, faults.routes, registration.routes, persons.routes]
PROVIDERS = [
    lro.routes,
    vaults.routes,
    vault_credentials.routes,
    vault_settings.routes,
    policies.routes,
    items.routes,
    item_settings.routes,
    failovers.routes,
    planned.routes,
    points.routes,
    recovery_plans.routes,
    plan_runs.routes,
    planned_plans.routes,
    fabrics.routes,
    containers.routes,
    mappings.routes,
    events.routes,
    sides.routes,
    jobs.routes,
    storage.routes,
    network.routes,
    peerings.routes,
    machine_routes.routes,
    compute.routes,
    rules.routes,
    arm.routes,
    resources.routes,
]
IDENTITY = oauth.routes
# What jobs leave is registered by name when this is imported.
EFFECTS = (failover_effects.__name__, plan_effects.__name__)


def endpoint(origin: str, facts: dict[str, Any]) -> Endpoint:
    """The endpoint of Azure."""
    return Endpoint(origin, facts["subscription"], facts["tenant"], OPEN, PROVIDERS, PUBLIC_AUDIENCES)
