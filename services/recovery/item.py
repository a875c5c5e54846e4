"""A protected item as the console shows it, from the service's own answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from services.azure.ids import last
from services.azure.jobs import parse_time
from services.text import _

CLEANUP_PENDING = "cleanup-pending"
COMMIT_PENDING = "commit-pending"
COMMITTED = "committed"
FAILED_BACK = "failed-back"
FIRST_POINT = "first-point"
REPLICATING = "replicating"
PROTECTED = "protected"
OTHER = "other"

_BY_STATE = {
    "Protected": PROTECTED,
    "InitialReplicationInProgress": REPLICATING,
    "InitialReplicationRecoveryCompletionPending": FIRST_POINT,
    "UnplannedFailoverCommitPendingStatesBegin": COMMIT_PENDING,
    "RestoreFinalized": FAILED_BACK,
}

_BY_REQUEST = {"Failback": "PlannedFailover", "FinalizeFailback": "Commit"}

VM_NAME = ("recoveryAzureVMName", "recoveryAzureVmName", "targetVmName")
VM_SIZE = ("recoveryAzureVMSize", "targetVmSize")
GROUP = ("recoveryAzureResourceGroupId", "targetResourceGroupId")
NETWORK = ("selectedRecoveryAzureNetworkId", "targetNetworkId")
"""What the providers call the machine in Azure, its size, group and network; the last names are InMageRcm's."""


@dataclass(frozen=True, slots=True)
class ItemError:
    """One health error; the service's words are foreign text. `level` is Error or Warning."""

    code: str
    level: str
    what: str
    causes: str
    action: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ProtectedItem:
    """One row of the vault's protected items. Times are aware UTC, `rpo_seconds` is None where none was measured.

    `provider` is the instanceType of its details; `active` Primary or Recovery; `allowed` the operations that
    the service lets through now, see `operations`; `job` the name of the job that runs on it, or empty, and
    `since` its start.
    """

    id: str
    name: str
    title: str
    fabric: str
    container: str
    provider: str
    state: str
    description: str
    health: str
    failover_health: str
    active: str
    test_state: str
    allowed: tuple[str, ...]
    scenario: str
    job: str
    since: datetime | None
    policy_id: str
    policy: str
    rpo_seconds: int | None
    rpo_at: datetime | None
    last_drill: datetime | None
    last_failover: datetime | None
    source_id: str
    azure_name: str
    network_id: str
    group_id: str
    address: str
    os_type: str
    errors: tuple[ItemError, ...]

    @property
    def phase(self) -> str:
        """Where the item stands, partial states by their own names: one of the constants of this module."""
        if "TestFailoverCleanup" in self.allowed or self.test_state == "WaitingForCompletion":
            return CLEANUP_PENDING
        if "Commit" in self.allowed:
            return COMMIT_PENDING
        if self.active == "Recovery" and self.state not in _BY_STATE:
            return COMMITTED
        return _BY_STATE.get(self.state, OTHER)

    @property
    def busy(self) -> bool:
        """Whether a job holds the item. A drill that waits for its clean-up names its job and lets that through."""
        return bool(self.job) and not self.allowed

    @property
    def word(self) -> str:
        """The state in words; the service's own description where we have none."""
        return _words().get(self.phase) or self.description or self.state or _("unknown")

    @property
    def moved(self) -> tuple[object, ...]:
        """What must not have changed between a plan and its sending."""
        return (self.state, self.test_state, self.active, self.allowed, self.job)


def label(item: ProtectedItem, among: Sequence[ProtectedItem]) -> str:
    """What people call an item among others; machines of two sites may have one name."""
    alone = sum(one.title.lower() == item.title.lower() for one in among) == 1
    return item.title if alone else own_label(item)


def own_label(item: ProtectedItem) -> str:
    """What people call an item beside another of its name."""
    return f"{item.title} ({item.name})"


def _words() -> Mapping[str, str]:
    return {
        CLEANUP_PENDING: _("cleanup pending"),
        COMMIT_PENDING: _("commit pending"),
        COMMITTED: _("failed over, committed"),
        FAILED_BACK: _("failed back, not protected"),
        FIRST_POINT: _("waiting for first point"),
        REPLICATING: _("initial replication"),
        PROTECTED: _("protected"),
    }


def parse_item(json: Mapping[str, Any]) -> ProtectedItem:
    """An item from replicationProtectedItems JSON (api-versions 2018 to 2025-08-01); what is missing is empty."""
    about: Mapping[str, Any] = json.get("properties") or {}
    details: Mapping[str, Any] = about.get("providerSpecificDetails") or {}
    running: Mapping[str, Any] = about.get("currentScenario") or {}
    id_ = str(json.get("id") or "")
    scenario = str(running.get("scenarioName") or "None")
    job = "" if scenario == "None" else last(str(running.get("jobId") or ""))
    return ProtectedItem(
        id=id_,
        name=str(json.get("name") or last(id_)),
        title=str(about.get("friendlyName") or json.get("name") or ""),
        fabric=_segment(id_, "replicationfabrics"),
        container=_segment(id_, "replicationprotectioncontainers"),
        provider=str(details.get("instanceType") or ""),
        state=str(about.get("protectionState") or ""),
        description=str(about.get("protectionStateDescription") or ""),
        health=str(about.get("replicationHealth") or ""),
        failover_health=str(about.get("failoverHealth") or ""),
        active=str(about.get("activeLocation") or ""),
        test_state=str(about.get("testFailoverState") or ""),
        allowed=operations(about.get("allowedOperations") or ()),
        scenario="" if scenario == "None" else scenario,
        job="" if job == "None" else job,
        since=parse_time(running.get("startTime")),
        policy_id=str(about.get("policyId") or ""),
        policy=str(about.get("policyFriendlyName") or ""),
        rpo_seconds=_number(details.get("rpoInSeconds", details.get("lastRpoInSeconds"))),
        rpo_at=parse_time(details.get("lastRpoCalculatedTime")),
        last_drill=parse_time(about.get("lastSuccessfulTestFailoverTime")),
        last_failover=parse_time(about.get("lastSuccessfulFailoverTime")),
        source_id=str(about.get("protectableItemId") or ""),
        azure_name=first_of(details, VM_NAME),
        network_id=first_of(details, NETWORK),
        group_id=first_of(details, GROUP),
        address=first_of(details, ("ipAddress", "primaryNicIpAddress")),
        os_type=str(details.get("osType") or (details.get("oSDetails") or {}).get("osType") or ""),
        errors=tuple(_errors(about.get("healthErrors") or ())),
    )


def operations(allowed: Iterable[Any]) -> tuple[str, ...]:
    """allowedOperations by the requests that send them: the way home has names of its own for two of them."""
    return tuple(_BY_REQUEST.get(str(one), str(one)) for one in allowed)


def first_of(details: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first of these values that is there, as text; empty where none is."""
    return next((str(details[name]) for name in names if details.get(name)), "")


def _errors(entries: Iterable[Any]) -> Iterable[ItemError]:
    for entry in entries:
        if isinstance(entry, Mapping):
            yield ItemError(
                code=str(entry.get("errorCode") or ""),
                level=str(entry.get("errorLevel") or ""),
                what=str(entry.get("summaryMessage") or entry.get("errorMessage") or ""),
                causes=str(entry.get("possibleCauses") or ""),
                action=str(entry.get("recommendedAction") or ""),
                at=parse_time(entry.get("creationTimeUtc")),
            )


def _segment(id_: str, kind: str) -> str:
    """The name that follows a kind in an id."""
    parts = id_.split("/")
    return next((after for before, after in pairwise(parts) if before.lower() == kind), "")


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
