"""Drills and failovers with the service's own SDK, for the tests of the practice world."""

from __future__ import annotations

from typing import Any

from tests.practice.clients import Arm, Reply

POLL_SECONDS = 1
STANDS = ("Suspended", "WaitingForStopTestFailover")
"""State and description of a drill's job from the end of its work to that of its clean-up."""


class Vault:
    """The protected items of a seeded world, as a client sees them."""

    def __init__(self, arm: Arm) -> None:
        self.arm = arm
        listed = arm("GET", f"{arm.vault}/replicationProtectedItems").body["value"]
        self.ids = {one["properties"]["friendlyName"]: one["id"] for one in listed}

    def network(self, name: str) -> str:
        """The id of a network of the vault's group."""
        return f"{self.arm.group}/providers/Microsoft.Network/virtualNetworks/{name}"

    def machine(self, name: str) -> str:
        """The id of a machine of the vault's group."""
        return f"{self.arm.group}/providers/Microsoft.Compute/virtualMachines/{name}"

    def item(self, name: str) -> dict[str, Any]:
        """An item's properties."""
        return dict(self.arm("GET", self.ids[name]).body["properties"])

    def post(self, name: str, verb: str, properties: dict[str, Any] | None = None) -> Reply:
        """Ask for a verb."""
        body = None if properties is None else {"properties": properties}
        return self.arm("POST", f"{self.ids[name]}/{verb}", body)

    def drill(self, name: str, network: str = "drill-net", point: str | None = None, **more: Any) -> Reply:
        """Ask for a test failover."""
        about = {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": self.network(network),
            "providerSpecificDetails": {"instanceType": "InMageAzureV2", "recoveryPointId": point},
        }
        return self.post(name, "testFailover", {**about, **more})

    def failover(self, name: str, shutdown: bool = False, point: str | None = None) -> Reply:
        """Ask for a failover."""
        about = {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": "Required" if shutdown else "NotRequired",
            "providerSpecificDetails": {"instanceType": "InMageAzureV2", "recoveryPointId": point},
        }
        return self.post(name, "unplannedFailover", about)

    def done(self, accepted: Reply) -> dict[str, Any]:
        """Follow an operation to its end; its job's properties."""
        self.arm.done(accepted)
        return self.job(accepted)

    def job(self, accepted: Reply) -> dict[str, Any]:
        """The job of an accepted operation."""
        name = accepted.headers["location"].split("/operationresults/")[1].split("?")[0]
        return dict(self.arm("GET", f"{self.arm.vault}/replicationJobs/{name}").body["properties"])

    def machines(self) -> dict[str, str]:
        """The machines in Azure and their power states."""
        listed = self.arm("GET", f"{self.arm.group}/providers/Microsoft.Compute/virtualMachines").body[
            "value"
        ]
        return {one["name"]: self.power(one["id"]) for one in listed}

    def power(self, machine_id: str) -> str:
        """A machine's power state."""
        view = self.arm("GET", f"{machine_id}/instanceView").body
        return str(view["statuses"][-1]["code"])


def code(reply: Reply) -> tuple[int, str]:
    """Status and code of a refusal."""
    error = reply.body["error"]
    return reply.status, str((error.get("details") or [error])[0]["code"])


def state(job: dict[str, Any]) -> tuple[str, str]:
    """State and description of a job."""
    return job["state"], job["stateDescription"]


def tasks(job: dict[str, Any]) -> list[tuple[str, str]]:
    """The tasks' names with their states' descriptions."""
    return [(task["name"], task["stateDescription"]) for task in job["tasks"]]
