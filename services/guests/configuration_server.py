"""What a configuration server shows of itself: its clock, its zone, its services (AS-6.6, AS-6.10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from services.guests import windows_files
from services.guests.model import Shell
from services.guests.powershell import powershell, quoted
from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.deadline import Deadline

SERVICES = (
    "ProcessServer",
    "ProcessServerMonitor",
    "cxprocessserver",
    "InMage PushInstall",
    "LogUpload",
    "InMage Scout Application Service",
    "obengine",
    "svagents",
    "tmansvc",
    "W3SVC",
    "MySQL",
    "dra",
)
"""Services of AS-6.10; obengine starts by hand, all others by themselves."""
BY_HAND = ("obengine",)


@dataclass(frozen=True)
class Service:
    """A service and its state as Windows names it (`Running`, `Stopped`), or `absent`."""

    name: str
    state: str

    @property
    def well(self) -> bool:
        return self.state == "Running" or (self.name in BY_HAND and self.state == "Stopped")


def services(shell: Shell, deadline: Deadline) -> tuple[Service, ...]:
    """The services of AS-6.10 on a server, whatever their state."""
    names = ",".join(quoted(name) for name in SERVICES)
    output = shell.run(
        powershell(
            f"$n={names};$a=Get-WmiObject Win32_Service;"
            "foreach($s in $a){if($n -contains $s.Name){$s.Name+'='+$s.State}}"
        ),
        deadline,
    )
    found = {
        name.lower(): state for name, _sign, state in (_pair(each) for each in output.stdout.splitlines())
    }
    return tuple(Service(name, found.get(name.lower(), "absent")) for name in SERVICES)


def clock(shell: Shell, deadline: Deadline) -> datetime:
    """What a Windows machine's clock shows, in UTC."""
    found = windows_files.script(
        shell, "[DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')", deadline, "clock"
    )
    try:
        return datetime.strptime(found[0].strip(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (IndexError, ValueError) as error:
        raise ProblemError(Problem("clock-unreadable", "clock", _("the machine gave no time."))) from error


def time_zone(shell: Shell, deadline: Deadline) -> str:
    """The time zone's id as Windows names it, such as `W. Europe Standard Time`."""
    return windows_files.run(shell, "tzutil /g", deadline, "tzutil").stdout.strip()


def skew(shell: Shell, server: str, deadline: Deadline) -> float | None:
    """Seconds by which the machine's clock is behind a time server, as w32tm measures it there (median).

    None when the time server does not answer the machine.
    """
    command = f"w32tm /stripchart /computer:{server} /samples:3 /dataonly"
    found = re.findall(r", ([+-]\d+[.,]\d+)s", shell.run(command, deadline).stdout)
    offsets = sorted(float(each.replace(",", ".")) for each in found)
    return offsets[len(offsets) // 2] if offsets else None


def _pair(line: str) -> tuple[str, str, str]:
    name, sign, state = line.strip().partition("=")
    return name, sign, state
