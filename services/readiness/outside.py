"""AS-4.2: ports 135 and 445 of Windows machines, tried from the configuration server where it lets us in."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.guests.model import Machine, Shell
from services.guests.powershell import powershell, quoted
from services.readiness.evidence import seen
from services.readiness.model import Evidence, Finding, Status
from services.readiness.sources import ARTICLE, ERRORS
from services.text import plain
from services.world.deadline import Deadline
from services.world.dialer import Dialer

CHECK = "push-ports"
PORTS = (135, 445)
OPEN, CLOSED = "open", "closed"
AT_ONCE = 40
"""Machines in one command line; their connections are opened side by side."""
SECONDS = 5
"""Real seconds that all of them together may take."""


@dataclass(frozen=True)
class Outside:
    """What the configuration server saw: `states` by address and port. `why` says why it did not look."""

    server: str = ""
    states: Mapping[tuple[str, int], str] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    why: str = ""


def script(addresses: Sequence[str]) -> str:
    """Opens every connection first, then waits for all of them; for PowerShell 2.0."""
    listed = ",".join(quoted(address) for address in addresses)
    ports = ",".join(str(port) for port in PORTS)
    return (
        f"$n=@();$t=@();$h=@();foreach($a in {listed}){{foreach($p in {ports})"
        '{$c=New-Object Net.Sockets.TcpClient;$n+="${a}:$p";$t+=$c;$h+=$c.BeginConnect($a,$p,$null,$null)}};'
        # All wait together: once one was silent to the end, the others have had their time too.
        f"$i=0;$m={SECONDS * 1000};foreach($c in $t){{if(-not $h[$i].AsyncWaitHandle.WaitOne($m,$false)){{$m=50}};"
        "$s='closed';if($c.Connected){$s='open'};$n[$i]+'='+$s;$c.Close();$i+=1}"
    )


def from_server(shell: Shell, server: str, machines: Sequence[Machine], deadline: Deadline) -> Outside:
    """Try the ports of these machines from the server. ProblemError when the session breaks."""
    addresses = [machine.address for machine in machines if _is_address(machine.address)]
    states: dict[tuple[str, int], str] = {}
    evidence: dict[str, Evidence] = {}
    for start in range(0, len(addresses), AT_ONCE):
        some = addresses[start : start + AT_ONCE]
        output = shell.run(powershell(script(some)), deadline)
        found = read(output.stdout)
        states |= found
        for address in some:
            lines = [f"{one}:{port} {state}" for (one, port), state in found.items() if one == address]
            command = f"TcpClient from {server} to {address}, ports {' and '.join(map(str, PORTS))}"
            evidence[address] = seen(command, "\n".join(lines) or output.stderr)
    return Outside(server, states, evidence)


def read(text: str) -> dict[tuple[str, int], str]:
    """States by address and port, from `ADDRESS:PORT=STATE` lines."""
    found = {}
    for line in text.splitlines():
        place, _sign, state = line.strip().partition("=")
        address, _colon, port = place.rpartition(":")
        if port.isdigit() and state in (OPEN, CLOSED):
            found[address, int(port)] = state
    return found


def look(machine: Machine, outside: Outside, dialer: Dialer, deadline: Deadline) -> Finding:
    """Judge the ports from the server's side. Where it did not look, this host does, which proves nothing."""
    states = {port: outside.states.get((machine.address, port), "") for port in PORTS}
    if not all(states.values()):
        return _from_here(machine, outside, dialer, deadline)
    evidence = (outside.evidence[machine.address],)
    closed = [str(port) for port, state in states.items() if state != OPEN]
    if not closed:
        what = f"{outside.server} reaches ports 135 and 445."
        return Finding(CHECK, machine.name, Status.OK, what, evidence, source=ARTICLE)
    return Finding(
        CHECK,
        machine.name,
        Status.FAILED,
        f"{outside.server} does not reach port {' and '.join(closed)}.",
        evidence,
        cause="Windows Firewall on the machine, or a firewall or network rule in between, drops the packets. Push "
        "installation ends with error 95103, 95105 or 95117.",
        fix=f"Open TCP {', '.join(closed)} from {outside.server} to {machine.name}; on the machine see the groups "
        "File and Printer Sharing and WMI.",
        source=f"{ARTICLE}; {ERRORS}",
    )


def _from_here(machine: Machine, outside: Outside, dialer: Dialer, deadline: Deadline) -> Finding:
    states = {port: _tried(machine.address, port, dialer, deadline) for port in PORTS}
    shown = ", ".join(f"{port} {state}" for port, state in states.items())
    evidence = (seen(f"TCP from this host to {machine.address}", shown),)
    why = plain(outside.why or "The configuration server did not look.", 300)
    reached = all(state == OPEN for state in states.values())
    what = (
        "Only this host was seen to reach ports 135 and 445."
        if reached
        else f"Not all of ports 135 and 445 are reached from this host ({shown})."
    )
    return Finding(
        CHECK,
        machine.name,
        Status.WARNING,
        what,
        evidence,
        cause=f"{why} Only the process server must reach them; this host may stand behind other rules.",
        fix=f"On the configuration server: Test-NetConnection {machine.address} -Port 135, and -Port 445.",
        source=ARTICLE,
    )


def _tried(address: str, port: int, dialer: Dialer, deadline: Deadline) -> str:
    try:
        dialer.connect(address, port, deadline).close()
    except OSError:
        deadline.check()
        return CLOSED
    return OPEN


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.IPv4Address(text))
    except ValueError:
        return False
