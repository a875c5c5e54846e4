"""What Site Recovery's jobs consist of: scenarios with their tasks and how long each takes in the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """One task of a job: ids and texts of the service, its duration in world seconds, more as in timeline."""

    task_id: str
    name: str
    friendly: str
    seconds: float
    extra: dict[str, Any] | None = None


@dataclass(frozen=True)
class Plan:
    """One kind of job."""

    scenario: str
    friendly: str
    tasks: tuple[Task, ...]
    cancellable: bool = False


def single(scenario: str, friendly: str, task: str, seconds: float) -> Plan:
    """A job of one task."""
    return Plan(scenario, friendly, (Task(task, task, friendly, seconds),))


ENABLE = Plan(
    "EnableDr",
    "Enable replication",
    (
        Task(
            "EnableProtectionPreflightChecksTask",
            "EnableProtectionPrerequisitesCheck",
            "Prerequisites check for enabling protection",
            45,
        ),
        Task(
            "CreateProtectionTargetTask",
            "CreateProtectionTarget",
            "Installing Mobility Service and preparing target",
            300,
        ),
        Task("EnableProtectionTask", "EnableProtection", "Enable replication", 75),
        Task("StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication", 45),
        Task("UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 15),
    ),
    cancellable=True,
)
FINALIZE = Plan(
    "FinalizeProtection",
    "Finalize protection on the recovery virtual machine",
    (
        Task(
            "CompleteInitialReplicationTask",
            "CompleteInitialReplication",
            "Completing initial replication",
            45,
        ),
        Task(
            "FinalizeProtectionTask",
            "FinalizeProtection",
            "Finalize protection on the recovery virtual machine",
            60,
        ),
        Task("UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 15),
    ),
)
DISABLE = Plan(
    "DisableDr",
    "Disable replication",
    (
        Task(
            "DisableProtectionOnPrimaryTask",
            "DisableProtectionOnPrimary",
            "Disabling replication on the source",
            60,
        ),
        Task(
            "DisableProtectionOnRecoveryTask",
            "DisableProtectionOnRecovery",
            "Removing replication settings",
            45,
        ),
        Task("UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 15),
    ),
)
PURGE = single("PurgeDr", "Force disable replication", "PurgeProtectionTask", 30)
UPDATE_ITEM = single("UpdateVmProperties", "Update the virtual machine", "UpdateVmPropertiesTask", 30)
CREATE_POLICY = single("AddProtectionProfile", "Create replication policy", "AddProtectionProfileTask", 45)
UPDATE_POLICY = single(
    "UpdateProtectionProfile", "Update replication policy", "UpdateProtectionProfileTask", 45
)
DELETE_POLICY = single(
    "RemoveProtectionProfile", "Delete replication policy", "RemoveProtectionProfileTask", 30
)
PAIR = single("PairClouds", "Associate replication policy", "PairCloudsTask", 60)
UNPAIR = single("UnpairClouds", "Dissociate replication policy", "UnpairCloudsTask", 60)
DISCOVER = single("AddPhysicalMachine", "Discover protectable item", "DiscoverProtectableItemTask", 60)
REGISTER = single("RegisterDra", "Register the Azure Site Recovery Provider", "RegisterDraTask", 60)
REFRESH = single("RefreshDra", "Refresh the server", "RefreshDraTask", 60)
CONSISTENCY = single("CheckConsistency", "Check consistency", "CheckConsistencyTask", 30)
HEALTH = single("RefreshVaultHealth", "Refresh vault health", "RefreshFailoverHealthTask", 30)
EXPORT = single("ExportJobs", "Export jobs", "ExportJobsTask", 30)
RESTART = Plan("RestartJob", "Restart job", (Task("RemediateWfTask", "RemediateTask", "Restarting job", 15),))
RESUME = single("ResumeJob", "Resume job", "ResumeJobTask", 5)
CANCEL = single("CancelJob", "Cancel job", "CancelJobTask", 15)
