"""The checks of Windows machines, each one declaration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from services.readiness import (
    linux_reach,
    outside,
    windows_account,
    windows_connect,
    windows_disks,
    windows_firewall,
)
from services.readiness.declared import GuestCheck
from services.readiness.linux_reach import Tried
from services.readiness.model import Check, Finding, Status
from services.readiness.settings import CONTROL_PORT
from services.readiness.sources import ARTICLE, ERRORS, MATRIX
from services.readiness.visit import Visit
from services.readiness.windows_facts import WindowsFacts

SYSTEMS = ("Windows",)
TOOL = "PowerShell"
OUTCOMES = {
    "open": linux_reach.OPEN,
    "silent": linux_reach.SILENT,
    "10060": linux_reach.SILENT,
    "10051": linux_reach.SILENT,
    "10065": linux_reach.SILENT,
    "10061": linux_reach.REFUSED,
    "11001": linux_reach.NO_NAME,
    "11004": linux_reach.NO_NAME,
}
"""What the script says of a connection: its own word, or the number that Windows Sockets gives."""


def _facts(look: Callable[[str, WindowsFacts], Finding]) -> Callable[[Visit], Finding]:
    return lambda visit: look(visit.machine.name, visit.windows_facts)


def _control(visit: Visit) -> Finding:
    return _reach(linux_reach.CONTROL, visit, CONTROL_PORT)


def _data(visit: Visit) -> Finding:
    return _reach(linux_reach.DATA, visit, visit.ground.settings.data_port)


def _reach(check: str, visit: Visit, port: int) -> Finding:
    facts, settings = visit.windows_facts, visit.ground.settings
    said = facts.pairs("reach").get(str(port), "")
    if settings.process_server and said not in OUTCOMES:
        return Finding(
            check,
            visit.machine.name,
            Status.UNKNOWN,
            f"Whether the process server answers on port {port} could not be tried.",
            facts.evidence("reach"),
            fix=f"On the machine: telnet <server> {port}",
            source=ARTICLE,
        )
    tried = Tried(port, OUTCOMES[said], TOOL, facts.evidence("reach")[0]) if said else None
    return linux_reach.look(check, visit.machine.name, port, tried, settings)


def _outside(visit: Visit) -> Finding:
    ground = visit.ground
    return outside.look(visit.machine, ground.outside, ground.world.dialer, visit.deadline)


def _desktop_firewall(target: str, facts: WindowsFacts) -> Finding:
    found = windows_firewall.look(windows_firewall.REMOTE_DESKTOP, target, facts, (1, 2))
    return found if found.status is not Status.FAILED else windows_firewall.as_warning(found)


def _push(check: Check[Visit]) -> GuestCheck:
    return GuestCheck(check, SYSTEMS, push_only=True)


def _one(check: Check[Visit]) -> GuestCheck:
    return GuestCheck(check, SYSTEMS)


WINDOWS_CHECKS: tuple[GuestCheck, ...] = (
    _push(
        Check(
            windows_account.ADMIN,
            ("AS-4.3",),
            "The account is an administrator",
            _facts(windows_account.admin),
            ARTICLE,
            ("95107", "95517"),
        )
    ),
    _push(
        Check(
            windows_account.REMOTE_UAC,
            ("AS-4.4",),
            "Remote UAC leaves local accounts alone",
            _facts(windows_account.remote_uac),
            ARTICLE,
            ("95107",),
        )
    ),
    _push(
        Check(
            windows_firewall.FILE_SHARING.check,
            ("AS-4.5",),
            "The firewall lets in File and Printer Sharing",
            _facts(partial(windows_firewall.look, windows_firewall.FILE_SHARING)),
            ARTICLE,
            ("95105", "95106", "95117"),
        )
    ),
    _push(
        Check(
            windows_firewall.MANAGEMENT.check,
            ("AS-4.5",),
            "The firewall lets in WMI",
            _facts(partial(windows_firewall.look, windows_firewall.MANAGEMENT)),
            ARTICLE,
            ("95103",),
        )
    ),
    _push(
        Check(
            outside.CHECK,
            ("AS-4.2",),
            "Ports 135 and 445 answer",
            _outside,
            ARTICLE,
            ("95103", "95105", "95117", "95523"),
        )
    ),
    _one(
        Check(
            linux_reach.CONTROL,
            ("AS-4.2",),
            "The process server answers on 443",
            _control,
            ARTICLE,
            blocking=False,
        )
    ),
    _one(
        Check(
            linux_reach.DATA,
            ("AS-4.2",),
            "The process server answers on its data port",
            _data,
            ARTICLE,
            ("78186",),
            blocking=False,
        )
    ),
    _one(Check("free-space", ("AS-4.14",), "Free space", _facts(windows_disks.space), MATRIX, ("95524",))),
    _one(Check("bitlocker", ("AS-4.14",), "BitLocker is off", _facts(windows_disks.bitlocker), MATRIX)),
    _one(
        Check(
            "disk-layout",
            ("AS-4.14",),
            "Disks that a VM in Azure can have",
            _facts(windows_disks.layout),
            MATRIX,
            ("95309", "95310", "95311"),
            blocking=False,
        )
    ),
    _one(
        Check(
            "pending-restart",
            ("AS-9.8",),
            "No update waits for a restart",
            _facts(windows_connect.restart),
            ERRORS,
            ("95224",),
            blocking=False,
        )
    ),
    _one(
        Check(
            "time-zone",
            ("AS-6.6",),
            "Time zone",
            _facts(windows_connect.zone),
            windows_connect.ZONES,
            blocking=False,
        )
    ),
    _one(
        Check(
            "connect-desktop",
            ("AS-9.8",),
            "Remote Desktop is on",
            _facts(windows_connect.desktop),
            windows_connect.CONNECT,
            blocking=False,
        )
    ),
    _one(
        Check(
            windows_firewall.REMOTE_DESKTOP.check,
            ("AS-9.8",),
            "The firewall lets in Remote Desktop",
            _facts(_desktop_firewall),
            windows_connect.CONNECT,
            blocking=False,
        )
    ),
    _one(
        Check(
            "connect-san",
            ("AS-9.8",),
            "Every disk comes online",
            _facts(windows_connect.san_policy),
            windows_connect.CONNECT,
            blocking=False,
        )
    ),
)
"""Those that only push installation needs are left out where the Mobility service came another way."""
