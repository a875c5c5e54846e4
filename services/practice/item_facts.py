"""What an item's state allows, computed from its facts. The phases of drills and failovers.

A machine of a Hyper-V site (`kind` of its item) has a planned failover, and comes home by another one. Source of
its states: Microsoft's published examples of HyperVReplicaAzure and recorded traffic (Failback finalized); the
state in between, after the failback and before its commit, was never recorded: clients go by the operations.
"""

from __future__ import annotations

from typing import Any

from services.practice import item_states
from services.practice.store import Document

FAILED_OVER, COMMITTED, CANCELLED = "failed-over", "committed", "cancelled"
FAILOVER_FAILED, REVERSED = "failover-failed", "reversed"
PLANNED_OVER, PLANNED_COMMITTED = "planned-over", "planned-committed"
FAILED_BACK, HOME = "failed-back", "home"
V2, HYPER_V = "InMageAzureV2", "HyperVReplicaAzure"
RUNNING, PENDING, CLEANING = "running", "pending", "cleaning"
TEST_WORDS = {
    RUNNING: ("InProgress", "Test failover in progress"),
    PENDING: ("WaitingForCompletion", "Waiting for user input"),
    CLEANING: ("MarkedForDeletion", "Cleaning up test environment"),
}
# phase -> protection state, its description, allowed operations
STATES: dict[str, tuple[str, str, list[str]]] = {
    item_states.ENABLING: ("EnablingProtection", "Enabling protection", []),
    item_states.FAILED: ("EnablingFailed", "Enabling protection failed", ["DisableProtection"]),
    item_states.REPLICATING: (
        "InitialReplicationInProgress",
        "Initial replication is in progress",
        ["DisableProtection"],
    ),
    item_states.COMPLETING: (
        "InitialReplicationRecoveryCompletionPending",
        "Waiting for first recovery point",
        ["DisableProtection"],
    ),
    item_states.PROTECTED: (
        "Protected",
        "Protected",
        ["UnplannedFailover", "DisableProtection", "TestFailover"],
    ),
    item_states.DISABLING: ("DisablingProtection", "Disabling protection", []),
    FAILED_OVER: (
        "UnplannedFailoverCommitPendingStatesBegin",
        "Failover completed",
        ["CompleteMigration", "Commit", "DisableProtection", "ChangePit", "CancelFailover"],
    ),
    COMMITTED: ("UnplannedFailoverCommitted", "Failover committed", ["DisableProtection"]),
    CANCELLED: (
        "FailoverCancelled",
        "Failover cancelled, replication has stopped",
        ["DisableProtection"],
    ),
    FAILOVER_FAILED: (
        "UnplannedFailoverFailed",
        "Failover failed",
        ["UnplannedFailover", "DisableProtection"],
    ),
    REVERSED: ("Protected", "Protected", ["UnplannedFailover", "DisableProtection"]),
}
# the same where a machine of a Hyper-V site differs
HYPER_V_STATES: dict[str, tuple[str, str, list[str]]] = {
    item_states.PROTECTED: (
        "Protected",
        "Protected",
        ["PlannedFailover", "UnplannedFailover", "DisableProtection", "TestFailover"],
    ),
    FAILED_OVER: (
        "UnplannedFailoverCommitPendingStatesBegin",
        "Failover completed",
        ["CompleteMigration", "Commit", "DisableProtection", "ChangePit"],
    ),
    COMMITTED: (
        "UnplannedFailoverCommitted",
        "Failover committed",
        ["CompleteMigration", "DisableProtection", "Failback"],
    ),
    PLANNED_OVER: (
        "PlannedFailoverCommitRequired",
        "Planned failover finished",
        ["CompleteMigration", "Commit", "DisableProtection", "ChangePit"],
    ),
    PLANNED_COMMITTED: (
        "PlannedFailoverStatesBegin",
        "Planned failover committed",
        ["CompleteMigration", "DisableProtection", "Failback"],
    ),
    FAILED_BACK: ("RestoreCommitRequired", "Failback finished", ["FinalizeFailback", "DisableProtection"]),
    HOME: ("RestoreFinalized", "Failback finalized", ["ReverseReplicate", "DisableProtection"]),
}
# what is said while a job runs on the item
BUSY = {
    "UnplannedFailover": ("UnplannedFailoverInProgress", "Failover in progress"),
    "CommitFailover": ("CommitFailoverInProgress", "Commit in progress"),
    "ChangePit": ("ChangePitInProgress", "Changing the recovery point"),
    "CancelFailover": ("CancelFailoverInProgress", "Cancelling the failover"),
    "Reprotect": ("ReverseReplicationInProgress", "Re-protection in progress"),
    "PlannedFailover": ("PlannedFailoverInProgress", "Planned failover in progress"),
    "Failback": ("RestoreInProgress", "Failback in progress"),
    "FinalizeFailback": ("RestoreFinalizeInProgress", "Commit in progress"),
    "ReprotectReplicationGroup": ("ReverseReplicationInProgress", "Reverse replication in progress"),
}
SCENARIOS = {
    item_states.ENABLING: "EnableProtection",
    item_states.DISABLING: "DisableProtection",
    item_states.COMPLETING: "FinalizeProtection",
}
GONE_OVER = (FAILED_OVER, COMMITTED, REVERSED, PLANNED_OVER, PLANNED_COMMITTED)
LEAVING = ("UnplannedFailover", "PlannedFailover")


def provider(item: Document) -> str:
    """The replication provider of an item."""
    return str(item.get("kind") or V2)


def state(item: Document) -> tuple[str, str, list[str]]:
    """Protection state, its description and what it allows, while no job runs."""
    own = HYPER_V_STATES if provider(item) == HYPER_V else {}
    return own.get(item["phase"]) or STATES[item["phase"]]


def described(item: Document) -> tuple[str, str]:
    """The protection state and its description."""
    if (busy := item.get("busy")) and busy["scenario"] in BUSY:
        return BUSY[busy["scenario"]]
    name, description, _ = state(item)
    if (test := item.get("test")) is not None:
        words = {PENDING: "Cleanup test failover pending", CLEANING: "Cleaning up test environment"}
        description = words.get(test["state"], "Test failover in progress")
    return name, description


def operations(item: Document) -> list[str]:
    """What may be done to the item now, as the service names it."""
    if busy := item.get("busy"):
        stoppable = busy["scenario"] == "UnplannedFailover" and provider(item) == V2
        return ["CancelFailover"] if stoppable else []
    if (test := item.get("test")) is not None:
        return ["TestFailoverCleanup"] if test["state"] == PENDING else []
    allowed = list(state(item)[2])
    if item["phase"] == COMMITTED and item.get("discovery") == "vCenter":
        # Only a VMware machine has something to replicate back to; Azure Stack has no reprotection.
        allowed.insert(0, "ReverseReplicate")
    return allowed


def allows(item: Document, operation: str) -> bool:
    """May the operation be done? The commit of a failback goes by another name."""
    wanted = {"Commit", "FinalizeFailback"} if operation == "Commit" else {operation}
    return bool(wanted & set(operations(item)))


def scenario(item: Document) -> tuple[str, str, float] | None:
    """The scenario that the item is in: its name, job and beginning. None if there is none."""
    if busy := item.get("busy"):
        return str(busy["scenario"]), str(busy["job"]), float(busy["since"])
    if (test := item.get("test")) is not None:
        return "TestFailover", str(test["job"]), float(test["since"])
    if (name := SCENARIOS.get(item["phase"])) is not None:
        return name, str(item["job"]), float(item["since"])
    return None


def test_words(item: Document) -> tuple[str, str]:
    """The state of the test failover and its description."""
    test: dict[str, Any] | None = item.get("test")
    return ("None", "None") if test is None else TEST_WORDS[test["state"]]


def health(item: Document) -> str:
    """Normal, Warning or Critical."""
    if item.get("failure") or item["phase"] in (CANCELLED, FAILOVER_FAILED):
        return "Critical"
    levels = {problem["level"] for problem in item.get("problems") or ()}
    return "Critical" if "Error" in levels else "Warning" if levels else "Normal"


def replicates(item: Document) -> bool:
    """Does the machine send its changes?"""
    return bool(item["phase"] == item_states.PROTECTED and not stopped(item))


def stopped(item: Document) -> bool:
    """Has a failover stopped the replication?"""
    busy = item.get("busy")
    return bool(busy and busy["scenario"] in LEAVING)
