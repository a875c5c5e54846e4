"""Azure Stack Hub: its own trust, its own identity provider, its own older api-versions; looked at only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.azure.ids import last
from services.azure.signin import (
    CERTIFICATE,
    DEVICE_CODE,
    SERVICE_PRINCIPAL,
    ShowCode,
    SignIn,
    credential_at,
)
from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

if TYPE_CHECKING:
    from services.azure.arm import Arm

ENTRA = "entra"
ADFS = "adfs"
METHODS = (SERVICE_PRINCIPAL, CERTIFICATE, DEVICE_CODE)
"""Azure CLI is missing: it signs in to a Hub only after `az cloud register`, in a session for the Hub alone."""
METADATA_API = "2015-01-01"
SUBSCRIPTIONS_API = "2016-06-01"


@dataclass(frozen=True)
class Profile:
    """The api-versions of one API profile of Azure Stack Hub."""

    compute: str
    network: str


PROFILES = {
    "2020-09-01-hybrid": Profile(compute="2020-06-01", network="2018-11-01"),
    "2019-03-01-hybrid": Profile(compute="2017-12-01", network="2017-10-01"),
}


@dataclass(frozen=True)
class HubSignIn:
    """Which Hub, and who signs in there. `ca_file` is the trust for the Hub (None: the world's).

    `method` is one of METHODS; a device code is for Entra ID only.
    """

    arm: str
    identity: str
    tenant: str
    client_id: str
    secret: str = field(repr=False)
    subscription: str
    profile: str
    ca_file: Path | None = None
    method: str = SERVICE_PRINCIPAL
    certificate: str = ""
    password: str = field(default="", repr=False)
    show_code: ShowCode | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Endpoints:
    """What a Hub says of itself: where to sign in, with which kind of identity, for which audience."""

    authority: str
    identity: str
    audience: str


@dataclass(frozen=True)
class HubMachine:
    """A virtual machine of the Hub; `os_type` is Windows, Linux or empty, addresses are IPv4 text."""

    name: str
    private: tuple[str, ...]
    public: tuple[str, ...]
    os_type: str
    size: str
    group: str


class Hub:
    """One Azure Stack Hub as one account sees it. Errors come out as ProblemError."""

    def __init__(self, world: World, sign_in: HubSignIn, deadline: Callable[[], Deadline] = Deadline) -> None:
        self.world, self.sign_in, self._deadline = world, sign_in, deadline
        self.origin = sign_in.arm.rstrip("/")
        self.profile = PROFILES[sign_in.profile]

    @cached_property
    def endpoints(self) -> Endpoints:
        """What the Hub's metadata says; asked without a token. RefusedError where the world does not go there."""
        from services.azure import pipeline
        from services.azure.arm import Arm

        self.world.gate(urlsplit(self.origin).hostname or "")
        arm = Arm(self.origin, pipeline.anonymous(self.origin), self._transport(self.origin), self.explain)
        said = arm.get("/metadata/endpoints", METADATA_API) or {}
        found = read_endpoints(said, self.origin)
        self.world.gate(urlsplit(found.authority).hostname or "")
        return found

    @cached_property
    def arm(self) -> Arm:
        """The Hub's Resource Manager, signed in and read-only."""
        from services.azure import pipeline
        from services.azure.arm import Arm

        scope = self.endpoints.audience.rstrip("/") + "/.default"
        policies = pipeline.standard(self._credential(), scope, self.origin, read_only=True)
        return Arm(self.origin, policies, self._transport(self.origin), self.explain)

    def subscription(self) -> dict[str, Any] | None:
        """The chosen subscription on the Hub; None when there is none of that id."""
        return self.arm.get(f"/subscriptions/{self.sign_in.subscription}", SUBSCRIPTIONS_API)

    def inventory(self) -> list[HubMachine]:
        """The virtual machines of the subscription with their addresses, by name."""
        interfaces = self._listed("Microsoft.Network/networkInterfaces", self.profile.network)
        publics = self._listed("Microsoft.Network/publicIPAddresses", self.profile.network)
        machines = self._listed("Microsoft.Compute/virtualMachines", self.profile.compute)
        nics = {str(nic["id"]).lower(): nic for nic in interfaces}
        addresses = {str(one["id"]).lower(): one for one in publics}
        return sorted(
            (machine(one, nics, addresses) for one in machines), key=lambda found: found.name.lower()
        )

    def explain(self, error: BaseException, subject: str) -> ProblemError:
        """The answer to an error of the Hub; a certificate that is not believed is looked at."""
        from services.azure.diagnose import with_chain
        from services.problems.azure import from_exception

        trust = _("Name a file with the Hub's authority in the field 'Certificate authority' (hub.ca).")
        return with_chain(from_exception(error, subject), self.world, self._deadline(), trust)

    def _listed(self, kind: str, api_version: str) -> list[dict[str, Any]]:
        return self.arm.list(f"/subscriptions/{self.sign_in.subscription}/providers/{kind}", api_version)

    def _credential(self) -> Any:
        found, given = self.endpoints, self.sign_in
        sign_in = SignIn(
            cloud="",
            method=given.method,
            tenant=ADFS if found.identity == ADFS else given.tenant,
            client_id=given.client_id,
            secret=given.secret,
            certificate=given.certificate,
            password=given.password,
            show_code=given.show_code,
        )
        return credential_at(
            found.authority, sign_in, self.world, self._deadline, self._trust(found.authority)
        )

    def _transport(self, url: str) -> Any:
        from services.azure.transport import Transport

        return Transport(self.world, self._deadline, ca_file=self._trust(url))

    def _trust(self, url: str) -> Path | None:
        # Entra ID is public: only what stands in the Hub's own domain is signed by the Hub's authority.
        return self.sign_in.ca_file if inside(url, self.origin) else None


def inside(url: str, hub: str) -> bool:
    """Whether a server stands in the Hub's domain (management.REGION.DOMAIN, adfs.REGION.DOMAIN)."""
    host, own = urlsplit(url).hostname or "", urlsplit(hub).hostname or ""
    return host == own or host.endswith("." + own.partition(".")[2])


def read_endpoints(said: dict[str, Any], origin: str) -> Endpoints:
    """The endpoints in a metadata document; ProblemError when it is none."""
    section = said.get("authentication") or {}
    login, audiences = str(section.get("loginEndpoint") or ""), section.get("audiences") or []
    parts = urlsplit(login)
    if parts.scheme != "https" or not parts.netloc or not audiences:
        raise ProblemError(
            Problem(
                "hub-metadata",
                origin,
                _("This does not answer as the Resource Manager of an Azure Stack Hub."),
                remedy=_("Give the address of its Resource Manager: https://management.REGION.DOMAIN."),
                check=f"curl {origin}/metadata/endpoints?api-version={METADATA_API}",
            )
        )
    federated = (
        parts.path.strip("/").lower() == ADFS or str(section.get("identityProvider")).upper() == "ADFS"
    )
    return Endpoints(f"https://{parts.netloc}", ADFS if federated else ENTRA, str(audiences[0]))


def machine(
    document: dict[str, Any], nics: dict[str, dict[str, Any]], publics: dict[str, dict[str, Any]]
) -> HubMachine:
    """One machine with its addresses, those of the primary interface first."""
    properties = document.get("properties") or {}
    refs = (properties.get("networkProfile") or {}).get("networkInterfaces") or []
    primary_first = sorted(refs, key=lambda ref: not (ref.get("properties") or {}).get("primary"))
    private: list[str] = []
    public: list[str] = []
    for ref in primary_first:
        nic = nics.get(str(ref.get("id")).lower()) or {}
        for config in (nic.get("properties") or {}).get("ipConfigurations") or []:
            its = config.get("properties") or {}
            private.append(str(its.get("privateIPAddress") or ""))
            outside = publics.get(str((its.get("publicIPAddress") or {}).get("id")).lower()) or {}
            public.append(str((outside.get("properties") or {}).get("ipAddress") or ""))
    disk = (properties.get("storageProfile") or {}).get("osDisk") or {}
    return HubMachine(
        name=str(document.get("name") or last(str(document.get("id", "")))),
        private=tuple(filter(None, private)),
        public=tuple(filter(None, public)),
        os_type=str(disk.get("osType") or ""),
        size=str((properties.get("hardwareProfile") or {}).get("vmSize") or ""),
        group=_group(str(document.get("id", ""))),
    )


def _group(resource_id: str) -> str:
    parts = resource_id.split("/")
    names = [part.lower() for part in parts]
    return parts[names.index("resourcegroups") + 1] if "resourcegroups" in names[:-1] else ""
