"""Commands about disks, and the programs that can open a connection."""

from __future__ import annotations

from services.practice.machines.linux.guest import Guest
from services.practice.machines.linux.shell import Answer, Shell

FREE = 26_546_792
"""KiB free on the disk of a machine that has room."""


def df(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """df -Pk [PATH...]; all is one file system."""
    del piped, shell
    free = 1_150_000 if "full" in guest.profile.faults else FREE
    used = 30_412_264 - free
    row = f"{device(guest)}         30428648 {used:>7} {free:>9} {100 * used // 30412264:>7}% /\n"
    asked = [item for item in arguments if not item.startswith("-")] or ["/"]
    return Answer("Filesystem     1024-blocks    Used Available Capacity Mounted on\n" + row * len(asked))


def device(guest: Guest) -> str:
    """The device that / lies on."""
    return "/dev/mapper/vg0-root" if "boot-spread" in guest.profile.faults else "/dev/sda1"


def lsblk(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """lsblk -P -n -o NAME,KNAME,PKNAME,TYPE,FSTYPE,MOUNTPOINT"""
    del piped, shell
    if guest.profile.version.startswith("6.") and "PKNAME" in " ".join(arguments):
        return Answer("", "lsblk: unknown column: PKNAME\n", 1)
    form = 'NAME="{0}" KNAME="{0}" PKNAME="{1}" TYPE="{2}" FSTYPE="{3}" MOUNTPOINT="{4}"\n'
    rows = [("sda", "", "disk", "", ""), ("sda1", "sda", "part", "ext4", "/")]
    if "boot-spread" in guest.profile.faults:
        rows = [("sda", "", "disk", "", ""), ("sda1", "sda", "part", "LVM2_member", "")]
        rows += [("sdb", "", "disk", "", ""), ("sdb1", "sdb", "part", "jfs", "/srv")]
    return Answer("".join(form.format(*row) for row in rows))


def pvs(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """pvs --noheadings -o vg_name,pv_name"""
    del arguments, piped, shell
    return Answer("  vg0 /dev/sda1\n  vg0 /dev/sdc1\n" if "boot-spread" in guest.profile.faults else "")


def python(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """python -c SCRIPT HOST PORT, where the script opens a connection; no other script is known."""
    del piped, shell
    if arguments[:1] != ["-c"] or len(arguments) != 4 or ".connect(" not in arguments[1]:
        return Answer("", "SyntaxError: invalid syntax\n", 1)
    host, port = arguments[2], int(arguments[3])
    if guest.drops(host, port):
        return Answer("", "timed out", 1)
    return Answer() if guest.reaches(host, port) else Answer("", "(111, 'Connection refused')", 1)
