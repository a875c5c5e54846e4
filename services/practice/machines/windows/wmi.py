"""WMI classes that checks ask for."""

from __future__ import annotations

from typing import Any

from services.practice.machines.windows.guest import Guest
from services.practice.machines.windows.values import Thing

GB = 1 << 30
# AS-6.10: what runs on a configuration server once it is set up; obengine starts by hand.
CONFIGURATION_SERVER = {
    "ProcessServer": "Process Server",
    "ProcessServerMonitor": "Process Server Monitor",
    "cxprocessserver": "cxprocessserver",
    "InMage PushInstall": "InMage PushInstall",
    "LogUpload": "Log Upload Service",
    "InMage Scout Application Service": "InMage Scout Application Service",
    "obengine": "Microsoft Azure Recovery Services Agent",
    "svagents": "InMage Scout VX Agent - Sentinel/Outpost",
    "tmansvc": "tmansvc",
    "W3SVC": "World Wide Web Publishing Service",
    "MySQL": "MySQL",
    "dra": "Microsoft Azure Site Recovery Service",
}
ALWAYS = {
    "W32Time": "Windows Time",
    "WinRM": "Windows Remote Management (WS-Management)",
    "LanmanServer": "Server",
    "Winmgmt": "Windows Management Instrumentation",
    "TermService": "Remote Desktop Services",
}


def instances(guest: Guest, name: str) -> list[Thing] | None:
    """All instances of a class; None when there is no such class."""
    makers = {
        "win32_operatingsystem": _system,
        "win32_computersystem": _computer,
        "win32_service": _services,
        "win32_logicaldisk": _volumes,
        "win32_diskdrive": _drives,
        "win32_timezone": lambda _guest: [Thing({"Bias": 0, "StandardName": "UTC", "Caption": "(UTC)"})],
        "win32_networkadapterconfiguration": _adapters,
    }
    maker = makers.get(name.lower())
    return None if maker is None else maker(guest)


def _system(guest: Guest) -> list[Thing]:
    profile = guest.profile
    return [
        Thing(
            {
                "Caption": profile.caption,
                "Version": profile.version,
                "BuildNumber": profile.version.rpartition(".")[2],
                "ServicePackMajorVersion": profile.service_pack,
                "OSArchitecture": "64-bit",
                "Locale": "0409",
                "OSLanguage": 1033,
                "MUILanguages": ["en-US"],
                "CSName": profile.name.upper(),
                "LocalDateTime": guest.now().strftime("%Y%m%d%H%M%S.%f+000"),
                "CurrentTimeZone": 0,
                "ProductType": 3,
            }
        )
    ]


def _computer(guest: Guest) -> list[Thing]:
    large = guest.profile.configuration_server
    facts: dict[str, Any] = {
        "Name": guest.profile.name.upper(),
        "Domain": "WORKGROUP",
        "PartOfDomain": False,
        "NumberOfLogicalProcessors": 8 if large else 2,
        "NumberOfProcessors": 1,
        "TotalPhysicalMemory": (16 if large else 8) * GB,
        "SystemType": "x64-based PC",
    }
    return [Thing(facts)]


def _services(guest: Guest) -> list[Thing]:
    names = dict(ALWAYS)
    if guest.disk.fact("installed"):
        names |= CONFIGURATION_SERVER
    return [
        Thing(
            {
                "Name": name,
                "DisplayName": shown,
                "State": "Stopped" if name == "obengine" else "Running",
                "StartMode": "Manual" if name == "obengine" else "Auto",
            }
        )
        for name, shown in names.items()
    ]


def _volumes(guest: Guest) -> list[Thing]:
    sizes = {"C:": (127, 92)}
    if guest.profile.configuration_server:
        sizes |= {"D:": (620, 612), "E:": (620, 619)}
    return [
        Thing(
            {
                "DeviceID": name,
                "DriveType": 3,
                "Size": size * GB,
                "FreeSpace": free * GB,
                "FileSystem": "NTFS",
            }
        )
        for name, (size, free) in sizes.items()
    ]


def _drives(guest: Guest) -> list[Thing]:
    return [
        Thing({"DeviceID": f"\\\\.\\PHYSICALDRIVE{number}", "Size": each.get("Size")})
        for number, each in enumerate(_volumes(guest))
    ]


def _adapters(guest: Guest) -> list[Thing]:
    return [
        Thing(
            {
                "Description": "Microsoft Hyper-V Network Adapter",
                "IPEnabled": True,
                "DHCPEnabled": False,
                "IPAddress": [guest.profile.address],
            }
        )
    ]
