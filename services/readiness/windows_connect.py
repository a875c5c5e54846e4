"""AS-9.8, 95224 and AS-6.6: what a Windows machine must be for signing in after a failover; restart and zone."""

from __future__ import annotations

from services.readiness.model import Finding, Status
from services.readiness.windows_facts import WindowsFacts
from services.text import plain

CONNECT = "Run a test failover to Azure, 2018-10-28"
ERRORS = "Push installation errors, 2017-12-12"
ZONES = "Azure Stack article, step 3, 2026-09-21"
ONLINE_ALL = "1"
SAN = {"1": "OnlineAll", "2": "OfflineShared", "3": "OfflineAll", "4": "OfflineInternal"}


def desktop(target: str, facts: WindowsFacts) -> Finding:
    """Whether Remote Desktop is on."""
    value, evidence = facts.pairs("connect").get("deny", ""), facts.evidence("connect")
    if value == "0":
        what = "Remote Desktop is on."
        return Finding("connect-desktop", target, Status.OK, what, evidence, source=CONNECT)
    if value != "1":
        return _unread("connect-desktop", target, facts, "Whether Remote Desktop is on")
    return Finding(
        "connect-desktop",
        target,
        Status.WARNING,
        "Remote Desktop is off.",
        evidence,
        cause="After a failover nobody could sign in to the VM in Azure.",
        fix="On the machine: System, Remote settings, allow connections; and let it in through the firewall.",
        source=CONNECT,
    )


def san_policy(target: str, facts: WindowsFacts) -> Finding:
    """Whether Windows brings every disk online that it finds."""
    value, evidence = facts.pairs("connect").get("san", ""), facts.evidence("connect")
    if value == ONLINE_ALL:
        what = "The SAN policy is OnlineAll."
        return Finding("connect-san", target, Status.OK, what, evidence, source=CONNECT)
    if facts.failed("connect") is not None:
        return _unread("connect-san", target, facts, "The SAN policy")
    return Finding(
        "connect-san",
        target,
        Status.WARNING,
        f"The SAN policy is {SAN.get(value, 'not set')}, not OnlineAll.",
        evidence,
        cause="Data disks can be offline in Azure, and drive letters can change.",
        fix="On the machine, as administrator: diskpart, then: san policy=onlineall",
        source=CONNECT,
    )


def restart(target: str, facts: WindowsFacts) -> Finding:
    """Whether updates wait for a restart."""
    evidence, reason = facts.evidence("restart"), facts.failed("restart")
    if reason is not None:
        return _unread("pending-restart", target, facts, "Whether updates wait for a restart", "restart")
    if not facts.all("restart", "pending"):
        what = "No update waits for a restart."
        return Finding("pending-restart", target, Status.OK, what, evidence, source=CONNECT)
    return Finding(
        "pending-restart",
        target,
        Status.WARNING,
        "Updates wait for a restart.",
        evidence,
        cause="An installation that waits for a restart can stop push installation (95224), and a VM that "
        "fails over goes on with its updates before anybody can sign in.",
        fix="Restart the machine in its next maintenance window, then check again.",
        source=f"{CONNECT}; {ERRORS}",
    )


def zone(target: str, facts: WindowsFacts) -> Finding:
    """The time zone, with which the setup compares the clock."""
    values, evidence = facts.pairs("zone"), facts.evidence("zone")
    name, minutes = plain(values.get("zone", ""), 80), values.get("minutes", "")
    if not name:
        return _unread("time-zone", target, facts, "The time zone", "zone")
    offset = f", {int(minutes):+d} minutes from UTC now" if minutes.lstrip("-").isdigit() else ""
    if values.get("fixed") != "1":
        what = f"The time zone is {name}{offset}."
        return Finding("time-zone", target, Status.OK, what, evidence, source=ZONES)
    return Finding(
        "time-zone",
        target,
        Status.WARNING,
        f"The time zone is {name}{offset}, and the clock is not adjusted for daylight saving time.",
        evidence,
        cause="Half of the year the local time is an hour off, and somebody may set the clock to mend it.",
        fix="On the machine: Date and Time, Change time zone, adjust automatically.",
        source=ZONES,
    )


def _unread(check: str, target: str, facts: WindowsFacts, what: str, section: str = "connect") -> Finding:
    return Finding(
        check,
        target,
        Status.UNKNOWN,
        f"{what} could not be read.",
        facts.evidence(section),
        cause=plain(facts.failed(section) or "", 300),
        source=CONNECT,
    )
