"""AS-4.14 and the limits of an Azure VM: free space, BitLocker, and the layout of a Windows machine's disks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.readiness.model import Finding, Status
from services.readiness.sources import ERRORS, MATRIX
from services.readiness.windows_facts import WindowsFacts
from services.text import plain

MB, GB = 1 << 20, 1 << 30
INSTALL, COPY = 500 * MB, 100 * MB
"""Free in the installation folder, and for the copy of the agent."""
OS_DISK, DATA_DISK, DATA_DISKS = 2_048 * GB, 32 * 1_024 * GB, 64
NO_LETTER = "a volume without a letter"
ABSENT = ("InvalidNamespace", "InvalidClass", "NotFound")
"""What WMI says where BitLocker, an optional part of Windows Server, is not installed."""


def space(target: str, facts: WindowsFacts) -> Finding:
    """500 MB for the agent and 100 MB for its copy on the system drive."""
    values, evidence = facts.pairs("space"), facts.evidence("space")
    drive = values.get("system", "C:")
    sizes = re.fullmatch(r"(\d+) (\d+)", values.get(drive, ""))
    shown = plain(drive, 10)
    if not sizes:
        return Finding(
            "free-space",
            target,
            Status.UNKNOWN,
            "The free space of the system drive could not be read.",
            evidence,
            cause=plain(facts.failed("space") or "", 300),
            fix="On the machine: wmic logicaldisk get Name,FreeSpace",
            source=MATRIX,
        )
    free = int(sizes[2])
    if free >= INSTALL + COPY:
        what = f"{_size(free)} are free on {shown}."
        return Finding("free-space", target, Status.OK, what, evidence, source=MATRIX)
    return Finding(
        "free-space",
        target,
        Status.FAILED,
        f"Only {_size(free)} are free on {shown}; {_size(INSTALL)} for the agent and {_size(COPY)} for its copy "
        "are needed.",
        evidence,
        cause="The installation would break off; copying the agent ends with error 95524.",
        fix="Free space on the drive, or make it larger, before protection is enabled.",
        source=f"{MATRIX}; {ERRORS}",
    )


def bitlocker(target: str, facts: WindowsFacts) -> Finding:
    """Whether a volume is encrypted by BitLocker."""
    reason, evidence = facts.failed("bitlocker"), facts.evidence("bitlocker")
    if reason is not None and reason.startswith(ABSENT):
        what = "BitLocker is not installed."
        return Finding("bitlocker", target, Status.OK, what, evidence, source=MATRIX)
    if reason is not None:
        return Finding(
            "bitlocker",
            target,
            Status.UNKNOWN,
            "Whether BitLocker is in use could not be read.",
            evidence,
            cause=plain(reason, 300),
            fix="On the machine, as administrator: manage-bde -status",
            source=MATRIX,
        )
    volumes = [line.partition("=") for line in facts.lines.get("bitlocker", ()) if "=" in line]
    used = [
        name for name, _sign, state in volumes if re.fullmatch("[A-Z]:", name) and state.split() != ["0", "0"]
    ]
    # Partitions of the system have no letter either, and not each of them says all of its state.
    if any(not name and set(state.split()) - {"0"} for name, _sign, state in volumes):
        used.append(NO_LETTER)
    if not used:
        return Finding("bitlocker", target, Status.OK, "No volume is encrypted.", evidence, source=MATRIX)
    return Finding(
        "bitlocker",
        target,
        Status.FAILED,
        f"BitLocker is on or suspended for {', '.join(used)}.",
        evidence,
        cause="It must be off before protection is enabled and while the machine replicates.",
        fix=f"On the machine, as administrator: manage-bde -off {'<path>' if used[0] == NO_LETTER else used[0]}, and "
        "wait until it is decrypted. manage-bde -status shows each volume.",
        source=MATRIX,
    )


@dataclass(frozen=True)
class Disk:
    """A physical disk as the machine sees it; sizes in bytes."""

    index: int
    size: int
    sector: int
    about: str


def disks(facts: WindowsFacts) -> list[Disk]:
    """The disks of a machine."""
    rows = (re.fullmatch(r"(\d+) (\d+) (\d*) ?(.*)", line) for line in facts.all("disks", "disk"))
    return [Disk(int(row[1]), int(row[2]), int(row[3] or 0), plain(row[4], 80)) for row in rows if row]


def layout(target: str, facts: WindowsFacts) -> Finding:
    """Whether the disks are such that a VM in Azure can have them."""
    found, evidence = disks(facts), facts.evidence("disks", "connect")
    if not found:
        return Finding(
            "disk-layout",
            target,
            Status.UNKNOWN,
            "The disks could not be read.",
            evidence,
            cause=plain(facts.failed("disks") or "", 300),
            fix="On the machine: wmic diskdrive get Index,Size,InterfaceType",
            source=MATRIX,
        )
    against = [*_boot(facts), *_limits(facts, found)]
    if not against:
        what = f"Disks: {len(found)}. A VM in Azure supports them as they are."
        return Finding("disk-layout", target, Status.OK, what, evidence, source=MATRIX)
    return Finding(
        "disk-layout",
        target,
        Status.WARNING,
        " ".join(against),
        evidence,
        cause="What a VM in Azure cannot have is not replicated, or the VM does not start there.",
        fix="Change it on the machine, or waive this with the reason.",
        source=f"{MATRIX}; {ERRORS}",
    )


def _boot(facts: WindowsFacts) -> list[str]:
    boot = {line.split()[0] for line in facts.all("disks", "part") if line.split()[1:2] == ["True"]}
    windows = _windows_disk(facts)
    if len(boot) > 1:
        return ["There are several boot disks, which are not supported (95311)."]
    if not boot:
        return ["No boot disk was found (95310)."]
    if windows is not None and str(windows) not in boot:
        return ["Boot and system partition are on different disks, which is not supported (95309)."]
    return []


def _windows_disk(facts: WindowsFacts) -> int | None:
    """The disk that Windows is on; the word before its number is in the language of the system."""
    drive = facts.pairs("space").get("system", "C:")
    for line in facts.all("disks", "on"):
        found = re.match(rf"{re.escape(drive)} \D*(\d+)", line)
        if found:
            return int(found[1])
    return None


def _limits(facts: WindowsFacts, found: list[Disk]) -> list[str]:
    system = _windows_disk(facts)
    against = [
        f"The system disk has {_size(disk.size)}; {_size(OS_DISK)} is the most for generation 1."
        for disk in found
        if disk.index == system and disk.size > OS_DISK
    ]
    data = [disk for disk in found if disk.index != system]
    if len(data) > DATA_DISKS:
        against.append(f"There are {len(data)} data disks; {DATA_DISKS} is the most.")
    against += [
        f"Disk {disk.index} has {_size(disk.size)}; {_size(DATA_DISK)} is the most."
        for disk in data
        if disk.size > DATA_DISK
    ]
    against += [
        f"Disk {disk.index} has 4K sectors, which are not supported." for disk in found if disk.sector == 4096
    ]
    against += [
        f"Disk {disk.index} is an iSCSI disk, which is not supported."
        for disk in found
        if "iscsi" in disk.about.lower() or "MSFT Virtual HD" in disk.about
    ]
    if any(
        line.split(" ", 2)[:1] == [str(system)] and "Logical Disk Manager" in line
        for line in facts.all("disks", "part")
    ):
        against.append("The system disk is dynamic, which is not supported.")
    if facts.pairs("connect").get("secureboot") == "1":
        against.append("Secure Boot is on, which is not supported.")
    return against


def _size(amount: int) -> str:
    return f"{amount / GB:,.1f} GB" if amount >= GB else f"{amount / MB:,.0f} MB"
