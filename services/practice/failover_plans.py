"""The jobs of drills and failovers: their tasks as the service names them, with durations in world seconds.

A physical server takes some eight minutes longer to prepare than a virtual one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.practice.job_plans import Plan, Task

PREPARE_PHYSICAL, PREPARE_VIRTUAL = 480.0, 60.0
SHUTDOWN = "VmShutdownVmOnPrimary"

TEST_FAILOVER = Plan(
    "TestFailover",
    "Test failover",
    (
        Task(
            "TestFailoverPreflightChecksTask",
            "VmTfoPrerequisitesCheck",
            "Prerequisites check for test failover",
            30,
        ),
        Task("BeginTestFailoverTask", "VmTfoInitiateFailover", "Create test virtual machine", 120),
        Task(
            "PrepareTestProtectedEntitiesTask",
            "VmTfoPrepareTestVm",
            "Preparing the virtual machine",
            PREPARE_PHYSICAL,
        ),
        Task("BootTestProtectedEntitiesTask", "VmTfoBootTestVm", "Start the virtual machine", 90),
    ),
    cancellable=True,
)
TEST_CLEANUP = Plan(
    "TestFailoverCleanup",
    "Test failover cleanup",
    (
        Task(
            "TestFailoverCleanupPreflightChecksTask",
            "VmTfoCleanupPreflightsCheck",
            "Prerequisites check for test failover cleanup",
            15,
        ),
        Task("EndTestFailoverTask", "VmTfoEndFailover", "Ending test failover", 45),
        Task("DeleteTestVmTask", "VmTfoDeleteTestVm", "Clean up the test virtual machine", 60),
    ),
)
FAILOVER = Plan(
    "UnplannedFailover",
    "Failover",
    (
        Task(
            "UnplannedFailoverPreflightChecksTask",
            "VmUfoPrerequisitesCheck",
            "Prerequisites check for failover",
            30,
        ),
        Task("ShutdownVmOnPrimaryForUFO", SHUTDOWN, "Shut down the virtual machine", 90),
        Task("FailoverTask", "VmFailover", "Start failover", 300),
        Task("StartVmOnSecondary", "VmFoStartVmOnSecondary", "Starting Azure virtual machine", 120),
    ),
    cancellable=True,
)
PLANNED = Plan(
    "PlannedFailover",
    "Planned failover",
    (
        Task(
            "PlannedFailoverPreflightChecksTask",
            "VmPfoPrerequisitesCheck",
            "Prerequisites check for planned failover",
            30,
        ),
        Task("ShutdownVmOnPrimary", SHUTDOWN, "Shut down the virtual machine", 90),
        Task(
            "SynchronizeLatestChangesTask",
            "VmSynchronizeLatestChanges",
            "Synchronizing the latest changes",
            60,
        ),
        Task("FailoverTask", "VmFailover", "Start failover", 180),
        Task("StartVmOnSecondary", "VmFoStartVmOnSecondary", "Starting Azure virtual machine", 120),
    ),
    cancellable=True,
)
SHUTDOWN_IN_AZURE = "VmShutdownVmOnSecondary"
# Synchronizing data before the failover: the machine in Azure runs on until a person completes the failover.
SYNCHRONIZED_FIRST = (
    Task("SynchronizeDataTask", "VmSynchronizeData", "Synchronizing data", 600),
    Task("CompleteFailoverTask", "VmCompleteFailover", "Complete failover", 0, {"wait": True}),
)
FAILBACK = Plan(
    "Failback",
    "Planned failover",
    (
        Task(
            "FailbackPreflightChecksTask",
            "VmFailbackPrerequisitesCheck",
            "Prerequisites check for planned failover",
            30,
        ),
        Task("ShutdownVmOnSecondary", SHUTDOWN_IN_AZURE, "Shut down the Azure virtual machine", 60),
        Task("RestoreTask", "VmRestoreData", "Synchronizing the latest changes", 300),
        Task("StartVmOnPrimary", "VmStartVmOnPrimary", "Starting the virtual machine", 60),
    ),
    cancellable=True,
)
FINALIZE_FAILBACK = Plan(
    "FinalizeFailback",
    "Commit",
    (
        Task("FinalizeRestoreOnRecoveryTask", "FinalizeRestoreOnRecovery", "Finalizing on the target", 45),
        Task("FinalizeRestoreOnPrimaryTask", "FinalizeRestoreOnPrimary", "Finalizing on the source", 30),
    ),
)
COMMIT = Plan(
    "CommitFailover",
    "Commit",
    (
        Task(
            "8d3c1b57-54be-4a0e-a1c6-f0bb0c0f44a1",
            "VmCommitPrerequisitesCheck",
            "Prerequisites check for commit",
            15,
        ),
        Task("20b64ab7-0cc1-4b0c-8d5e-4ffe62e74c0e", "VmCommit", "Commit", 45),
    ),
)
CHANGE_POINT = Plan(
    "ChangePit",
    "Change recovery point",
    (
        Task("ChangePitPreflightChecksTask", "VmChangePitPrerequisitesCheck", "Prerequisites check", 15),
        Task("ChangePitTask", "VmChangePit", "Change recovery point", 240),
        Task("StartVmOnSecondary", "VmFoStartVmOnSecondary", "Starting Azure virtual machine", 120),
    ),
)
CANCEL = Plan(
    "CancelFailover",
    "Cancel failover",
    (Task("CancelFailoverTask", "VmCancelFailover", "Cancel failover", 45),),
)
REPROTECT = Plan(
    "Reprotect",
    "Re-protect",
    (
        Task(
            "ReverseReplicationPreflightChecksTask",
            "VmReversePrerequisitesCheck",
            "Prerequisites check for re-protection",
            30,
        ),
        Task(
            "PrepareForReverseReplicationTask",
            "VmPrepareForReverseReplication",
            "Preparing for reverse replication",
            120,
        ),
        Task(
            "InitiateReverseReplicationTask",
            "VmInitiateReverseReplication",
            "Starting reverse replication",
            120,
        ),
    ),
)
REVERSE = Plan(
    "ReprotectReplicationGroup",
    "Reverse replication",
    (
        Task(
            "CreateProtectionTargetTask", "CreateProtectionTarget", "Identifying the replication target", 30
        ),
        Task("EnableProtectionTask", "EnableProtection", "Enable replication", 50),
        Task("StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication", 15),
    ),
    cancellable=True,
)
RESOLVE = Plan(
    "ResolveHealthErrors",
    "Resolve health errors",
    (Task("ResolveHealthErrorsTask", "ResolveHealthErrors", "Resolve health errors", 30),),
)


def with_task(plan: Plan, name: str, seconds: float | None = None, **extra: Any) -> Plan:
    """The plan with more about one of its tasks (see timeline), and another duration where given."""
    tasks = tuple(
        replace(
            task, seconds=task.seconds if seconds is None else seconds, extra={**(task.extra or {}), **extra}
        )
        if task.name == name
        else task
        for task in plan.tasks
    )
    return replace(plan, tasks=tasks)


def slower(plan: Plan, factor: float) -> Plan:
    """The plan with every task `factor` times as long."""
    return replace(plan, tasks=tuple(replace(t, seconds=t.seconds * factor) for t in plan.tasks))
