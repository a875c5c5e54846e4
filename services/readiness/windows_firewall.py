"""AS-4.5 and AS-9.8: predefined groups of Windows Firewall, for the profiles in use, in any language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.readiness.model import Finding, Status
from services.readiness.sources import ARTICLE, ERRORS
from services.readiness.windows_facts import DESKTOP, SHARING, WMI, WindowsFacts
from services.text import plain

INBOUND_BLOCKED = "2"
"""NET_FW_MODIFY_STATE_INBOUND_BLOCKED: whatever comes in is blocked, and rules that allow do not count."""
PROFILES = {1: "domain", 2: "private", 4: "public"}


@dataclass(frozen=True)
class Group:
    """A predefined group. `needed` are the LocalPorts of TCP rules of which one must be open in a profile."""

    check: str
    resource: str
    title: str
    needed: tuple[str, ...]
    cause: str
    source: str = f"{ARTICLE}; {ERRORS}"

    @property
    def number(self) -> str:
        """What tells its resource name from others."""
        return self.resource.rpartition("-")[2]

    @property
    def command(self) -> str:
        """What switches the whole group on."""
        return f'netsh advfirewall firewall set rule group="{self.resource}" new enable=yes'


FILE_SHARING = Group(
    "firewall-file-sharing",
    SHARING,
    "File and Printer Sharing",
    ("445",),
    "The process server copies the agent through a share; without it push installation ends with error "
    "95105 or 95106.",
)
MANAGEMENT = Group(
    "firewall-wmi",
    WMI,
    "Windows Management Instrumentation (WMI)",
    ("135", "RPC-EPMap"),
    "The process server starts the installation through WMI; without it push installation ends with error 95103.",
)
REMOTE_DESKTOP = Group(
    "connect-firewall",
    DESKTOP,
    "Remote Desktop",
    ("3389",),
    "After a failover nobody could sign in to the VM in Azure.",
    "Run a test failover to Azure, 2018-10-28",
)


@dataclass(frozen=True)
class Rule:
    """An inbound rule that allows. `key` is the same in every language and tells rules of a group apart."""

    group: str
    on: bool
    key: str

    @property
    def profiles(self) -> int:
        head = self.key.partition("/")[0]
        return int(head) if head.isdigit() else 0

    @property
    def opens(self) -> str:
        """The LocalPorts of a TCP rule, else empty."""
        parts = self.key.split("/")
        return parts[2] if len(parts) > 2 and parts[1] == "6" else ""


def rules(facts: WindowsFacts) -> list[Rule]:
    """The inbound rules of the groups that were asked for."""
    found = []
    for line in facts.all("firewall", "rule"):
        group, _blank, rest = line.partition(" ")
        on, _blank, key = rest.partition(" ")
        if on in ("True", "False"):
            found.append(Rule(group, on == "True", key))
    return found


def in_use(facts: WindowsFacts) -> list[int]:
    """The profiles in use in which the firewall is on; none when it was not said."""
    values = facts.pairs("firewall")
    current = values.get("current", "")
    return [
        bit
        for bit in PROFILES
        if current.isdigit() and int(current) & bit and values.get(f"on.{bit}") == "True"
    ]


def look(group: Group, target: str, facts: WindowsFacts, profiles: Sequence[int] = ()) -> Finding:
    """Judge a group in the profiles in use, or in those given."""
    evidence = facts.evidence("firewall")
    values = facts.pairs("firewall")
    if facts.failed("firewall") is not None or not values.get("current", "").isdigit():
        return _unknown(group, target, facts)
    wanted = list(profiles) or in_use(facts)
    names = _names(wanted)
    if not wanted:
        what = "Windows Firewall is off in the profile in use: nothing is closed."
        return Finding(group.check, target, Status.OK, what, evidence, source=ARTICLE)
    if values.get("modify") == INBOUND_BLOCKED:
        return _all_blocked(group, target, facts)
    own = [rule for rule in rules(facts) if rule.group == group.number]
    closed = [bit for bit in wanted if not _open(group, own, bit)]
    off = [rule for rule in own if not rule.on and any(rule.profiles & bit for bit in wanted)]
    if closed:
        return Finding(
            group.check,
            target,
            Status.FAILED,
            f"Windows Firewall does not let in {group.title} ({_names(closed)}).",
            evidence,
            cause=_cause(group, values),
            fix=f"As administrator: {group.command}. For machines of a domain, a Group Policy: Windows Firewall, "
            f"Inbound Rules, New Rule, Predefined, {group.title}.",
            source=group.source,
        )
    if off:
        return Finding(
            group.check,
            target,
            Status.WARNING,
            f"{group.title}: {len(off)} of {len(own)} inbound rules are off ({names}); the ports that are needed "
            "are open.",
            evidence,
            cause="The documents ask for the whole group.",
            fix=f"If installation fails, as administrator: {group.command}",
            source=ARTICLE,
        )
    what = f"Windows Firewall lets in {group.title} ({names})."
    return Finding(group.check, target, Status.OK, what, evidence, source=ARTICLE)


def _all_blocked(group: Group, target: str, facts: WindowsFacts) -> Finding:
    return Finding(
        group.check,
        target,
        Status.FAILED,
        "Windows Firewall blocks all that comes in, whatever its rules allow.",
        facts.evidence("firewall"),
        cause=group.cause,
        fix="As administrator: wf.msc, Properties, Inbound connections: Block, not Block all connections. Where a "
        "Group Policy says so, change that.",
        source=group.source,
    )


def as_warning(found: Finding) -> Finding:
    """The same finding for something that is not needed yet."""
    return replace(found, status=Status.WARNING)


def _open(group: Group, own: Sequence[Rule], bit: int) -> bool:
    return any(rule.on and rule.profiles & bit and rule.opens in group.needed for rule in own)


def _names(bits: Sequence[int]) -> str:
    return ", ".join(PROFILES[bit] for bit in bits) + " profile"


def _cause(group: Group, values: Mapping[str, str]) -> str:
    if values.get("modify", "0") != "0":
        return f"{group.cause} A Group Policy decides about this firewall: a local change may have no effect."
    return group.cause


def _unknown(group: Group, target: str, facts: WindowsFacts) -> Finding:
    return Finding(
        group.check,
        target,
        Status.UNKNOWN,
        f"Whether Windows Firewall lets in {group.title} could not be read.",
        facts.evidence("firewall"),
        cause=plain(facts.failed("firewall") or "The service Windows Firewall may be stopped.", 300),
        fix="On the machine: wf.msc, Inbound Rules; or sc query MpsSvc.",
        source=ARTICLE,
    )
