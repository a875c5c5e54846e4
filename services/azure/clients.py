"""The clients of one account, cloud and subscription, built at first use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from services.azure.signin import SignIn, credential
from services.problems.model import ProblemError
from services.world.clouds import scope
from services.world.deadline import Deadline
from services.world.model import Cloud, World

if TYPE_CHECKING:
    from azure.mgmt.recoveryservices import RecoveryServicesClient
    from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

    from services.azure.arm import Arm


class Azure:
    """Azure as one account sees it. `deadline` gives the deadline that holds now; without it none does.

    All clients share the guard of `services.azure.pipeline`: a read-only world sends no change, a mutation
    is sent once, a token goes to its own origin only.
    """

    def __init__(
        self,
        world: World,
        sign_in: SignIn,
        subscription: str,
        deadline: Callable[[], Deadline] | None = None,
    ) -> None:
        self.world, self.sign_in, self.subscription = world, sign_in, subscription
        self._deadline = deadline or Deadline

    @property
    def cloud(self) -> Cloud:
        return self.world.clouds[self.sign_in.cloud]

    @cached_property
    def credential(self) -> Any:
        """The azure-identity credential; tokens stay in its memory."""
        return credential(self.sign_in, self.world, self._deadline)

    @cached_property
    def site_recovery(self) -> SiteRecoveryManagementClient:
        from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

        return SiteRecoveryManagementClient(self.credential, self.subscription, **self._options())

    @cached_property
    def recovery_services(self) -> RecoveryServicesClient:
        from azure.mgmt.recoveryservices import RecoveryServicesClient

        return RecoveryServicesClient(self.credential, self.subscription, **self._options())

    @cached_property
    def arm(self) -> Arm:
        from services.azure.arm import Arm

        options = self._options()
        return Arm(self.cloud.arm, options["policies"], options["transport"], self.explain)

    def explain(self, error: BaseException, subject: str) -> ProblemError:
        """The answer to an error of one of these clients; a certificate that is not believed is looked at."""
        from services.azure.diagnose import with_chain
        from services.problems.azure import from_exception

        return with_chain(from_exception(error, subject), self.world, self._deadline())

    def _options(self) -> dict[str, Any]:
        from azure.core import AzureClouds

        from services.azure import pipeline
        from services.azure.transport import Transport

        return {
            "base_url": self.cloud.arm,
            "credential_scopes": [scope(self.cloud)],
            # Named so that the SDK does not look for one in the environment; base_url goes before it.
            "cloud_setting": AzureClouds.AZURE_PUBLIC_CLOUD,
            "policies": pipeline.standard(
                self.credential, scope(self.cloud), self.cloud.arm, read_only=self.world.read_only
            ),
            "transport": Transport(self.world, self._deadline),
        }
