"""What Site Recovery says of one vault. Every answer is the service's own JSON, as a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.azure.ids import VaultRef
from services.azure.jobs import JobView, parse_job
from services.problems.azure import from_exception

if TYPE_CHECKING:
    from services.azure.clients import Azure

Json = dict[str, Any]
API = "2025-08-01"
"""The api-version of the SDK that is in use, for what is read without its models."""
READS_LEFT = "x-ms-ratelimit-remaining-subscription-reads"
ALERT_SETTING = "defaultAlertSetting"


@dataclass(frozen=True)
class Pace:
    """What an answer says of how often to ask: real seconds to wait, reads that are left; None where silent."""

    retry_after: float | None = None
    reads_left: int | None = None


class Replication:
    """Reads of one vault through the Site Recovery SDK. Lists are read to their last page.

    Lists that can hold thousands (items, jobs, events) are read without the SDK's models: these cost 3.5 s of
    CPU and 140 MB for 5,000 items where their JSON costs a tenth of it.

    Azure errors come out as ProblemError; what does not exist is None.
    """

    def __init__(self, azure: Azure, vault: VaultRef) -> None:
        self.azure = azure
        self.vault = vault

    @property
    def sdk(self) -> Any:
        """The SDK's client; its operation groups take the resource group and the vault first."""
        return self.azure.site_recovery

    @property
    def scope(self) -> tuple[str, str]:
        return self.vault.group, self.vault.name

    def fabrics(self) -> list[Json]:
        return self._list(lambda: self.sdk.replication_fabrics.list(*self.scope))

    def fabric(self, name: str) -> Json | None:
        return self._get(lambda: self.sdk.replication_fabrics.get(*self.scope, name))

    def containers(self, fabric: str) -> list[Json]:
        group = self.sdk.replication_protection_containers
        return self._list(lambda: group.list_by_replication_fabrics(*self.scope, fabric))

    def providers(self, fabric: str) -> list[Json]:
        group = self.sdk.replication_recovery_services_providers
        return self._list(lambda: group.list_by_replication_fabrics(*self.scope, fabric))

    def policies(self) -> list[Json]:
        """Every replication policy of the vault."""
        return self._list(lambda: self.sdk.replication_policies.list(*self.scope))

    def policy(self, name: str) -> Json | None:
        return self._get(lambda: self.sdk.replication_policies.get(*self.scope, name))

    def mappings(self, fabric: str, container: str) -> list[Json]:
        group = self.sdk.replication_protection_container_mappings
        return self._list(
            lambda: group.list_by_replication_protection_containers(*self.scope, fabric, container)
        )

    def network_mappings(self) -> list[Json]:
        """Every mapping of a source network to the network that machines join at a failover."""
        return self._list(lambda: self.sdk.replication_network_mappings.list(*self.scope))

    def protectable(self, fabric: str, container: str) -> list[Json]:
        group = self.sdk.replication_protectable_items
        return self._list(
            lambda: group.list_by_replication_protection_containers(*self.scope, fabric, container)
        )

    def machine(self, fabric: str, container: str, name: str) -> Json | None:
        """One protectable machine."""
        group = self.sdk.replication_protectable_items
        return self._get(lambda: group.get(*self.scope, fabric, container, name))

    def items(self) -> Iterator[Json]:
        """Every protected item of the vault, a page at a time."""
        return self._each("replicationProtectedItems")

    def item(self, fabric: str, container: str, name: str) -> Json | None:
        return self._get(
            lambda: self.sdk.replication_protected_items.get(*self.scope, fabric, container, name)
        )

    def recovery_points(self, fabric: str, container: str, name: str) -> list[Json]:
        group = self.sdk.recovery_points
        return self._list(
            lambda: group.list_by_replication_protected_items(*self.scope, fabric, container, name)
        )

    def jobs(self) -> list[Json]:
        """Every job of the vault."""
        return self.jobs_and_pace()[0]

    def jobs_and_pace(self) -> tuple[list[Json], Pace]:
        """Every job, and the pace that the last page's answer asks for."""
        asked: list[Pace] = []

        def answered(headers: Mapping[str, str]) -> None:
            left = headers.get(READS_LEFT) or ""
            asked.append(Pace(retry_after(headers), int(left) if left.isdigit() else None))

        return list(self._each("replicationJobs", answered)), asked[-1] if asked else Pace()

    def job(self, name: str) -> Json | None:
        return self._get(lambda: self.sdk.replication_jobs.get(*self.scope, name))

    def job_view(self, name: str) -> JobView | None:
        """A job, with the pause that the service asks for before the next look."""
        asked: list[float | None] = []

        def hook(response: Any) -> None:
            asked.append(retry_after(response.http_response.headers))

        job = self._get(lambda: self.sdk.replication_jobs.get(*self.scope, name, raw_response_hook=hook))
        return parse_job(job, asked[-1] if asked else None) if job else None

    def recovery_plans(self) -> Iterator[Json]:
        """Every recovery plan of the vault, with its groups."""
        return self._each("replicationRecoveryPlans")

    def recovery_plan(self, name: str) -> Json | None:
        return self._get(lambda: self.sdk.replication_recovery_plans.get(*self.scope, name))

    def events(self) -> Iterator[Json]:
        """Everything that Site Recovery has noted in the vault."""
        return self._each("replicationEvents")

    def vault_setting(self) -> Json | None:
        return self._get(lambda: self.sdk.replication_vault_setting.get(*self.scope, "default"))

    def alert_setting(self) -> Json | None:
        """Who is told of alerts: the properties sendToOwners, customEmailAddresses, locale."""
        return self._get(lambda: self.sdk.replication_alert_settings.get(*self.scope, ALERT_SETTING))

    def vault_health(self) -> Json:
        """The health of the vault: errors, and issues of protected items, fabrics and containers."""
        return self._get(lambda: self.sdk.replication_vault_health.get(*self.scope)) or {}

    def supported_systems(self, provider: str) -> list[Json]:
        """The service's own list of operating systems for a provider."""
        found = self._get(
            lambda: self.sdk.supported_operating_systems.get(*self.scope, instance_type=provider)
        )
        return list(((found or {}).get("properties") or {}).get("supportedOsList") or [])

    def _each(self, kind: str, answered: Callable[[Mapping[str, str]], None] | None = None) -> Iterator[Json]:
        return self.azure.arm.each(self.vault.child(kind), API, answered=answered)

    def _get(self, call: Callable[[], Any]) -> Json | None:
        from azure.core.exceptions import AzureError, ResourceNotFoundError

        try:
            return as_json(call())
        except ResourceNotFoundError:
            return None
        except AzureError as error:
            raise from_exception(error, self.vault.name) from error

    def _list(self, call: Callable[[], Iterable[Any]]) -> list[Json]:
        from azure.core.exceptions import AzureError

        try:
            return [as_json(model) for model in call()]
        except AzureError as error:
            raise from_exception(error, self.vault.name) from error


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Real seconds that an answer asks to wait, or None."""
    text = headers.get("Retry-After") or ""
    return float(text) if text.replace(".", "", 1).isdigit() else None


def as_json(model: Any) -> Json:
    """An SDK model as the JSON that came over the wire."""
    return dict(model.as_dict())
