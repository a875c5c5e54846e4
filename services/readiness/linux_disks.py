"""AS-4.14: how the system lies on disks, from /proc/mounts, LVM and lsblk."""

from __future__ import annotations

import re

from services.readiness.linux_facts import LinuxFacts
from services.readiness.model import Finding, Status
from services.readiness.sources import ERRORS, MATRIX
from services.text import plain

CHECK = "disk-layout"
MOST = 64 + 1
"""Data disks that a VM in Azure may have, and the disk of the system."""
OLD_RULE = ("/usr", "/usr/local", "/var", "/etc")
"""Before agent 9.20 these had to be on the disk of the system."""
_PAIR = re.compile(r'([A-Z0-9-]+)="((?:[^"\\]|\\.)*)"')
_DISKS = (
    re.compile(r"/dev/((?:sd|vd|hd|xvd)[a-z]{1,3})\d*$"),
    re.compile(r"/dev/(nvme\d+n\d+)(?:p\d+)?$"),
    re.compile(r"/dev/(mmcblk\d+)(?:p\d+)?$"),
    re.compile(r"/dev/(cciss/c\d+d\d+)(?:p\d+)?$"),
)
_WHOLE = re.compile(r"^\s*\d+\s+\d+\s+\d+\s+((?:sd|vd|hd|xvd)[a-z]{1,3}|nvme\d+n\d+|cciss/c\d+d\d+)$", re.M)


def look(target: str, facts: LinuxFacts) -> Finding:
    """Judge the layout; the worst limit leads."""
    evidence = facts.evidence("mounts", "volumes", "blocks", "partitions")
    places = layout(facts)
    root, boot = places.get("/"), places.get("/boot")
    if root is None:
        return Finding(
            CHECK,
            target,
            Status.UNKNOWN,
            "On which disk the system lies could not be told.",
            evidence,
            cause="/ is on a device whose disk this account cannot see.",
            fix="Look by hand: lsblk, pvs. One system disk, /boot not over several disks.",
            source=MATRIX,
        )
    failed, warned = refused(facts, boot or root), doubtful(places)
    if not failed and not warned:
        what = f"The system lies on {', '.join(sorted(root))}."
        return Finding(CHECK, target, Status.OK, what, evidence, source=MATRIX)
    return Finding(
        CHECK,
        target,
        Status.FAILED if failed else Status.WARNING,
        plain(" ".join([*failed, *warned]), 400),
        evidence,
        cause="The support matrix does not allow it; push installation ends with error 95309, 95311 or 95313."
        if failed
        else "Agents before 9.20 end with error 95309 or 95313; the matrix of 2023-09-28 still names the boot "
        "and system partition on different disks as unsupported.",
        fix="Bring the system and /boot to one disk, without encryption, before protection is enabled."
        if failed
        else "Use the newest agent and try one such machine first, or bring all to one disk.",
        source=f"{MATRIX}; {ERRORS}",
    )


def refused(facts: LinuxFacts, boot: set[str]) -> list[str]:
    """What no agent can replicate, as sentences."""
    found = []
    if len(boot) > 1:
        found.append(f"/boot is spread over several disks: {', '.join(sorted(boot))}.")
    kinds = {row.get("TYPE", "") for row in blocks(facts["blocks"])}
    if "crypt" in kinds:
        found.append("A disk is encrypted.")
    if "mpath" in kinds:
        found.append("A disk is reached over multipath.")
    disks = set(_WHOLE.findall(facts["partitions"]))
    if len(disks) > MOST:
        found.append(f"There are {len(disks)} disks; a VM in Azure takes {MOST}.")
    if any(name.startswith("cciss/") for name in disks):
        found.append("A disk hangs on an HP CCISS controller.")
    return found


def doubtful(places: dict[str, set[str]]) -> list[str]:
    """What older agents cannot replicate, as sentences."""
    root, found = places["/"], []
    boot = places.get("/boot")
    if boot and not boot & root:
        found.append(f"/boot is on {', '.join(sorted(boot))}, / on {', '.join(sorted(root))}.")
    if len(root) > 1:
        found.append(f"/ is spread over several disks: {', '.join(sorted(root))}.")
    for point in OLD_RULE:
        if point in places and not places[point] <= root:
            found.append(f"{point} is on {', '.join(sorted(places[point]))}.")
    return found


def layout(facts: LinuxFacts) -> dict[str, set[str]]:
    """Disks by mount point, for those mount points whose disks can be told."""
    groups = volume_groups(facts["volumes"])
    rows = blocks(facts["blocks"])
    found: dict[str, set[str]] = {}
    for line in facts["mounts"].split("\n"):
        device, point, *_rest = [*line.split(), "", ""]
        disks = disks_of(device, groups) or _by_tree(point, rows)
        if device.startswith("/dev/") and disks:
            found[point] = disks
    return found


def disks_of(device: str, groups: dict[str, set[str]]) -> set[str]:
    """The disks under a device: a partition's own, or those of its volume group."""
    for pattern in _DISKS:
        found = pattern.match(device)
        if found:
            return {found[1]}
    # device-mapper joins group and volume by one hyphen and doubles those of the names.
    mapped = re.match(r"/dev/mapper/((?:[^-]|--)+)-(?!-)", device)
    group = mapped[1].replace("--", "-") if mapped else device.removeprefix("/dev/").partition("/")[0]
    return groups.get(group, set())


def volume_groups(text: str) -> dict[str, set[str]]:
    """Disks of each volume group, from `pvs -o vg_name,pv_name`."""
    found: dict[str, set[str]] = {}
    for line in text.split("\n"):
        fields = line.split()
        if len(fields) == 2:
            found.setdefault(fields[0], set()).update(disks_of(fields[1], {}))
    return found


def blocks(text: str) -> list[dict[str, str]]:
    """Rows of `lsblk -P` as key and value."""
    return [dict(_PAIR.findall(line)) for line in text.split("\n") if line.strip()]


def _by_tree(point: str, rows: list[dict[str, str]]) -> set[str]:
    """Disks under a mount point by the tree of lsblk, which knows what /dev/root hides."""
    found, seen = set(), set()
    waiting = [row.get("KNAME", "") for row in rows if row.get("MOUNTPOINT") == point]
    while waiting:
        name = waiting.pop()
        for row in rows:
            if row.get("KNAME") == name and name not in seen:
                if row.get("TYPE") == "disk":
                    found.add(name)
                elif row.get("PKNAME"):
                    waiting.append(row["PKNAME"])
        seen.add(name)
    return found
