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
        "8 cores, 16 GB of memory, three disks, 600 GB free for the cache and 600 GB for retention.",
        "Azure Stack Hub portal, the VM: size and disks.",
        "wmic computersystem get NumberOfLogicalProcessors,TotalPhysicalMemory; wmic logicaldisk get "
        "Name,FreeSpace",
        REQUIREMENTS,
    ),
    ByHand(
        "AS-3.4",
        SERVER,
        "Windows Server 2012 R2 or 2016, installed in English (en-us), with a static address.",
        "The VM's image and its network adapter.",
        "wmic os get Caption,Locale,OSLanguage; netsh interface ipv4 show addresses",
        REQUIREMENTS,
    ),
    ByHand(
        "AS-3.4",
        SERVER,
        "No Active Directory Domain Services, no IIS, no Hyper-V; no default website; nothing listens on 443.",
        "Server Manager, Remove Roles and Features.",
        "Get-WindowsFeature AD-Domain-Services,Web-Server,Hyper-V; netstat -ano -p tcp | findstr :443",
        REQUIREMENTS,
    ),
    ByHand(
        "AS-3.4",
        SERVER,
        "Four group policies are off: access to the command prompt, registry editing tools, trust logic for "
        "file attachments, Turn on Script Execution.",
        "gpedit.msc, or the owner of the Group Policy.",
        "gpresult /h policies.html",
        REQUIREMENTS,
    ),
    ByHand(
        "AS-3.4",
        SERVER,
        "The documented names are reachable, directly or through the proxy.",
        "The firewall or proxy between the server and the Internet.",
        "Test-NetConnection login.microsoftonline.com -Port 443, and so on for each name of the list",
        REQUIREMENTS,
    ),
    ByHand(
        "AS-3.5",
        SERVER,
        "If TLS 1.0 is off: TLS 1.2 is on, and .NET is 4.6 or later with strong crypto. The proxy does not "
        "itself speak HTTPS.",
        "On the server.",
        'reg query "HKLM\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Full" /v Release (393295 or more)',
        "Source for physical servers, 2019-07-03",
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
