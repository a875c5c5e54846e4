"""What is sent for a verb on a protected item: one small interface for every provider that is known.

Source: Site Recovery API, the providers' TestFailover, UnplannedFailover and ApplyRecoveryPoint inputs: those of
InMageAzureV2, HyperVReplicaAzure and A2A have the same shape. Reprotection of A2A switches the protection of the
container; what that takes is not established here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from services.azure import hyper_v_azure, inmage_azure_v2, inmage_rcm
from services.problems.model import Problem, RefusedError
from services.text import _, plain

Json = dict[str, Any]


class Verbs(Protocol):
    """Bodies of one provider. A point is an ARM id, or empty for the latest data.

    `latest`: whether it has that; `planned`: whether it has a planned failover to Azure.
    """

    @property
    def latest(self) -> bool: ...

    @property
    def planned(self) -> bool: ...

    def drill(self, network_id: str, point_id: str) -> Json: ...

    def failover(self, point_id: str, *, shutdown: bool) -> Json: ...

    def change_point(self, point_id: str) -> Json: ...


@dataclass(frozen=True)
class Bodies:
    """The bodies of a provider that keeps to the common shape."""

    provider: str
    planned: bool = False
    latest: bool = True

    def drill(self, network_id: str, point_id: str) -> Json:
        """Test failover into a network."""
        return {
            "properties": {
                "failoverDirection": "PrimaryToRecovery",
                "networkType": "VmNetworkAsInput",
                "networkId": network_id,
                "providerSpecificDetails": self._with_point(point_id),
            }
        }

    def failover(self, point_id: str, *, shutdown: bool) -> Json:
        """Unplanned failover; a source that does not shut down does not stop it."""
        return {
            "properties": {
                "failoverDirection": "PrimaryToRecovery",
                "sourceSiteOperations": "Required" if shutdown else "NotRequired",
                "providerSpecificDetails": self._with_point(point_id),
            }
        }

    def change_point(self, point_id: str) -> Json:
        """The machine in Azure from another point, before commit."""
        return {"properties": {"recoveryPointId": point_id, "providerSpecificDetails": self._with_point("")}}

    def _with_point(self, point_id: str) -> Json:
        chosen = {"recoveryPointId": point_id} if point_id else {}
        return {"instanceType": self.provider, **chosen}


_PROVIDERS: dict[str, Verbs] = {
    inmage_azure_v2.PROVIDER: Bodies(inmage_azure_v2.PROVIDER),
    inmage_rcm.PROVIDER: inmage_rcm.Verbs(),
    hyper_v_azure.PROVIDER: Bodies(hyper_v_azure.PROVIDER, planned=True),
    "A2A": Bodies("A2A"),
}


def without_planned(provider: str) -> bool:
    """Whether a provider is known to have no planned failover to Azure."""
    found = _PROVIDERS.get(provider)
    return found is not None and not found.planned


def verbs_of(provider: str) -> Verbs:
    """The bodies of a provider by its instanceType. RefusedError for one that is not known here."""
    found = _PROVIDERS.get(provider)
    if found is None:
        what = _("Machines of provider {provider} cannot be failed over from here yet.").format(
            provider=plain(provider)
        )
        raise RefusedError(Problem("provider", plain(provider), what, remedy=_("Use the portal.")))
    return found
