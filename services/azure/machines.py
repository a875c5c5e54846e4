"""Virtual machines in Azure with what belongs to them, and how many cores a region still has.

Paths are those of Microsoft.Compute 2024-07-01 (disks 2024-03-02) and Microsoft.Network 2024-05-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.azure.ids import last
from services.azure.jobs import parse_time
from services.azure.networks import NETWORK_API, properties

if TYPE_CHECKING:
    from services.azure.arm import Arm

Json = dict[str, Any]
COMPUTE_API = "2024-07-01"
DISKS_API = "2024-03-02"


@dataclass(frozen=True)
class MachineView:
    """A machine as it runs. `power` is Azure's word (running, stopped, ...); `public` addresses, if it has any."""

    id: str
    name: str
    size: str
    power: str
    network_id: str
    subnet: str
    address: str
    public: tuple[str, ...]
    security_group: str
    boot_diagnostics: bool
    parts: tuple[str, ...]
    """Ids of its interfaces and disks."""
    since: str = ""
    """Since when Azure says that it is in this state, ISO UTC; empty where Azure gives no time."""


@dataclass(frozen=True)
class Cores:
    """What a region's quota of cores has left; `used` and `limit` of the whole region."""

    used: int
    limit: int
    by_size: dict[str, int]

    @property
    def left(self) -> int:
        return self.limit - self.used


class Machines:
    """Machines of one subscription. Errors come out as ProblemError; what is not there is None."""

    def __init__(self, arm: Arm, subscription: str) -> None:
        self._arm = arm
        self._compute = f"/subscriptions/{subscription}/providers/Microsoft.Compute"

    def named(self, group_id: str, name: str) -> MachineView | None:
        """The machine of a name in a group, with its power state and its first interface."""
        path = f"{group_id}/providers/Microsoft.Compute/virtualMachines/{name}"
        found = self._arm.get(path, COMPUTE_API, {"$expand": "instanceView"})
        return self._view(found) if found else None

    def belongings(self, group_id: str, name: str, known: tuple[str, ...] = ()) -> list[str]:
        """Ids of the machine of this name, of interfaces and disks that are attached to it, and of what is known.

        A name alone makes nothing its own: `app-01-test-data` may be anybody's.
        """
        machine = f"{group_id}/providers/Microsoft.Compute/virtualMachines/{name}".lower()
        mine = {machine, *(one.lower() for one in known)}
        lists = (
            ("Microsoft.Compute/virtualMachines", COMPUTE_API),
            ("Microsoft.Network/networkInterfaces", NETWORK_API),
            ("Microsoft.Compute/disks", DISKS_API),
        )
        return [
            str(one["id"])
            for kind, api in lists
            for one in self._arm.list(f"{group_id}/providers/{kind}", api)
            if str(one["id"]).lower() in mine or _owner(one) == machine
        ]

    def cores(self, region: str) -> Cores:
        """The quota of cores of a region, and the cores of each size."""
        base = f"{self._compute}/locations/{region}"
        usages = self._arm.list(f"{base}/usages", COMPUTE_API)
        total = next((u for u in usages if (u.get("name") or {}).get("value") == "cores"), {})
        sizes = self._arm.list(f"{base}/vmSizes", COMPUTE_API)
        by_size = {str(size["name"]).lower(): int(size["numberOfCores"]) for size in sizes}
        return Cores(int(total.get("currentValue") or 0), int(total.get("limit") or 0), by_size)

    def _view(self, machine: Json) -> MachineView:
        about = properties(machine)
        interfaces = [
            str(one["id"]) for one in (about.get("networkProfile") or {}).get("networkInterfaces") or []
        ]
        nic = properties(self._arm.get(interfaces[0], NETWORK_API) if interfaces else None)
        configurations = [properties(one) for one in nic.get("ipConfigurations") or []]
        ip = configurations[0] if configurations else {}
        subnet = str((ip.get("subnet") or {}).get("id") or "")
        return MachineView(
            id=str(machine["id"]),
            name=str(machine["name"]),
            size=str((about.get("hardwareProfile") or {}).get("vmSize") or ""),
            power=_power(about),
            network_id=subnet.rsplit("/subnets/", 1)[0] if subnet else "",
            subnet=last(subnet) if subnet else "",
            address=str(ip.get("privateIPAddress") or ""),
            public=tuple(filter(None, (self._public(one) for one in configurations))),
            security_group=last(str((nic.get("networkSecurityGroup") or {}).get("id") or "")),
            boot_diagnostics=bool(
                ((about.get("diagnosticsProfile") or {}).get("bootDiagnostics") or {}).get("enabled")
            ),
            parts=(*interfaces, *_disks(about)),
            since=_since(about),
        )

    def _public(self, configuration: Json) -> str:
        id_ = str((configuration.get("publicIPAddress") or {}).get("id") or "")
        found = self._arm.get(id_, NETWORK_API) if id_ else None
        return str(properties(found).get("ipAddress") or "")


def _owner(resource: Json) -> str:
    """The id of the machine that an interface or disk is attached to, in lower case; empty without one."""
    machine = (properties(resource).get("virtualMachine") or {}).get("id") or resource.get("managedBy")
    return str(machine or "").lower()


def _power(about: Json) -> str:
    for status in (about.get("instanceView") or {}).get("statuses") or []:
        kind, _, state = str(status.get("code") or "").partition("/")
        if kind == "PowerState":
            return state
    return ""


def _since(about: Json) -> str:
    """The time of the power state; Azure often gives that of the provisioning only, which ends with the start."""
    statuses = (about.get("instanceView") or {}).get("statuses") or []
    times = {str(one.get("code") or "").lower(): parse_time(one.get("time")) for one in statuses}
    powers = [at for code, at in times.items() if code.startswith("powerstate/")]
    at = next(filter(None, powers), None) or times.get("provisioningstate/succeeded")
    return at.isoformat(timespec="seconds") if at else ""


def _disks(about: Json) -> list[str]:
    storage = about.get("storageProfile") or {}
    disks = [storage.get("osDisk") or {}, *(storage.get("dataDisks") or [])]
    found = [str((disk.get("managedDisk") or {}).get("id") or "") for disk in disks]
    return [one for one in found if one]
