"""Which verbs a protected item allows now, why the others are missing, and what each destroys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from services.azure.verb_bodies import without_planned
from services.recovery.item import (
    CLEANUP_PENDING,
    COMMIT_PENDING,
    COMMITTED,
    FAILED_BACK,
    FIRST_POINT,
    REPLICATING,
    ProtectedItem,
)
from services.text import _

DRILL, CLEANUP, FAILOVER, PLANNED = "drill", "cleanup", "failover", "planned-failover"
CHANGE_POINT, COMMIT, CANCEL, REPROTECT = "change-point", "commit", "cancel", "reprotect"
DISABLE = "disable"


@dataclass(frozen=True)
class Verb:
    """Something that can be done with an item. `operation` is its name in allowedOperations.

    `irreversible`: it needs the thing's name typed. `undo` is the verb that takes it back, where there is one.
    """

    id: str
    operation: str
    title: str
    consequence: str
    irreversible: bool = False
    undo: str = ""


@dataclass(frozen=True)
class Offer:
    """A verb for one item: possible now, or why not."""

    verb: Verb
    possible: bool
    why_not: str = ""


def verbs() -> tuple[Verb, ...]:
    """All verbs, in the order of their use; texts in the language of now."""
    return (
        Verb(
            DRILL,
            "TestFailover",
            _("Drill"),
            _("A copy is started in Azure from a recovery point. Production and replication go on."),
            undo=CLEANUP,
        ),
        Verb(
            CLEANUP,
            "TestFailoverCleanup",
            _("Clean up"),
            _("The drill's virtual machine and its disks are deleted."),
        ),
        Verb(
            FAILOVER,
            "UnplannedFailover",
            _("Fail over"),
            _("Replication stops and the machine is started in Azure. It is not undone by cancelling."),
        ),
        Verb(
            PLANNED,
            "PlannedFailover",
            _("Planned failover"),
            _(
                "The source is shut down, the last changes are sent, and the machine is started on the other side."
            ),
        ),
        Verb(
            CHANGE_POINT,
            "ChangePit",
            _("Change point"),
            _("The machine in Azure is replaced by one from another recovery point."),
        ),
        Verb(
            COMMIT,
            "Commit",
            _("Commit"),
            _("Every recovery point is deleted: the machine cannot be set to another point any more."),
            irreversible=True,
        ),
        Verb(
            CANCEL,
            "CancelFailover",
            _("Cancel failover"),
            _(
                "Replication has stopped and does not come back: the machine is unprotected until it is set up again."
            ),
            irreversible=True,
        ),
        Verb(
            REPROTECT,
            "ReverseReplicate",
            _("Reprotect"),
            _("The machine in Azure is replicated back to the source site."),
        ),
        Verb(
            DISABLE,
            "DisableProtection",
            _("Disable"),
            _("Replication ends and every recovery point is deleted."),
            irreversible=True,
        ),
    )


def consequence(chosen: Verb, *, active: str) -> str:
    """What a verb does to machines of which this side is active: some mean another thing at home than in Azure."""
    if chosen.id == PLANNED and active == "Recovery":
        return _(
            "The machine in Azure is shut down, its data is sent home, and the machine is started at its own site."
        )
    if chosen.id == REPROTECT and active == "Primary":
        return _("The machine at its own site is replicated to Azure again.")
    if chosen.id == COMMIT and active == "Primary":
        return _("It stays at its own site: the machine in Azure and its disks are deleted.")
    return chosen.consequence


def verb(id_: str) -> Verb:
    """The verb of this id; KeyError for another."""
    return {one.id: one for one in verbs()}[id_]


def offers(item: ProtectedItem) -> tuple[Offer, ...]:
    """Every verb for an item, with what it does to it: allowedOperations decide, our words say why not."""
    told = (replace(one, consequence=consequence(one, active=item.active)) for one in verbs())
    return tuple(
        Offer(one, True) if one.operation in item.allowed else Offer(one, False, why_not(one, item))
        for one in told
    )


def possible(item: ProtectedItem) -> tuple[Verb, ...]:
    """The verbs that Azure lets through now."""
    return tuple(one for one in verbs() if one.operation in item.allowed)


def why_not(wanted: Verb, item: ProtectedItem) -> str:
    """Why a verb is not possible now: a running job first, then the state, then the provider."""
    if item.busy:
        return _("A job runs on it: {scenario}.").format(scenario=item.scenario)
    by_verb, by_phase = _BY_VERB.get(wanted.id), _BY_PHASE.get(item.phase)
    said = (by_verb(item) if by_verb else "") or (by_phase(item) if by_phase else "")
    return said or _("Azure does not allow it in the state {state}.").format(
        state=item.description or item.state
    )


def _reprotect(item: ProtectedItem) -> str:
    if item.phase == COMMITTED and item.provider == "InMageAzureV2":
        return _("From Azure Stack there is no reprotect: the way back is failback, by moving the disks.")
    if item.phase == COMMITTED and item.provider == "HyperVReplicaAzure":
        return _("It comes after the way home: planned failover, then commit.")
    if item.phase == COMMITTED and item.provider == "A2A":
        return _("Between regions of Azure it is done in the portal.")
    if item.phase == COMMIT_PENDING:
        return _("Commit the failover first.")
    return _("It comes after a committed failover.") if item.active != "Recovery" else ""


def _after_failover(item: ProtectedItem) -> str:
    if item.phase == COMMIT_PENDING:
        return ""
    return _("It comes after a failover.") if item.active != "Recovery" else _("The failover is committed.")


_BY_VERB: dict[str, Callable[[ProtectedItem], str]] = {
    CLEANUP: lambda item: "" if item.phase == CLEANUP_PENDING else _("No drill is waiting for clean-up."),
    CHANGE_POINT: _after_failover,
    COMMIT: _after_failover,
    CANCEL: _after_failover,
    REPROTECT: _reprotect,
    PLANNED: lambda item: (
        _("Its provider has no planned failover.") if without_planned(item.provider) else ""
    ),
}


def _uncommitted(item: ProtectedItem) -> str:
    if item.active == "Primary":
        return _("It has come home: commit that.")
    return _("It has failed over: commit or change the point.")


_BY_PHASE: dict[str, Callable[[ProtectedItem], str]] = {
    CLEANUP_PENDING: lambda _item: _("Clean up the drill first."),
    COMMIT_PENDING: _uncommitted,
    COMMITTED: lambda _item: _("It runs in Azure: the failover is committed."),
    FAILED_BACK: lambda _item: _("It has come home: reprotect it first."),
    FIRST_POINT: lambda _item: _("It waits for its first recovery point."),
    REPLICATING: lambda _item: _("Initial replication is not done."),
}
