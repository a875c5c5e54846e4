"""What is sent for a verb on an item or a recovery plan, and through which call of the SDK.

Source: asr-api 1a. An item is given a point by its id, empty for the latest data; a recovery plan a kind of point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.azure import hyper_v_azure, inmage_rcm
from services.azure.ids import last
from services.azure.verb_bodies import verbs_of, without_planned
from services.operations.asking import Call
from services.problems.model import Problem, RefusedError, UsageError
from services.recovery.points import APP_CONSISTENT, LATEST, PROCESSED
from services.recovery.target import Target
from services.recovery.vault import Vault
from services.recovery.verbs import (
    CANCEL,
    CHANGE_POINT,
    CLEANUP,
    COMMIT,
    DISABLE,
    DRILL,
    FAILOVER,
    PLANNED,
    REPROTECT,
)
from services.text import _, plain

Json = dict[str, Any]
FORWARD = "PrimaryToRecovery"
PLAN_POINTS = {LATEST: "Latest", PROCESSED: "LatestProcessed", APP_CONSISTENT: "LatestApplicationConsistent"}
"""The kinds of points that a recovery plan can be given; a custom point is for single items."""
_PLAN_PROVIDERS = ("InMageAzureV2", "InMageRcm", "A2A", "HyperVReplicaAzure")
_CALLS = {
    DRILL: "begin_test_failover",
    CLEANUP: "begin_test_failover_cleanup",
    FAILOVER: "begin_unplanned_failover",
    PLANNED: "begin_planned_failover",
    CHANGE_POINT: "begin_apply_recovery_point",
    COMMIT: "begin_failover_commit",
    CANCEL: "begin_failover_cancel",
    REPROTECT: "begin_reprotect",
    DISABLE: "begin_delete",
}
_ACTIONS = {
    DRILL: "testFailover",
    CLEANUP: "testFailoverCleanup",
    FAILOVER: "unplannedFailover",
    PLANNED: "plannedFailover",
    CHANGE_POINT: "applyRecoveryPoint",
    COMMIT: "failoverCommit",
    CANCEL: "failoverCancel",
    REPROTECT: "reProtect",
    DISABLE: "remove",
}
_ITEM = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"


@dataclass(frozen=True)
class Wish:
    """What a verb needs to know. `point`: an item's point id, empty for latest; for a plan one of points.KINDS.

    `details` are a provider's own words, for reprotect and for a planned failover home.
    """

    point: str = ""
    network: str = ""
    shutdown: bool = False
    comments: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def permission(verb: str, target: Target) -> str:
    """The Azure action that a verb takes."""
    kind = (
        "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans"
        if target.plan
        else f"{_ITEM}/replicationProtectedItems"
    )
    return f"{kind}/{_ACTIONS[verb]}/action"


def body(verb: str, target: Target, wish: Wish) -> Json | None:
    """The request's body, None for a verb without one. UsageError, RefusedError for what cannot be asked."""
    if verb in (COMMIT, CANCEL) or (verb == REPROTECT and target.plan):
        return None
    if verb == CLEANUP:
        return {"properties": {"comments": wish.comments}}
    if verb == DISABLE:
        return {"properties": {"disableProtectionReason": "NotSpecified"}}
    return _plan_body(verb, target, wish) if target.plan else _item_body(verb, target, wish)


def call(vault: Vault, verb: str, target: Target, asked: Json | None) -> Call:
    """The SDK's call for the request."""
    reads = vault.reads
    given = () if asked is None else (asked,)
    if target.plan:
        group = reads.sdk.replication_recovery_plans
        where: tuple[str, ...] = (*reads.scope, last(target.plan.id))
    else:
        item = target.items[0]
        group = reads.sdk.replication_protected_items
        where = (*reads.scope, item.fabric, item.container, item.name)
    method = getattr(group, _CALLS[verb])
    return lambda sdk: method(*where, *given, **sdk)


def _item_body(verb: str, target: Target, wish: Wish) -> Json:
    provider = target.items[0].provider
    if verb == REPROTECT:
        return _reprotect(target, wish)
    if verb == PLANNED:
        return _planned(target, wish)
    bodies = verbs_of(provider)
    if verb == DRILL:
        return bodies.drill(wish.network, wish.point)
    if verb == CHANGE_POINT:
        return bodies.change_point(wish.point)
    return bodies.failover(wish.point, shutdown=wish.shutdown)


def _planned(target: Target, wish: Wish) -> Json:
    """To Azure; or the way back from there, of which the wish names the options."""
    provider = target.items[0].provider
    if provider == inmage_rcm.FAILBACK:
        return inmage_rcm.failback_body()
    if provider == hyper_v_azure.PROVIDER:
        return hyper_v_azure.failback_body(wish.details) if wish.details else hyper_v_azure.planned_body()
    raise RefusedError(_no_planned(target.name, provider))


def _no_planned(name: str, provider: str) -> Problem:
    if without_planned(provider):
        return Problem(
            "provider", name, _("Its provider has no planned failover."), remedy=_("Use failover.")
        )
    what = _("Machines of provider {provider} have no planned failover from here yet.")
    return Problem("provider", name, what.format(provider=plain(provider)), remedy=_("Use the portal."))


def _reprotect(target: Target, wish: Wish) -> Json:
    provider = target.items[0].provider
    if provider == hyper_v_azure.PROVIDER:
        return hyper_v_azure.reprotect_body(wish.details)
    back = {"InMageAzureV2": "InMage"}.get(provider, provider)
    details = {"instanceType": back, **wish.details}
    return {"properties": {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": details}}


def _plan_body(verb: str, target: Target, wish: Wish) -> Json:
    if verb == PLANNED:
        return _plan_planned(target, wish)
    given: Json = {"failoverDirection": FORWARD}
    if verb == DRILL:
        given |= {"networkType": "VmNetworkAsInput", "networkId": wish.network}
    if verb == FAILOVER:
        given["sourceSiteOperations"] = "Required" if wish.shutdown else "NotRequired"
    return {"properties": given | {"providerSpecificDetails": _plan_points(target, wish.point or LATEST)}}


def _plan_planned(target: Target, wish: Wish) -> Json:
    strange = [one for one in target.providers if one != hyper_v_azure.PROVIDER]
    if strange:
        raise RefusedError(_no_planned(target.name, strange[0]))
    if not wish.details:
        return {
            "properties": {
                "failoverDirection": FORWARD,
                "providerSpecificDetails": _plan_points(target, LATEST),
            }
        }
    options = hyper_v_azure.failback_options(wish.details)
    options.pop("providerIdForAlternateRecovery", "")
    details = [{"instanceType": hyper_v_azure.FAILBACK, **options}]
    return {"properties": {"failoverDirection": "RecoveryToPrimary", "providerSpecificDetails": details}}


def _plan_points(target: Target, wanted: str) -> list[Json]:
    kind = PLAN_POINTS.get(wanted)
    if kind is None:
        what = _("A recovery plan takes a kind of point, not one point: {kinds}.")
        raise UsageError(Problem("point", target.name, what.format(kinds=", ".join(PLAN_POINTS))))
    strange = [one for one in target.providers if one not in _PLAN_PROVIDERS]
    if strange:
        what = _("Machines of provider {provider} cannot be failed over from here yet.")
        raise RefusedError(Problem("provider", target.name, what.format(provider=plain(strange[0]))))
    return [{"instanceType": one, "recoveryPointType": kind} for one in target.providers]
