"""Provider InMageRcm: machines behind the modernized replication appliance.

Source: Site Recovery API, InMageRcmTestFailoverInput, InMageRcmUnplannedFailoverInput,
InMageRcmApplyRecoveryPointInput; recorded traffic for which fields are needed.
"""

from __future__ import annotations

from typing import Any

PROVIDER, FAILBACK = "InMageRcm", "InMageRcmFailback"
Json = dict[str, Any]


class Verbs:
    """Bodies of this provider's verbs on a protected item (services.azure.verb_bodies)."""

    latest = True
    planned = False

    def drill(self, network_id: str, point_id: str) -> Json:
        """Test failover: this provider wants the network among its own details too."""
        return {
            "properties": {
                "failoverDirection": "PrimaryToRecovery",
                "networkType": "VmNetworkAsInput",
                "networkId": network_id,
                "providerSpecificDetails": {**_with_point(point_id), "networkId": network_id},
            }
        }

    def failover(self, point_id: str, *, shutdown: bool) -> Json:
        """Unplanned failover; shutting down is a flag of the provider's own."""
        return {
            "properties": {
                "failoverDirection": "PrimaryToRecovery",
                "sourceSiteOperations": "NotRequired",
                "providerSpecificDetails": {
                    **_with_point(point_id),
                    "performShutdown": "true" if shutdown else "false",
                },
            }
        }

    def change_point(self, point_id: str) -> Json:
        """The machine in Azure from another point, before commit; the point is named twice."""
        return {"properties": {"recoveryPointId": point_id, "providerSpecificDetails": _with_point(point_id)}}


def failback_body() -> Json:
    """Planned failover of a machine that replicates from Azure, back to its site (recorded: no direction)."""
    details = {"instanceType": FAILBACK, "recoveryPointType": "ApplicationConsistent"}
    return {"properties": {"providerSpecificDetails": details}}


def _with_point(point_id: str) -> Json:
    chosen = {"recoveryPointId": point_id} if point_id else {}
    return {"instanceType": PROVIDER, **chosen}
