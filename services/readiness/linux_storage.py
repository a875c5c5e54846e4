"""AS-4.14: free space, memory, and the limits of disks and file systems that can be seen on the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.readiness.linux_facts import LinuxFacts
from services.readiness.model import Evidence, Finding, Status
from services.readiness.sources import ERRORS, MATRIX
from services.text import plain

ROOT_KB, FOLDER_KB, COPY_KB = 2 * 1024 * 1024, 250 * 1024, 100 * 1024
"""Free on /, in the installation folder (/usr/local/ASR), and for the copy of the agent (/tmp), in KiB."""
MEMORY_KB = 512 * 1024
"""Free memory in KiB from which on nothing is said; the documents name no number, so it is ours."""
FILE_SYSTEMS = frozenset(("ext3", "ext4", "xfs", "btrfs"))
_NUMBER = re.compile(r"^(MemTotal|MemFree|MemAvailable|Buffers|Cached):\s+(\d{1,15}) kB$", re.M)


@dataclass(frozen=True)
class Mount:
    """One line of df: device, free KiB, mount point."""

    device: str
    free: int
    point: str


def free_space(target: str, facts: LinuxFacts) -> Finding:
    """2 GB on /, 250 MB in the installation folder, 100 MB for the copy of the agent."""
    rows = mounts_of(facts["df"])
    evidence = facts.evidence("df")
    if len(rows) < 3:
        return _unknown("free-space", target, "df gave no free space.", evidence, "df -Pk / /usr/local /tmp")
    wanted = zip(rows, ((ROOT_KB, "/"), (FOLDER_KB, "/usr/local"), (COPY_KB, "/tmp")), strict=False)
    short = [
        f"{folder} has {_size(row.free)} free, {_size(least)} are needed"
        for row, (least, folder) in wanted
        if row.free < least
    ]
    if not short:
        what = f"Free: {_size(rows[0].free)} on /, {_size(rows[1].free)} in /usr/local."
        return Finding("free-space", target, Status.OK, what, evidence, source=MATRIX)
    return Finding(
        "free-space",
        target,
        Status.FAILED,
        f"Too little space: {'; '.join(short)}.",
        evidence,
        cause="The installation would break off; copying the agent ends with error 95524.",
        fix="Free space there, or make the file system larger, before protection is enabled.",
        source=f"{MATRIX}; {ERRORS}",
    )


def mounts_of(text: str) -> list[Mount]:
    """The rows of `df -Pk`, in the order of the folders asked for."""
    found = []
    for line in text.split("\n"):
        row = re.match(r"(\S.*?)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+\d+%\s+(/.*)$", line)
        if row:
            found.append(Mount(row[1], int(row[4]), row[5]))
    return found


def memory(target: str, facts: LinuxFacts) -> Finding:
    """Whether there is memory to install with."""
    values = {name: int(number) for name, number in _NUMBER.findall(facts["memory"])}
    evidence = facts.evidence("memory")
    # Linux before 3.14 does not say MemAvailable.
    old = sum(values.get(name, 0) for name in ("MemFree", "Buffers", "Cached"))
    free = values.get("MemAvailable", old)
    if "MemTotal" not in values:
        return _unknown("memory", target, "The memory could not be read.", evidence, "cat /proc/meminfo")
    if free >= MEMORY_KB:
        what = f"{_size(free)} of {_size(values['MemTotal'])} memory are available."
        return Finding("memory", target, Status.OK, what, evidence, source=ERRORS)
    return Finding(
        "memory",
        target,
        Status.WARNING,
        f"Only {_size(free)} of {_size(values['MemTotal'])} memory are available.",
        evidence,
        cause="With too little, push installation ends with error 95572 or 95573. The documents name no number; "
        f"{_size(MEMORY_KB)} as the point to warn is ours.",
        fix="Free memory before protection is enabled, or give the VM more.",
        source=ERRORS,
    )


def file_systems(target: str, facts: LinuxFacts) -> Finding:
    """Whether every file system on a disk is one that can be replicated."""
    used = disk_file_systems(facts["mounts"])
    evidence = facts.evidence("mounts")
    if not used:
        return _unknown(
            "file-systems", target, "The file systems could not be read.", evidence, "cat /proc/mounts"
        )
    others = [f"{kind} on {plain(point, 100)}" for point, kind in used if kind not in FILE_SYSTEMS]
    if not others:
        kinds = ", ".join(sorted({kind for _point, kind in used}))
        return Finding("file-systems", target, Status.OK, f"File systems: {kinds}.", evidence, source=MATRIX)
    return Finding(
        "file-systems",
        target,
        Status.WARNING,
        f"Not among the supported file systems: {plain('; '.join(others), 300)}.",
        evidence,
        cause="Supported are ext3, ext4, XFS and BTRFS. Disks are replicated block by block, but others were "
        "never named as tried.",
        fix="Move what matters to a supported file system, or waive this with the reason.",
        source=MATRIX,
    )


def disk_file_systems(text: str) -> list[tuple[str, str]]:
    """Mount point and type of what lies on disks, from /proc/mounts; an EFI partition is none of its own."""
    found = []
    for line in text.split("\n"):
        fields = line.split()
        if (
            len(fields) < 4
            or not fields[0].startswith("/dev/")
            or fields[0].startswith(("/dev/loop", "/dev/sr"))
        ):
            continue
        if fields[2] not in ("vfat", "iso9660", "udf", "rootfs", "squashfs"):
            found.append((fields[1], fields[2]))
    return found


def grub(target: str, facts: LinuxFacts) -> Finding:
    """Whether GRUB finds the root disk by device name, which may be another one in Azure."""
    named = [line for line in facts.lines("grub") if by_device(line)]
    evidence = facts.evidence("grub")
    if not facts.root:
        return _unknown(
            "grub-devices", target, "Only root may read GRUB's files here.", evidence, "sudo grep"
        )
    if not named:
        what = "GRUB names no disk by its device name."
        return Finding("grub-devices", target, Status.OK, what, evidence, source=ERRORS)
    files = sorted({plain(line.partition(":")[0], 100) for line in named})
    return Finding(
        "grub-devices",
        target,
        Status.FAILED,
        f"GRUB names disks by device name in {', '.join(files)}.",
        evidence,
        cause="Device names change between machines; push installation ends with error 95320.",
        fix="Put root=UUID=... and resume=UUID=... there, with the identifiers that blkid shows; then make the "
        "boot menu anew.",
        source=ERRORS,
    )


def by_device(line: str) -> bool:
    """Whether a line of GRUB's files names a plain disk; logical volumes keep their names."""
    _path, _colon, text = line.partition(":")
    if text.lstrip().startswith("#"):
        return False
    names = re.findall(r"(?:root|resume)=(/dev/[^\s\"']+)", text)
    return any(not _keeps(name) for name in names)


def _keeps(name: str) -> bool:
    if name.startswith(("/dev/mapper/", "/dev/disk/")):
        return True
    # /dev/GROUP/VOLUME is LVM's; /dev/sda2 is a disk's, and /dev/cciss/c0d0p1 a controller's.
    return name.count("/") == 3 and not name.startswith(("/dev/cciss/", "/dev/ida/"))


def _unknown(check: str, target: str, what: str, evidence: tuple[Evidence, ...], command: str) -> Finding:
    return Finding(
        check, target, Status.UNKNOWN, what, evidence, fix=f"Look by hand: {command}", source=MATRIX
    )


def _size(kib: int) -> str:
    if kib >= 1024 * 1024:
        return f"{kib / 1024 / 1024:.1f} GB"
    return f"{kib // 1024} MB"
