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
        "The VM's disks in the Azure Stack Hub portal, and whoever set up the storage.",
        "ls /sys/class/iscsi_session; lsscsi -t",
        MATRIX,
    ),
)
SERVER_ITEMS = (
    ByHand(
        "AS-3.4",
        SERVER,
        "The names of the documented list that stand for many (such as *.backup.windowsazure.com) are allowed, "
        "directly or through the proxy: no check can try them. The proxy does not itself speak HTTPS.",
        "The firewall or proxy between the server and the Internet.",
        "The rules of the firewall or proxy: *.hypervrecoverymanager, *.backup, *.accesscontrol, *.blob and *.store "
        "of the cloud",
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
            (Evidence(item.command, "to be run by hand"),),
            cause="It is left to you; the command shows whether it is so.",
            fix=item.where,
            source=item.source,
        )
        for item in items
    ]
