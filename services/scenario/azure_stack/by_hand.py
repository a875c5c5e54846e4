"""What machines and the configuration server must have, and what is left to a person to look at.

Each item says what, where to do it and with which command it is seen that it was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.guests.model import Machine
from services.readiness.model import Evidence, Finding, Status


@dataclass(frozen=True)
class ByHand:
    """One item. `id` is the documented one; `target` says for what: Windows, Linux or the server."""

    id: str
    target: str
    what: str
    where: str
    command: str
    source: str = "Azure Stack article, step 1, 2026-09-21"


WINDOWS = "Windows"
LINUX = "Linux"
SERVER = "server"
MATRIX = "VMware and physical support matrix, 2023-09-28"
REQUIREMENTS = "Configuration server requirements, 2018-09-03"

MACHINE_ITEMS = (
    ByHand(
        "AS-4.14",
        LINUX,
        "No disk is shared with another machine, and none comes over iSCSI.",
        "Run the command on each Linux machine: no session and no iscsi line means no iSCSI. For shared disks look "
        "at the VM's disks in the Azure Stack Hub portal, and ask whoever set up the storage.",
        "ls /sys/class/iscsi_session; lsscsi -t",
        MATRIX,
    ),
)
SERVER_ITEMS = (
    ByHand(
        "AS-3.4",
        SERVER,
        "Documented names with a star, such as *.backup.windowsazure.com, are allowed, directly or through the "
        "proxy. A name with a star cannot be tried. The proxy's own address does not begin with https://.",
        "Run the command on the server: it names the proxy. Then see in the rules of that proxy, or of the "
        "firewall, that the names are allowed: *.hypervrecoverymanager, *.backup, *.accesscontrol, *.blob and "
        "*.store of the cloud.",
        "netsh winhttp show proxy",
        REQUIREMENTS,
    ),
)
CHECK = "by-hand"


def for_machines(machines: Iterable[Machine]) -> list[Finding]:
    """One finding an item, for the systems in the list; push items only where something is pushed."""
    pushed = [machine for machine in machines if machine.mobility == "push"]
    systems = {machine.os_type for machine in pushed}
    return _findings(item for item in MACHINE_ITEMS if item.target in systems)


def for_server(name: str) -> list[Finding]:
    """One finding an item of the configuration server."""
    return _findings(SERVER_ITEMS, name)


def documented(items: Sequence[ByHand]) -> tuple[str, ...]:
    """The documented ids of items, each once."""
    return tuple(dict.fromkeys(item.id for item in items))


def _findings(items: Iterable[ByHand], name: str = "") -> list[Finding]:
    return [
        Finding(
            CHECK,
            f"{name or 'every ' + item.target + ' machine'}, {item.id}",
            Status.UNKNOWN,
            f"Not looked at here: {item.what}",
            (Evidence(item.command, "run it yourself"),),
            cause="The program cannot see this. You look yourself.",
            fix=item.where,
            source=item.source,
        )
        for item in items
    ]
