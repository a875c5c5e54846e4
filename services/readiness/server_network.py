"""AS-3.4 and AS-3.5: the configuration server's ports, address, TLS, and its way to the storage account."""

from __future__ import annotations

import ipaddress
import re

from services.readiness.model import Finding, Status
from services.readiness.server_checks import SOURCE, set_up, unread, whole
from services.readiness.windows_facts import WindowsFacts
from services.text import plain

PHYSICAL = "Source for physical servers, 2019-07-03"
NET_46 = 393_295
TUNNEL = re.compile(r"vpn|wan miniport|ppp|l2tp|sstp|ikev2|tap-|tunnel|wireguard|wintun", re.I)


def port(target: str, facts: WindowsFacts) -> Finding:
    """Before setup nothing listens on 443 and there is no default website."""
    evidence, sites = facts.evidence("port"), facts.all("port", "site")
    if facts.failed("port") is not None:
        return unread("cs-port", target, facts, "port", "Port 443")
    if set_up(facts):
        what = "Port 443 belongs to the configuration server that was set up here."
        return Finding("cs-port", target, Status.OK, what, evidence, source=SOURCE)
    taken = ["something listens on port 443"] if facts.all("port", "listener") else []
    taken += [f"IIS has {len(sites)} website(s)"] if sites else []
    if not taken:
        what = "Nothing listens on port 443, and there is no website."
        return Finding("cs-port", target, Status.OK, what, evidence, source=SOURCE)
    said = " and ".join(taken)
    return Finding(
        "cs-port",
        target,
        Status.FAILED,
        f"{said[:1].upper()}{said[1:]}.",
        evidence,
        cause="The configuration server listens on 443 with a website of its own.",
        fix="On the server: netstat -ano -p tcp shows the process; remove it, and the default website of IIS.",
        source=SOURCE,
    )


def address(target: str, facts: WindowsFacts, wanted: str) -> Finding:
    """The address is there, and it stays."""
    rows = [line.split() for line in facts.all("address", "adapter")]
    own = next((row for row in rows if wanted in row[1:]), None)
    evidence = facts.evidence("address")
    if own is None:
        return Finding(
            "cs-address",
            target,
            Status.WARNING,
            f"No adapter of the server has the address {wanted}.",
            evidence,
            cause="The address leads there through address translation, or another machine answered.",
            fix="Give the private address that the server itself has; address translation is not supported.",
            source=f"{SOURCE}; Process server troubleshooting, 2019-09-09",
        )
    if own[0] == "False":
        return Finding(
            "cs-address", target, Status.OK, f"{wanted} is a fixed address.", evidence, source=SOURCE
        )
    return Finding(
        "cs-address",
        target,
        Status.WARNING,
        f"{wanted} was given by DHCP.",
        evidence,
        cause="The address must never change. In an Azure Stack Hub it comes by DHCP also when it is fixed there, "
        "and that cannot be seen from inside.",
        fix="Hub portal, the VM's network interface, IP configurations: Assignment Static.",
        source=SOURCE,
    )


def tls(target: str, facts: WindowsFacts) -> Finding:
    """Where TLS 1.0 is off, TLS 1.2 is on and .NET is 4.6 or later with strong crypto."""
    values, evidence = facts.pairs("tls"), facts.evidence("tls")
    if not values.get("release", "").isdigit():
        return unread("cs-tls", target, facts, "tls", "The versions of TLS and .NET")
    old_off = any(_off(values.get(f"1.0 {end}", "")) for end in ("Client", "Server"))
    new_off = any(_off(values.get(f"1.2 {end}", "")) for end in ("Client", "Server"))
    against = [
        "TLS 1.2 is off" if new_off else "",
        ".NET is older than 4.6" if old_off and whole(values["release"]) < NET_46 else "",
        ".NET does not use strong crypto" if old_off and values.get("strong") != "1" else "",
    ]
    if not any(against):
        what = f"TLS 1.0 is {'off' if old_off else 'on'}, TLS 1.2 is on, .NET release {values['release']}."
        return Finding("cs-tls", target, Status.OK, what, evidence, source=PHYSICAL)
    return Finding(
        "cs-tls",
        target,
        Status.FAILED,
        f"{'; '.join(filter(None, against))}.",
        evidence,
        cause="Without a common TLS version, registration and the list of accounts fail.",
        fix="Turn TLS 1.2 on, install .NET 4.6 or later, and set SchUseStrongCrypto to 1.",
        source=PHYSICAL,
    )


def _off(state: str) -> bool:
    """`Enabled/DisabledByDefault` of a protocol; both may be missing. Setup takes what is on by default."""
    enabled, _blank, by_default = state.partition("/")
    return enabled == "0" or by_default.strip() == "1"


def storage_route(target: str, facts: WindowsFacts, endpoint: str) -> Finding:
    """Whether the way to the storage account can be seen to be a private one."""
    evidence = facts.evidence("route")
    adapters = dict(line.split(" ", 1) for line in facts.all("route", "adapter") if " " in line)
    routes = sorted(
        (line.split() for line in facts.all("route", "default")),
        key=lambda row: whole(row[1]) if row[1:] else 0,
    )
    private = [one for one in facts.all("route", "address") if _is_private(one)]
    through = plain(adapters.get(routes[0][0], ""), 80) if routes else ""
    if private or TUNNEL.search(through):
        why = (
            f"{endpoint} has the private address {private[0]}"
            if private
            else f"the default route is {through}"
        )
        return Finding(
            "cs-storage-route",
            target,
            Status.WARNING,
            f"The way to the storage account looks like a VPN: {why}.",
            evidence,
            cause="Replication over a site-to-site VPN from an Azure Stack is not supported.",
            fix="Let the server reach the public endpoint of the storage account through the Internet or "
            "ExpressRoute.",
            source="Azure Stack article, before you begin, 2026-09-21",
        )
    place = endpoint or "the storage account"
    what = (
        f"Nothing private is seen on the way to {place}. What lies behind the gateway cannot be seen there."
    )
    return Finding("cs-storage-route", target, Status.OK, what, evidence, source=SOURCE)


def _is_private(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_private
    except ValueError:
        return False
