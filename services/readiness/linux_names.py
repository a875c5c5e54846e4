"""AS-4.8: /etc/hosts maps the host name to the addresses of all network adapters."""

from __future__ import annotations

import ipaddress
import re

from services.readiness.linux_facts import LinuxFacts
from services.readiness.model import Finding, Status
from services.readiness.sources import ARTICLE
from services.text import plain

CHECK = "hosts-file"
_ADAPTER = re.compile(r"(?:\d+:\s+)?([A-Za-z][^\s:@]*)(?:@\S+)?(?::|\s+Link|\s+inet)")
_INET = re.compile(r"(?:^|\s)inet (?:addr:)?(\d{1,3}(?:\.\d{1,3}){3})")
_TRIE = re.compile(r"(?:\|--|\+--)\s+(\d{1,3}(?:\.\d{1,3}){3})\n\s+/32 host LOCAL")
INNER = ("lo", "docker", "br-", "virbr", "veth", "cni", "flannel", "lxc", "podman")
"""Adapters that lead to containers and guests of this machine only."""
HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?")


def addresses(text: str) -> list[str]:
    """IPv4 addresses of adapters from `ip addr`, `ifconfig -a` or /proc/net/fib_trie, each once.

    Loopback and link-local ones belong to no network that matters here.
    """
    adapter, found = "", [*_TRIE.findall(text)]
    for line in text.split("\n"):
        # A new adapter begins at the margin; `ip -o` repeats its name on each line.
        begins = _ADAPTER.match(line)
        adapter = begins[1] if begins else adapter
        if not adapter.startswith(INNER):
            found += _INET.findall(line)
    return [one for one in dict.fromkeys(found) if _matters(one)]


def _matters(address: str) -> bool:
    try:
        value = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (value.is_loopback or value.is_link_local or value.is_unspecified)


def mapped(text: str) -> dict[str, set[str]]:
    """Addresses of a hosts(5) file and the names of each, in lower case."""
    found: dict[str, set[str]] = {}
    for line in text.split("\n"):
        address, *names = line.partition("#")[0].split() or [""]
        if address:
            found.setdefault(address, set()).update(name.lower() for name in names)
    return found


def missing(facts: LinuxFacts) -> tuple[str, list[str]]:
    """The host name, and the addresses that /etc/hosts does not map it to."""
    name = facts["hostname"].strip()
    known = mapped(facts["hosts"])
    own = addresses(facts["addresses"])
    return name, [address for address in own if name.lower() not in known.get(address, set())]


def look(target: str, facts: LinuxFacts) -> Finding:
    """Compare the addresses of all adapters with the file."""
    evidence = facts.evidence("hostname", "addresses", "hosts")
    name, without = missing(facts)
    own = addresses(facts["addresses"])
    if not HOSTNAME.fullmatch(name) or not own:
        return Finding(
            CHECK,
            target,
            Status.UNKNOWN,
            "The host name or the addresses of the adapters could not be read.",
            evidence,
            cause="Neither ip nor ifconfig nor /proc/net/fib_trie gave an address, or hostname gave no name.",
            fix="Look by hand: ip -4 addr; grep $(hostname) /etc/hosts",
            source=ARTICLE,
        )
    if not without:
        what = f"/etc/hosts maps {plain(name, 100)} to all addresses: {', '.join(own)}."
        return Finding(CHECK, target, Status.OK, what, evidence, source=ARTICLE)
    return Finding(
        CHECK,
        target,
        Status.FAILED,
        f"/etc/hosts does not map {plain(name, 100)} to {', '.join(without)}.",
        evidence,
        cause="The Mobility service finds its own addresses by the host name; push installation may fail.",
        fix=f"Add to /etc/hosts: {'; '.join(f'{address} {plain(name, 100)}' for address in without)}",
        source=ARTICLE,
    )
