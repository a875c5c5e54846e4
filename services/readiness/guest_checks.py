"""The checks of a machine to protect, each one declaration. A new check is a new line in GUEST_CHECKS."""

from __future__ import annotations

from services.problems.model import CancelledError, DeadlineError, ProblemError
from services.readiness import clock, ssh_port
from services.readiness.declared import ARTICLE, GuestCheck
from services.readiness.evidence import seen
from services.readiness.linux_checks import LINUX_CHECKS
from services.readiness.model import Check, Finding, Status
from services.readiness.verdict import judge
from services.readiness.visit import Visit
from services.readiness.windows_checks import WINDOWS_CHECKS

__all__ = ["ARTICLE", "GUEST_CHECKS", "REACHABLE", "GuestCheck"]


def _ssh(visit: Visit) -> Finding:
    try:
        greeting = getattr(visit.shell, "greeting", "")
    except (CancelledError, DeadlineError):
        raise
    except ProblemError:
        greeting = ""
    if greeting:
        return ssh_port.answered(visit.machine, greeting)
    way = _way_round(visit)
    if way:
        return ssh_port.not_tried(visit.machine, way)
    return ssh_port.look(visit.machine, visit.ground.world.dialer, visit.deadline)


def _way_round(visit: Visit) -> str:
    """What the user's configuration leads through to the machine; empty where it is dialed from here."""
    from services.guests import ssh_config

    try:
        config = ssh_config.for_machine(visit.ground.world.ssh, visit.machine, ssh_port.PORT, visit.deadline)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError:
        return ""
    return ", ".join(config.jumps) or ("ProxyCommand" if config.command else "")


def _reachable(visit: Visit) -> Finding:
    session = visit.shell
    signed_in = f"Signed in as {visit.machine.user}." if visit.machine.user else "Signed in."
    notes = "\n".join(getattr(session, "notes", ()))
    evidence = seen(f"sign in to {visit.machine.address}", f"{signed_in}\n{notes}".strip())
    return Finding("reachable", visit.machine.name, Status.OK, signed_in, (evidence,), source=ARTICLE)


def _os_supported(visit: Visit) -> Finding:
    system = visit.system
    found = judge(system, visit.ground.live)
    what = f"{found.what} {' '.join(found.conditions)}".strip()
    if system.distribution and visit.machine.os_type.lower() != system.family:
        what = f"{what} The list of machines says {visit.machine.os_type}."
    return Finding(
        "os-supported",
        visit.machine.name,
        found.status,
        what,
        system.seen,
        found.cause,
        found.fix,
        found.source,
    )


def _clock(visit: Visit) -> Finding:
    reading = clock.read(visit.machine, visit.shell, visit.ground.world.clock, visit.deadline)
    return clock.finding("clock-skew", visit.machine.name, reading, visit.ground.true_time, blocks=False)


def _server_clock(visit: Visit) -> Finding:
    reading = clock.read(visit.machine, visit.shell, visit.ground.world.clock, visit.deadline)
    return clock.finding("cs-clock", visit.machine.name, reading, visit.ground.true_time, blocks=True)


REACHABLE = Check(
    "reachable", ("AS-4.16",), "The machine lets us in", _reachable, ARTICLE, ("95117", "97118")
)
GUEST_CHECKS: tuple[GuestCheck, ...] = (
    GuestCheck(
        Check("ssh-22", ("AS-4.10",), "SSH on port 22", _ssh, ARTICLE, ("95117", "97118")),
        systems=("Linux",),
        push_only=True,
    ),
    GuestCheck(REACHABLE),
    GuestCheck(
        Check("os-supported", ("AS-4.1", "AS-4.15"), "Operating system", _os_supported, ARTICLE, ("95213",))
    ),
    GuestCheck(
        Check("clock-skew", ("AS-6.6",), "Clock", _clock, clock.SOURCE, ("ACS50008",), blocking=False)
    ),
    *LINUX_CHECKS,
    *WINDOWS_CHECKS,
)
"""In the order in which they look: what stands before REACHABLE looks from outside, before anybody logs in."""
SERVER_CHECKS: tuple[GuestCheck, ...] = (
    GuestCheck(REACHABLE),
    GuestCheck(
        Check(
            "cs-clock",
            ("AS-6.6",),
            "The configuration server's clock",
            _server_clock,
            clock.SOURCE,
            ("ACS50008",),
        )
    ),
)
"""What a fix of the configuration server is seen by."""
