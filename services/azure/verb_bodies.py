"""What is sent for a verb on a protected item: one small interface, a module for each provider."""

from __future__ import annotations

from typing import Any, Protocol

from services.azure import inmage_azure_v2, inmage_rcm
from services.problems.model import Problem, RefusedError
from services.text import _, plain

Json = dict[str, Any]


class Verbs(Protocol):
    """Bodies of one provider. A point is an ARM id, or empty for the latest data.

    `latest`: whether it has that; `planned`: whether it has a planned failover.
    """

    latest: bool
    planned: bool

    def drill(self, network_id: str, point_id: str) -> Json: ...

    def failover(self, point_id: str, *, shutdown: bool) -> Json: ...

    def change_point(self, point_id: str) -> Json: ...


_PROVIDERS: dict[str, Verbs] = {
    inmage_azure_v2.PROVIDER: inmage_azure_v2.Verbs(),
    inmage_rcm.PROVIDER: inmage_rcm.Verbs(),
}


def verbs_of(provider: str) -> Verbs:
    """The bodies of a provider by its instanceType. RefusedError for one that is not known here."""
    found = _PROVIDERS.get(provider)
    if found is None:
        what = _("Machines of provider {provider} can not be failed over from here yet.").format(
            provider=plain(provider)
        )
        raise RefusedError(Problem("provider", plain(provider), what, remedy=_("Use the portal.")))
    return found
