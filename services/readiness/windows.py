"""Which Windows a machine runs, asked in ways that Windows Server 2008 R2 with PowerShell 2.0 has too."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.guests.model import Output, Shell
from services.guests.powershell import powershell
from services.readiness.evidence import seen
from services.readiness.model import Evidence
from services.readiness.system import GuestSystem
from services.text import plain
from services.world.deadline import Deadline

PROPERTIES = (
    "Caption",
    "Version",
    "OSArchitecture",
    "ServicePackMajorVersion",
    "ProductType",
    "OSLanguage",
    "CurrentTimeZone",
)
"""Of Win32_OperatingSystem. ProductType 1 is a client; CurrentTimeZone is in minutes east of UTC."""
WMI = f"Get-WmiObject Win32_OperatingSystem | Format-List {','.join(PROPERTIES)}"
WMIC = f"wmic os get {','.join(PROPERTIES)} /value"
REGISTRY = r'reg query "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"'
PROCESSOR = (
    r'reg query "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment" /v PROCESSOR_ARCHITECTURE'
)
_PAIR = re.compile(r"^\s*(\w+)\s*[:=]\s*(.*?)\s*$")
REGISTRY_ROW = re.compile(r"^\s+(\w+)\s+(REG_\w+)\s+(.*?)\s*$")
"""Name, type and data of a value, as `reg query` prints it in every language."""
_SERVER = re.compile(r"windows\W+server\W+(20\d\d)(\W+r2)?", re.I)
_CLIENT = re.compile(r"windows\W+(11|10|8\.1|8|7)\b", re.I)
_MARKS = re.compile(r"\(r\)|\(tm\)|[\u00ae\u2122]", re.I)
SERVERS = {"6.0": "2008", "6.1": "2008 R2", "6.2": "2012", "6.3": "2012 R2"}
CLIENTS = {"6.1": "7", "6.2": "8", "6.3": "8.1", "10.0": "10"}
BUILDS = {14393: "2016", 17763: "2019", 20348: "2022", 26100: "2025"}
"""Builds of the long-term releases of Windows Server 10.0."""


def identify(shell: Shell, deadline: Deadline) -> GuestSystem:
    """Ask a machine what it runs: WMI by PowerShell, else wmic, else the registry."""
    output = shell.run(powershell(WMI), deadline)
    values = pairs(output.stdout)
    if _tells(values):
        return system(values, seen(WMI, output.stdout))
    output = shell.run(WMIC, deadline)
    values = pairs(output.stdout)
    if _tells(values):
        return system(values, seen(WMIC, output.stdout))
    return _by_registry(shell.run(REGISTRY, deadline), shell.run(PROCESSOR, deadline))


def pairs(text: str) -> dict[str, str]:
    """`Name : value` of Format-List and `Name=value` of wmic."""
    matches = (_PAIR.match(line) for line in text.splitlines())
    return {matched[1]: matched[2] for matched in matches if matched}


def registry(text: str) -> dict[str, str]:
    """Names and values of `reg query`."""
    matches = (REGISTRY_ROW.match(line) for line in text.splitlines())
    return {matched[1]: matched[3] for matched in matches if matched}


def system(values: Mapping[str, str], *evidence: Evidence) -> GuestSystem:
    """What Win32_OperatingSystem says."""
    caption = plain(values.get("Caption", ""), 100)
    distribution, number = product(caption)
    if not distribution:
        distribution, number = by_version(values.get("Version", ""), client=values.get("ProductType") == "1")
    return GuestSystem(
        family="windows",
        distribution=distribution,
        version=number,
        architecture=_architecture(values.get("OSArchitecture", "")),
        kernel=plain(values.get("Version", ""), 40),
        service_pack=_whole(values.get("ServicePackMajorVersion", "")),
        full_name=caption,
        seen=evidence,
    )


def product(caption: str) -> tuple[str, str]:
    """Distribution and version of the matrix from a caption in any language; empty when it has none."""
    plain = _MARKS.sub("", caption)
    server = _SERVER.search(plain)
    if server:
        return "Windows Server", server[1] + (" R2" if server[2] else "")
    client = _CLIENT.search(plain)
    return ("Windows client", client[1]) if client else ("", "")


def by_version(number: str, *, client: bool) -> tuple[str, str]:
    """The same from the version number, for captions that do not say it: `10.0.14393` is 2016."""
    parts = number.split(".")
    kernel, build = ".".join(parts[:2]), _whole(parts[2]) if len(parts) > 2 else 0
    if client:
        name = "11" if build >= 22000 else CLIENTS.get(kernel, "")
        return ("Windows client", name) if name else ("", "")
    name = SERVERS.get(kernel) or BUILDS.get(build, "")
    return ("Windows Server", name) if name else ("", "")


def _by_registry(current: Output, processor: Output) -> GuestSystem:
    values = registry(current.stdout)
    bits = registry(processor.stdout).get("PROCESSOR_ARCHITECTURE", "")
    pack = re.search(r"\d+", values.get("CSDVersion", ""))
    build = values.get("CurrentBuildNumber", "")
    # Since Windows 10 CurrentVersion stays 6.3; the new number has a name of its own.
    major = "10.0" if "CurrentMajorVersionNumber" in values else values.get("CurrentVersion", "")
    return system(
        {
            "Caption": values.get("ProductName", ""),
            "Version": f"{major}.{build}" if major else "",
            "OSArchitecture": {"AMD64": "64-bit", "x86": "32-bit"}.get(bits, bits),
            "ServicePackMajorVersion": pack[0] if pack else "0",
            "ProductType": "1" if values.get("InstallationType") == "Client" else "3",
        },
        seen(REGISTRY, current.stdout or current.stderr),
        seen(PROCESSOR, processor.stdout or processor.stderr),
    )


def _tells(values: Mapping[str, str]) -> bool:
    return bool(values.get("Caption") or values.get("Version"))


def _architecture(said: str) -> str:
    # "64-bit", "64 bits", "64-Bit" and so on: the word is translated, the number is not.
    if "ARM" in said.upper():
        return "arm64"
    return "x86_64" if "64" in said else "x86" if "32" in said else plain(said, 40)


def _whole(text: str) -> int:
    return int(text[:9]) if text.strip().isdigit() else 0
