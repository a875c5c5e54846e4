"""AS-3.4: what a Windows VM must be to become the configuration server."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.readiness import windows
from services.readiness.model import Finding, Status
from services.readiness.server_facts import OURS, POLICIES, ROLES
from services.readiness.windows_disks import disks
from services.readiness.windows_facts import WindowsFacts
from services.text import plain

SOURCE = "Configuration server requirements, 2018-09-03"
GB = 1 << 30
CORES, MEMORY, DISKS, FREE = 8, 16, 3, 600
"""The least: cores, GB of memory, disks, and GB free for the cache and for retention."""
VERSIONS = ("2012 R2", "2016")
ENGLISH = "0409"


@dataclass(frozen=True)
class Wanted:
    """The size that the number of machines and their churn ask for."""

    cores: int = CORES
    memory: int = MEMORY
    cache: int = FREE


def hardware(target: str, facts: WindowsFacts, wanted: Wanted) -> Finding:
    """Cores, memory, disks and free space."""
    values, evidence = facts.pairs("size"), facts.evidence("size", "space", "disks")
    cores, memory = whole(values.get("cores")), round(whole(values.get("memory")) / GB)
    if not cores or not memory:
        return unread("cs-hardware", target, facts, "size", "Cores and memory")
    free = _free_volumes(facts)
    short = [
        f"{cores} cores, {CORES} are needed" if cores < CORES else "",
        f"{memory} GB of memory, {MEMORY} are needed" if memory < MEMORY else "",
        f"{len(disks(facts))} disks, {DISKS} are needed" if len(disks(facts)) < DISKS else "",
        f"{len(free)} data volumes with {FREE} GB free, 2 are needed" if len(free) < 2 else "",
    ]
    small = [
        f"{cores} cores, {wanted.cores} suit" if cores < wanted.cores else "",
        f"{memory} GB of memory, {wanted.memory} suit" if memory < wanted.memory else "",
        f"{max(free, default=0)} GB for the cache, {wanted.cache} suit"
        if max(free, default=0) < wanted.cache
        else "",
    ]
    if any(short):
        return Finding(
            "cs-hardware",
            target,
            Status.FAILED,
            f"Too small: {'; '.join(filter(None, short))}.",
            evidence,
            cause="Setup checks the space, and replication stalls when cache or retention run full.",
            fix="In the Hub portal: stop the VM, choose a larger size, add data disks; then format them as NTFS.",
            source=SOURCE,
        )
    if any(small):
        return Finding(
            "cs-hardware",
            target,
            Status.WARNING,
            f"Small for so many machines: {'; '.join(filter(None, small))}.",
            evidence,
            cause="The sizing table asks for more with this number of machines and this much changed data.",
            fix="Choose a larger size in the Hub portal, or add a process server later.",
            source=SOURCE,
        )
    what = f"{cores} cores, {memory} GB of memory, {len(disks(facts))} disks, {', '.join(map(str, free))} GB free."
    return Finding("cs-hardware", target, Status.OK, what, evidence, source=SOURCE)


def _free_volumes(facts: WindowsFacts) -> list[int]:
    """GB free on each volume but the system's, of those that have enough."""
    values = facts.pairs("space")
    found = []
    for name, sizes in values.items():
        parts = sizes.split()
        if re.fullmatch("[A-Z]:", name) and name != values.get("system") and len(parts) == 2:
            found.append(whole(parts[1]) // GB)
    return [free for free in found if free >= FREE]


def system(target: str, facts: WindowsFacts) -> Finding:
    """The version of Windows, and that it was installed in English."""
    values, evidence = facts.pairs("system"), facts.evidence("system")
    caption = plain(values.get("caption", ""), 100)
    if not caption:
        return unread("cs-system", target, facts, "system", "The operating system")
    name, version = windows.product(caption)
    version = version or windows.by_version(values.get("version", ""), client=values.get("kind") == "1")[1]
    against = []
    if name == "Windows client" or version not in VERSIONS:
        against.append(f"{caption} is not among {' and '.join(VERSIONS)}")
    if values.get("installed") != ENGLISH:
        against.append("Windows was not installed in English (en-us)")
    if values.get("desktop") == "Server Core":
        against.append("it has no desktop, which cspsconfigtool needs")
    if not against:
        what = f"{caption}, installed in English."
        return Finding("cs-system", target, Status.OK, what, evidence, source=SOURCE)
    return Finding(
        "cs-system",
        target,
        Status.FAILED,
        f"{'; '.join(against)}."[:1].upper() + f"{'; '.join(against)}."[1:],
        evidence,
        cause="Setup is for these versions, installed in English; a language changed later causes trouble.",
        fix="Create another VM from an English image of Windows Server 2016.",
        source=f"{SOURCE}; VMware and physical support matrix, 2023-09-28",
    )


def set_up(facts: WindowsFacts) -> bool:
    """Whether Unified Setup has run there."""
    there = {name.lower() for name in facts.pairs("services")}
    return any(name.lower() in there for name in OURS)


def roles(target: str, facts: WindowsFacts) -> Finding:
    """No Active Directory, no IIS, no Hyper-V before setup; afterwards IIS is setup's own."""
    evidence, there = facts.evidence("services"), {name.lower() for name in facts.pairs("services")}
    if facts.failed("services") is not None:
        return unread("cs-roles", target, facts, "services", "The roles")
    expected = {"w3svc"} if set_up(facts) else set()
    found = [title for name, title in ROLES.items() if name.lower() in there and name.lower() not in expected]
    if found:
        return Finding(
            "cs-roles",
            target,
            Status.FAILED,
            f"Roles that must be off: {', '.join(found)}.",
            evidence,
            cause="They hold ports and settings that the configuration server needs for itself.",
            fix="Server Manager, Manage, Remove Roles and Features; or create a VM of its own.",
            source=SOURCE,
        )
    what = "IIS is there, as Unified Setup leaves it." if expected else "None of the roles that must be off."
    return Finding("cs-roles", target, Status.OK, what, evidence, source=SOURCE)


def policies(target: str, facts: WindowsFacts) -> Finding:
    """Four group policies must not be enabled."""
    values, evidence = facts.pairs("policies"), facts.evidence("policies")
    if facts.failed("policies") is not None:
        return unread("cs-policies", target, facts, "policies", "The group policies")
    on = [title for title, (_key, name) in POLICIES.items() if values.get(name, "") not in ("", "0")]
    if not on and values.get("hive") == "False":
        return Finding(
            "cs-policies",
            target,
            Status.WARNING,
            "Three of the four group policies are the account's own, and its profile is not loaded: not seen.",
            evidence,
            cause="Windows loads it when the account signs in on the server's desktop.",
            fix="Sign in there with this account, leave it signed in, and check again. By hand: gpresult /h "
            "policies.html",
            source=SOURCE,
        )
    if not on:
        what = "None of the four group policies is enabled for this account."
        return Finding("cs-policies", target, Status.OK, what, evidence, source=SOURCE)
    return Finding(
        "cs-policies",
        target,
        Status.FAILED,
        f"Enabled: {', '.join(on)}.",
        evidence,
        cause="Unified Setup runs commands and scripts that these policies stop.",
        fix="gpedit.msc, or the owner of the Group Policy: set them to Not configured, then gpupdate /force.",
        source=SOURCE,
    )


def whole(text: str | None) -> int:
    """A number the machine gave; 0 for anything else."""
    return int(text) if text and text.isdigit() and len(text) < 19 else 0


def unread(check: str, target: str, facts: WindowsFacts, section: str, what: str) -> Finding:
    """What cannot be judged, with the server's own reason."""
    return Finding(
        check,
        target,
        Status.UNKNOWN,
        f"{what} could not be read.",
        facts.evidence(section),
        cause=plain(facts.failed(section) or "", 300),
        fix="Look on the server by hand, and waive this check with what you saw.",
        source=SOURCE,
    )
