"""Planned failover, there and back, of machines of a Hyper-V site; reprotection of every machine that has it."""

from __future__ import annotations

from typing import Any

from services.practice import failover_plans as plans
from services.practice import failover_rules as rules
from services.practice import failover_runs as runs
from services.practice import item_facts, items, lro
from services.practice.failovers import begun
from services.practice.item_states import token
from services.practice.job_store import Outcome
from services.practice.planned_runs import FIRST, NOW, forward_run, home_run, reverse_run
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

BACK = "HyperVReplicaAzureFailback"
routes = Router()


@routes.on("POST", items.ONE + "/plannedFailover")
def planned_failover(call: Call) -> Answer:
    """To Azure, or back from there; refused where the provider has none."""
    vault, _, item = items.item_of(call)
    given = call.properties()
    items.idle(call, vault, item)
    if item_facts.provider(item) != item_facts.HYPER_V:
        raise rules.refused(call, item, "PlannedFailover")
    if item["phase"] in item_facts.GONE_OVER:
        rules.require(call, item, "Failback")
        rules.direction(call, given, "RecoveryToPrimary")
        return lro.accepted(call, vault, begun(call, vault, item, back_run(call, item, given)))
    rules.require(call, item, "PlannedFailover")
    rules.direction(call, given, "PrimaryToRecovery")
    chosen = rules.provider(call, given, (item_facts.HYPER_V,))
    point = rules.point(call, item, chosen.get("recoveryPointId"))
    return lro.accepted(call, vault, begun(call, vault, item, forward_run(call.store, vault, item, point)))


def back_run(call: Call, item: Document, given: dict[str, Any]) -> runs.Run:
    """The way home, with the data synchronized as the request asks."""
    chosen = rules.provider(call, given, (BACK,))
    option = str(chosen.get("dataSyncOption") or NOW)
    creation = str(chosen.get("recoveryVmCreationOption") or "NoAction")
    if option not in (NOW, FIRST):
        raise invalid(call, "dataSyncOption", option)
    if creation not in ("NoAction", "CreateVmIfNotFound"):
        raise invalid(call, "recoveryVmCreationOption", creation)
    server = str(chosen.get("providerIdForAlternateRecovery") or "")
    if creation == "CreateVmIfNotFound" and server.lower() != item["provider"].lower():
        raise invalid(call, "providerIdForAlternateRecovery", server)
    return home_run(item, option)


@routes.on("POST", items.ONE + "/reProtect")
def reprotect(call: Call) -> Answer:
    """Replicate the other way. A machine of an Azure Stack has nothing to go back to."""
    vault, _, item = items.item_of(call)
    items.idle(call, vault, item)
    rules.require(call, item, "ReverseReplicate")
    hyper_v = item_facts.provider(item) == item_facts.HYPER_V
    run = hyper_v_again(call, item) if hyper_v else vmware_back(call, item)
    return lro.accepted(call, vault, begun(call, vault, item, run))


def hyper_v_again(call: Call, item: Document) -> runs.Run:
    """A machine that is home, to Azure again; what the request names must be its own."""
    given = call.properties()
    rules.direction(call, given, "PrimaryToRecovery")
    chosen = rules.provider(call, given, (item_facts.HYPER_V,))
    own = {"hvHostVmId": item["hostVm"], "vHDId": item["vhd"], "storageAccountId": item["storage"]}
    for name, value in own.items():
        if str(chosen.get(name) or value).lower() != value.lower():
            raise invalid(call, name, str(chosen[name]))
    return reverse_run(item)


def vmware_back(call: Call, item: Document) -> runs.Run:
    """A VMware machine back to its site, or to Azure again once it is home."""
    given, home = call.properties(), bool(item.get("home"))
    rules.direction(call, given, "PrimaryToRecovery" if home else "RecoveryToPrimary")
    chosen = rules.provider(call, given, (item_facts.V2,) if home else ("InMage",))
    needed = () if home else ("masterTargetId", "processServerId", "retentionDrive", "profileId")
    missing = [name for name in needed if not chosen.get(name)]
    if missing:
        raise rules.wrong(
            call,
            "InvalidParameter",
            f"The property {missing[0]} is missing.",
            "Re-protection to a VMware site needs its servers, a retention drive and a failback policy.",
            "Give the missing property.",
        )
    outcome = Outcome("protected-again" if home else "reversed", "idle-again", token(item))
    return runs.Run(plans.REPROTECT, outcome, {"busy": {"scenario": "Reprotect"}})


def invalid(call: Call, name: str, value: str) -> Refusal:
    """A value of the request that cannot be."""
    return rules.wrong(
        call,
        "InvalidParameter",
        f"The value '{value}' of the property {name} is not valid.",
        "The value is none of those that are known, or belongs to another machine or server.",
        "Give a valid value.",
    )
