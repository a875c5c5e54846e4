"""AS-4.6: whether a Linux machine reaches the process server, tried from the machine with what it has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from services.guests.model import Shell
from services.readiness.evidence import seen
from services.readiness.linux_facts import LinuxFacts
from services.readiness.model import Evidence, Finding, Status
from services.readiness.settings import CONTROL_PORT, Settings
from services.readiness.sources import ARTICLE
from services.text import plain
from services.world.deadline import Deadline

CONTROL, DATA = "process-server-control", "process-server-data"
SECONDS = 5
"""Real seconds for one connection; two of them stay under the longest silence of a command."""
OPEN, REFUSED, SILENT, NO_NAME, UNSURE = "open", "refused", "silent", "no-name", "unsure"
_PYTHON = (
    "import socket,sys\ns=socket.socket()\ns.settimeout({seconds})\ntry:\n s.connect((sys.argv[1],int(sys.argv[2])))\n"
    "except Exception:\n sys.stderr.write(str(sys.exc_info()[1]))\n sys.exit(1)"
)
_PERL = (
    "use IO::Socket::INET;IO::Socket::INET->new(PeerAddr=>$ARGV[0],PeerPort=>$ARGV[1],Timeout=>{seconds})"
    " or die $@"
)
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Tried:
    """One connection from the machine: the port, how it went, and with which program."""

    port: int
    outcome: str
    tool: str
    evidence: Evidence


def attempt(tools: Sequence[str], host: str, port: int) -> tuple[str, str] | None:
    """The program that is used and its command line; None when the machine has none that will do.

    CentOS 5 has no `timeout`, a minimal Ubuntu no Python, a minimal CentOS no nc.
    """
    place = f"{shlex.quote(host)} {port}"
    if "timeout" in tools and "bash" in tools:
        inner = shlex.quote(f"exec 3<>/dev/tcp/{host}/{port}")
        return "bash", f"timeout {SECONDS} bash -c {inner} </dev/null"
    for name in ("python3", "python", "python2"):
        if name in tools:
            return name, f"{name} -c {shlex.quote(_PYTHON.format(seconds=SECONDS))} {place}"
    if "perl" in tools:
        return "perl", f"perl -e {shlex.quote(_PERL.format(seconds=SECONDS))} {place}"
    if "nc" in tools:
        return "nc", f"nc -w {SECONDS} {place} </dev/null"
    return None


def outcome(code: int, said: str) -> str:
    """What a program's exit code and message say."""
    text = said.lower()
    if code == 0:
        return OPEN
    if code in (126, 127):
        return UNSURE
    if "refused" in text:
        return REFUSED
    if any(
        sign in text for sign in ("name or service", "not known", "resolution", "bad hostname", "no address")
    ):
        return NO_NAME
    if code in (124, 143) or any(
        sign in text for sign in ("timed out", "timeout", "unreachable", "no route")
    ):
        return SILENT
    return UNSURE


def tries(shell: Shell, facts: LinuxFacts, settings: Settings, deadline: Deadline) -> dict[int, Tried]:
    """Try both ports in one round trip, by port. ProblemError when the session breaks."""
    ports = (CONTROL_PORT, settings.data_port)
    if not NAME.fullmatch(settings.process_server):
        return {}
    made = {port: attempt(facts.tools, settings.process_server, port) for port in ports}
    usable = {port: found for port, found in made.items() if found}
    if not usable:
        return {}
    lines = [f"echo =={port}; {command} 2>&1; echo code=$?" for port, (_tool, command) in usable.items()]
    output = shell.run("; ".join(lines), deadline)
    return read(output.stdout, usable)


def read(text: str, made: dict[int, tuple[str, str]]) -> dict[int, Tried]:
    """The outcome by port, from the output of `tries`."""
    found = {}
    for port, (tool, command) in made.items():
        part = re.search(rf"^=={port}\n(.*?)code=(\d{{1,3}})$", text, re.M | re.S)
        if part:
            shown = seen(command, f"{part[1]}exit code {part[2]}")
            found[port] = Tried(port, outcome(int(part[2]), part[1]), tool, shown)
    return found


def look(check: str, target: str, port: int, tried: Tried | None, settings: Settings) -> Finding:
    """Judge one port."""
    server = plain(settings.process_server, 100)
    if not settings.process_server:
        what = "The process server is not named yet, so nothing was tried."
        return _unknown(check, target, port, what, "The configuration server is named in a later step.", None)
    if tried is None or tried.outcome == UNSURE:
        what = f"Whether {server} answers on port {port} could not be tried."
        cause = "" if tried else "The machine has neither timeout with bash, nor Python, Perl or nc."
        return _unknown(check, target, port, what, cause, tried)
    evidence = (tried.evidence,)
    if tried.outcome == OPEN:
        what = f"{server} answers on port {port} (tried with {tried.tool})."
        return Finding(check, target, Status.OK, what, evidence, source=ARTICLE)
    if tried.outcome == REFUSED:
        return Finding(
            check,
            target,
            Status.WARNING,
            f"{server} refuses port {port} (tried with {tried.tool}).",
            evidence,
            cause="Nothing listens there, as before Unified Setup has run; or a firewall answers for it.",
            fix="Check again once the configuration server is set up. If it still refuses, open the port.",
            source=ARTICLE,
        )
    why = (
        "Its name is not known to the machine."
        if tried.outcome == NO_NAME
        else "A firewall drops the packets."
    )
    return Finding(
        check,
        target,
        Status.FAILED,
        f"{server} does not answer on port {port} (tried with {tried.tool}).",
        evidence,
        cause=f"{why} The agent could neither register nor send data.",
        fix=f"Open TCP {port} from {target} to {server} in every firewall and network rule between them.",
        source=ARTICLE,
    )


def _unknown(check: str, target: str, port: int, what: str, cause: str, tried: Tried | None) -> Finding:
    return Finding(
        check,
        target,
        Status.UNKNOWN,
        what,
        (tried.evidence,) if tried else (),
        cause=cause,
        fix=f"On the machine: bash -c '</dev/tcp/<server>/{port}' && echo open",
        source=ARTICLE,
    )
