"""Whether SSH answers on port 22, as push installation needs it."""

from __future__ import annotations

import time

from services.guests import trouble
from services.guests.model import Machine
from services.problems.model import Problem
from services.readiness.evidence import seen
from services.readiness.model import Finding, Status
from services.text import plain
from services.world.deadline import Deadline
from services.world.dialer import Dialer

PORT = 22
GREETING = b"SSH-"
MOST = 8_192
"""Bytes that are read at most; a greeting is under 256 (RFC 4253), lines may come before it."""
PATIENCE = 10.0
"""Real seconds for the connection and for the greeting."""
SOURCE = "Azure Stack article, step 1, 2026-09-21"


def look(machine: Machine, dialer: Dialer, deadline: Deadline) -> Finding:
    """Connect to port 22 and read what is said there. Nothing is sent."""
    command = _command(machine)
    try:
        said = _heard(machine.address, dialer, deadline)
    except OSError as error:
        deadline.check()
        problem = trouble.not_reached(error, machine.name, machine.address, PORT).problems[0]
        return _failed(machine, command, problem.what, _cause(problem))
    line = next((line for line in said.splitlines() if line.startswith(GREETING)), b"")
    text = plain(line.decode("utf-8", "replace"), 255)
    if line:
        return answered(machine, text)
    heard = plain(said.decode("utf-8", "replace"), 255) or "nothing"
    return _failed(machine, command, heard, "Something else than SSH listens there, or it hangs.")


def answered(machine: Machine, greeting: str) -> Finding:
    """What is found when the server has greeted us, here or in a session that is open."""
    evidence = (seen(_command(machine), plain(greeting, 255)),)
    return Finding("ssh-22", machine.name, Status.OK, f"SSH answers on port {PORT}.", evidence, source=SOURCE)


def not_tried(machine: Machine, way: str) -> Finding:
    """What is found of a machine behind a jump host that is not entered: nothing is dialed from here."""
    return Finding(
        "ssh-22",
        machine.name,
        Status.UNKNOWN,
        f"Port {PORT} was not tried: the way to the machine leads through {plain(way, 200)}.",
        cause="The SSH configuration names this way, and it did not lead into the machine on that port.",
        fix=f"Mend the way first. Or try from the configuration server: Test-NetConnection {machine.address} "
        f"-Port {PORT}",
        source=SOURCE,
    )


def _command(machine: Machine) -> str:
    return f"connect {machine.address}:{PORT} and read one line"


def _heard(address: str, dialer: Dialer, deadline: Deadline) -> bytes:
    """What the other side says, up to the end of the greeting; a silent one gives nothing."""
    said, end = b"", time.monotonic() + PATIENCE
    with dialer.connect(address, PORT, deadline) as sock:
        while len(said) < MOST and not _complete(said) and time.monotonic() < end:
            sock.settimeout(deadline.left(1.0))
            try:
                more = sock.recv(1_024)
            except TimeoutError:
                continue
            except ConnectionError:
                break
            if not more:
                break
            said += more
    return said[:MOST]


def _complete(said: bytes) -> bool:
    lines = said.split(b"\n")
    return any(line.startswith(GREETING) for line in lines[:-1])


def _cause(problem: Problem) -> str:
    if problem.code == "refused":
        return "Nothing listens on port 22; sshd is stopped or listens on another port."
    return "The machine is off, or a firewall drops what comes to port 22."


def _failed(machine: Machine, command: str, output: str, cause: str) -> Finding:
    return Finding(
        "ssh-22",
        machine.name,
        Status.FAILED,
        f"SSH does not answer on port {PORT}.",
        (seen(command, output),),
        cause=f"{cause} Push installation would end with error 95117 or 97118.",
        fix="Start sshd and let it listen on 22 ('Port 22' in /etc/ssh/sshd_config, then restart it), or "
        "install the Mobility service by hand and set mobility to installed.",
        source=SOURCE,
    )
