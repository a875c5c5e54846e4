"""WMI classes that checks ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.practice.machines.windows.guest import Guest
from services.practice.machines.windows.values import PowerShellError, Thing

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
    "MpsSvc": "Windows Firewall",
    "Netlogon": "Netlogon",
    "TermService": "Remote Desktop Services",
}


ENCRYPTION = "root\\cimv2\\security\\microsoftvolumeencryption"


def instances(guest: Guest, name: str, namespace: str = "root\\cimv2") -> list[Thing] | None:
    """All instances of a class; None when there is no such class.

    BitLocker is an optional part of Windows Server: where it is not installed its namespace is not there.
    """
    if namespace == ENCRYPTION:
        if "bitlocker" not in guest.profile.flaws:
            error = PowerShellError('Get-WmiObject : Invalid namespace "root\\CIMV2\\Security\\..."')
            error.facts = {"ErrorCode": "InvalidNamespace"}
            raise error
        return _encrypted(guest) if name.lower() == "win32_encryptablevolume" else None
    makers = {
        "win32_operatingsystem": _system,
        "win32_computersystem": _computer,
        "win32_service": _services,
        "win32_logicaldisk": _volumes,
        "win32_diskdrive": _drives,
        "win32_diskpartition": _partitions,
        "win32_logicaldisktopartition": _links,
        "win32_timezone": lambda _guest: [Thing({"Bias": 0, "StandardName": "UTC", "Caption": "(UTC)"})],
        "win32_networkadapterconfiguration": _adapters,
        "win32_networkadapter": _links_up,
        "win32_ip4routetable": _routes,
    }
    maker = makers.get(name.lower())
    return None if maker is None else maker(guest)


def _system(guest: Guest) -> list[Thing]:
    profile = guest.profile
    german, minutes = guest.german, 60 if guest.german else 0
    local = guest.now() + timedelta(minutes=minutes)
    return [
        Thing(
            {
                "Caption": profile.caption,
                "Version": profile.version,
                "BuildNumber": profile.version.rpartition(".")[2],
                "ServicePackMajorVersion": profile.service_pack,
                "OSArchitecture": "64-Bit" if german else "64-bit",
                "Locale": "0407" if german else "0409",
                "OSLanguage": 1031 if german else 1033,
                "MUILanguages": [profile.language],
                "CSName": profile.name.upper(),
                "LocalDateTime": f"{local:%Y%m%d%H%M%S.%f}+{minutes:03}",
                "CurrentTimeZone": minutes,
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
    sizes: dict[str, tuple[float, float]] = {"C:": (127, 0.2 if "full" in guest.profile.flaws else 92)}
    if guest.profile.configuration_server:
        sizes |= {"D:": (620, 612), "E:": (620, 619)}
    return [
        Thing(
            {
                "DeviceID": name,
                "DriveType": 3,
                "Size": int(size * GB),
                "FreeSpace": int(free * GB),
                "FileSystem": "NTFS",
            }
        )
        for name, (size, free) in sizes.items()
    ]


def _drives(guest: Guest) -> list[Thing]:
    return [
        Thing(
            {
                "DeviceID": f"\\\\.\\PHYSICALDRIVE{number}",
                "Index": number,
                "Size": each.get("Size"),
                "InterfaceType": "IDE" if number == 0 else "SCSI",
                "Model": "Virtual HD ATA Device" if number == 0 else "Microsoft Virtual Disk",
                "BytesPerSector": 512,
            }
        )
        for number, each in enumerate(_volumes(guest))
    ]


def _partition_name(guest: Guest, disk: int, partition: int) -> str:
    if guest.german:
        return f"Datenträger Nr. {disk}, Partition Nr. {partition}"
    return f"Disk #{disk}, Partition #{partition}"


def _partitions(guest: Guest) -> list[Thing]:
    found = []
    for number, each in enumerate(_volumes(guest)):
        # The first disk has the system partition before the one with Windows.
        for partition in range(2 if number == 0 else 1):
            system = number == 0 and partition == 0
            found.append(
                Thing(
                    {
                        "DeviceID": _partition_name(guest, number, partition),
                        "DiskIndex": number,
                        "Index": partition,
                        "Bootable": system,
                        "BootPartition": system,
                        "Type": "Installierbares Dateisystem" if guest.german else "Installable File System",
                        "Size": (each.get("Size") if not system else 500 << 20),
                    }
                )
            )
    return found


def _links(guest: Guest) -> list[Thing]:
    space = f"\\\\{guest.profile.name.upper()}\\root\\cimv2:"
    return [
        Thing(
            {
                "Antecedent": f'{space}Win32_DiskPartition.DeviceID="'
                f'{_partition_name(guest, number, 1 if number == 0 else 0)}"',
                "Dependent": f'{space}Win32_LogicalDisk.DeviceID="{each.get("DeviceID")}"',
            }
        )
        for number, each in enumerate(_volumes(guest))
    ]


def _encrypted(guest: Guest) -> list[Thing]:
    def conversion() -> Thing:
        return Thing({"ReturnValue": 0, "ConversionStatus": 1, "EncryptionPercentage": 100})

    return [
        Thing(
            {"DriveLetter": each.get("DeviceID"), "ProtectionStatus": 1},
            {"getconversionstatus": conversion},
        )
        for each in _volumes(guest)
    ]


def _adapters(guest: Guest) -> list[Thing]:
    return [
        Thing(
            {
                "Description": "Microsoft Hyper-V Network Adapter",
                "IPEnabled": True,
                "DHCPEnabled": False,
                "Index": 1,
                "DefaultIPGateway": ["10.1.0.1"],
                "IPAddress": [guest.profile.address],
            }
        )
    ]


def _links_up(guest: Guest) -> list[Thing]:
    del guest
    return [
        Thing({"InterfaceIndex": 3, "Name": "Microsoft Hyper-V Network Adapter", "NetConnectionStatus": 2})
    ]


def _routes(guest: Guest) -> list[Thing]:
    del guest
    return [
        Thing(
            {
                "Destination": "0.0.0.0",
                "Mask": "0.0.0.0",
                "NextHop": "10.1.0.1",
                "InterfaceIndex": 3,
                "Metric1": 15,
            }
        ),
        Thing(
            {
                "Destination": "10.1.0.0",
                "Mask": "255.255.255.0",
                "NextHop": "0.0.0.0",
                "InterfaceIndex": 3,
                "Metric1": 271,
            }
        ),
    ]
