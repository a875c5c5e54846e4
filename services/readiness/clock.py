"""How far a machine's clock is off, against a time server and against this host.

A clock is read over a network, so a reading is known to within half its round trip. A skew counts only as far
as it is proven: what could be the round trip is never held against a machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.guests.model import Machine, Shell
from services.guests.powershell import powershell
from services.problems.model import ProblemError
from services.readiness.evidence import seen
from services.readiness.model import Evidence, Finding, Status
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.model import World

LIMIT = 300.0
"""Seconds; Unified Setup fails above it."""
NEAR = 120.0
"""Seconds; from here on it warns."""
GOOD = 5.0
"""Seconds: a reading to within this is not asked for again."""
SAMPLES = 3
SOURCE = "Azure Stack article, step 3, 2026-09-21; two minutes as the point to warn is ours"
LINUX = 'date "+%s %Z %z"'
POWERSHELL = "[DateTime]::UtcNow.ToString('o')"
WMIC = "wmic os get LocalDateTime /value"
ZONE = "tzutil /g"
_WMIC = re.compile(r"LocalDateTime=(\d{14})\.(\d{6})([+-]\d{3})")

TlsDate = Callable[[Deadline], "Reading | None"]
"""The time of a TLS answer, for where no time server can be reached."""


@dataclass(frozen=True)
class Reading:
    """`offset` is in seconds, positive when that clock is ahead of this world's; known to within `within`."""

    name: str
    offset: float
    within: float
    evidence: Evidence

    def against(self, other: Reading) -> Reading:
        """The same clock measured against another one."""
        return Reading(self.name, self.offset - other.offset, self.within + other.within, self.evidence)

    @property
    def proven(self) -> float:
        """Seconds that this clock is off at least."""
        return max(0.0, abs(self.offset) - self.within)


@dataclass(frozen=True)
class TrueTime:
    """Where the true time is taken from; `only_host` when neither a time server nor a TLS answer gave it."""

    reading: Reading
    only_host: bool = False
    tried: tuple[Evidence, ...] = ()


def true_time(world: World, deadline: Deadline, tls_date: TlsDate | None = None) -> TrueTime:
    """Ask the time servers, then a TLS answer; this host's own clock is the last resort."""
    from services.guests.timeserver import offset

    tried = []
    for server in world.time_servers:
        try:
            found = offset(server, world, deadline)
        except ProblemError as error:
            deadline.check()
            tried.append(seen(f"SNTP {server}, UDP 123", error.problems[0].what))
            continue
        shown = f"this host is {_signed(-found.offset)} s off, round trip {found.delay:.1f} s"
        evidence = seen(f"SNTP {server}, UDP 123", shown)
        return TrueTime(Reading(server, found.offset, abs(found.delay) / 2, evidence), tried=tuple(tried))
    by_tls = tls_date(deadline) if tls_date else None
    if by_tls:
        return TrueTime(by_tls, tried=tuple(tried))
    own = Reading("this host", 0.0, 0.0, seen("this host's clock", world.clock.now().isoformat()))
    return TrueTime(own, only_host=True, tried=tuple(tried))


def read(machine: Machine, shell: Shell, clock: Clock, deadline: Deadline) -> Reading | None:
    """Read a machine's clock, the best of a few samples; None when it gives no time."""
    ask = _linux if machine.os_type == "Linux" else _windows
    best: Reading | None = None
    for _sample in range(SAMPLES):
        found = ask(machine.name, shell, clock, deadline)
        if found is None:
            return best
        if best is None or found.within < best.within:
            best = found
        if best.within <= GOOD:
            break
    return best


def measured(
    name: str, shown: datetime, asked: datetime, answered: datetime, resolution: float, evidence: Evidence
) -> Reading:
    """A reading from what a clock showed at some moment between two moments of this world.

    `resolution` is what the shown time is cut to, in seconds.
    """
    middle = asked + (answered - asked) / 2
    offset = (shown - middle).total_seconds() + resolution / 2
    return Reading(name, offset, (answered - asked).total_seconds() / 2 + resolution / 2, evidence)


def finding(check: str, target: str, reading: Reading | None, true: TrueTime, *, blocks: bool) -> Finding:
    """Judge a reading. `blocks` is for the configuration server, where five minutes stop the setup."""
    if reading is None:
        return Finding(
            check,
            target,
            Status.UNKNOWN,
            "The machine's clock could not be read.",
            fix="Compare it by hand: w32tm /stripchart /computer:time.windows.com /samples:3, or date -u.",
            source=SOURCE,
        )
    skew = reading.against(true.reading)
    status = _status(skew.proven, blocks)
    to_host = f"against this host {_words(reading)}"
    what = f"The clock is {_words(skew)} by {true.reading.name}"
    what += "; no time server answered." if true.only_host else f", {to_host}."
    evidence = (reading.evidence, true.reading.evidence, *true.tried)
    if status is Status.OK:
        return Finding(check, target, status, what, evidence, source=SOURCE)
    return Finding(check, target, status, what, evidence, _cause(skew), _fix(target, reading), SOURCE)


def host_finding(true: TrueTime) -> Finding:
    """Whether this host's own clock can be trusted."""
    host = Reading("this host", 0.0, 0.0, true.reading.evidence).against(true.reading)
    evidence = (true.reading.evidence, *true.tried)
    if true.only_host:
        return Finding(
            "host-clock",
            "this host",
            Status.WARNING,
            "Neither a time server nor a TLS answer gave the time; machines are compared with this host.",
            evidence,
            cause="UDP port 123 is closed on the way, and Azure was not reached.",
            fix="Name a time server of your own network in the settings.",
            source=SOURCE,
        )
    status = Status.OK if host.proven <= NEAR else Status.WARNING
    what = f"This host's clock is {_words(host)} by {true.reading.name}."
    fix = "" if status is Status.OK else "Set this host's clock; sign-in fails too when it is far off."
    return Finding("host-clock", "this host", status, what, evidence, fix=fix, source=SOURCE)


def _linux(name: str, shell: Shell, clock: Clock, deadline: Deadline) -> Reading | None:
    asked = clock.now()
    output = shell.run(LINUX, deadline)
    answered = clock.now()
    seconds = output.stdout.strip().partition(" ")[0]
    if not re.fullmatch(r"\d{1,11}", seconds):
        return None
    shown = datetime.fromtimestamp(int(seconds), UTC)
    return measured(name, shown, asked, answered, 1.0, seen(LINUX, output.stdout))


def _windows(name: str, shell: Shell, clock: Clock, deadline: Deadline) -> Reading | None:
    for command, line, parse in (
        (POWERSHELL, powershell(POWERSHELL), utc_of_iso),
        (WMIC, WMIC, utc_of_wmic),
    ):
        asked = clock.now()
        output = shell.run(line, deadline)
        answered = clock.now()
        shown = parse(output.stdout)
        if shown:
            return measured(name, shown, asked, answered, 0.0, seen(command, output.stdout))
    return None


def utc_of_iso(text: str) -> datetime | None:
    """The time that PowerShell prints in its round-trip format: 2026-11-21T09:22:06.1230000Z."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def utc_of_wmic(text: str) -> datetime | None:
    """The time that wmic prints, with its zone in minutes: 20261121102206.123000+060."""
    found = _WMIC.search(text)
    if not found:
        return None
    try:
        local = datetime.strptime(f"{found[1]}.{found[2]}", "%Y%m%d%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None
    return local - timedelta(minutes=int(found[3]))


def _status(proven: float, blocks: bool) -> Status:
    if proven > LIMIT:
        return Status.FAILED if blocks else Status.WARNING
    return Status.WARNING if proven > NEAR else Status.OK


def _cause(skew: Reading) -> str:
    hours = round(skew.offset / 1800) / 2
    if hours and abs(skew.offset - hours * 3600) < LIMIT:
        return (
            f"It is off by about {abs(hours):g} hours, which looks like a wrong time zone: the clock shows "
            "the local time, but the zone belongs to another place."
        )
    return (
        "Nothing keeps it in step, or it follows a host that is off. Setup and registration fail above "
        "five minutes."
    )


def _fix(target: str, reading: Reading) -> str:
    if reading.evidence.command == LINUX:
        return (
            "Set it and keep it in step: chronyc makestep where chronyd runs, timedatectl set-ntp true where systemd "
            "keeps the time, ntpdate time.windows.com on older systems; then leave chronyd or ntpd running."
        )
    return f"On {target}: w32tm /resync, and check the time zone with tzutil /g."


def _signed(seconds: float) -> str:
    return f"{seconds:+.1f}"


def _words(reading: Reading) -> str:
    if abs(reading.offset) <= reading.within:
        return f"right to within {_span(reading.within)}"
    where = "ahead" if reading.offset > 0 else "behind"
    return f"{_span(abs(reading.offset))} {where} (to within {_span(reading.within)})"


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
