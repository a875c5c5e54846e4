"""A Windows machine: its files, its clock, its way to the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from services.practice.machines.disk import Disk
from services.practice.machines.ground import Clock
from services.practice.machines.inventory import Windows

Reach = Callable[[str, int], bool]
Path = Callable[[str, int], str]
OPEN, REFUSED, SILENT = "open", "refused", "silent"
"""What a connection meets: a listener, a machine without one, or nothing at all."""
INSTALLER = (
    b"MZ\x90\x00 Microsoft Azure Site Recovery Unified Setup, signed by Microsoft Corporation\r\n" * 64
)
INSTALLER_ADDRESS = "https://aka.ms/unifiedsetup"
PROXY = "10.1.0.2:3128"
"""The proxy of this network that lets everybody out; the way without a proxy is open too."""
ASKING_PROXY = "10.1.0.3:3128"
PROXY_ACCOUNT = ("contoso\\proxy", "Marker-proxy-3")
"""The proxy that asks who wants out, and the one account that it knows."""
DOMAINS = (
    "microsoftonline.com",
    "windows.net",
    "windowsazure.com",
    "azure.com",
    "visualstudio.com",
    "microsoft.com",
    "microsoftonline.us",
    "windowsazure.us",
    "usgovcloudapi.net",
    "blob.localhost",
)
"""Where names lead out of this network; every other name is unknown."""


class Guest:
    """One machine at work. `reach` says whether a documented address and port answers."""

    def __init__(self, profile: Windows, clock: Clock, disk: Disk, reach: Reach) -> None:
        self.profile = profile
        self.clock = clock
        self.disk = disk
        self.reach = reach
        self.command_lines: deque[str] = deque(maxlen=5_000)
        """What ran here, as event 4688 records it."""
        self.registered: Callable[[str], None] = lambda _key: None
        """Called with the vault credentials file when Unified Setup registers; ValueError refuses."""
        self.path: Path = lambda host, port: OPEN if reach(host, port) else REFUSED
        """What a connection from here meets at an address and port of this network."""
        if not disk.exists("C:"):
            for folder in ("C:", "C:\\Windows", "C:\\ProgramData", "C:\\Temp", "C:\\Program Files"):
                disk.make_folder(folder)
            for drive in ("D:", "E:") if profile.configuration_server else ():
                disk.make_folder(drive)

    def now(self) -> datetime:
        """What this machine's clock shows, in UTC."""
        error = 0.0 if self.disk.fact("clock-set") else self.profile.clock_error
        return self.clock.now() + timedelta(seconds=error)

    @property
    def german(self) -> bool:
        """Whether it speaks German."""
        return self.profile.language == "de-DE"

    def listening(self) -> list[int]:
        """The TCP ports with a listener."""
        more = [443, 9443] if self.disk.fact("installed") else []
        return [135, 445, 3389, 5985, *more]

    def environment(self) -> dict[str, str]:
        """Environment variables by lower-case name."""
        return {
            "computername": self.profile.name.upper(),
            "username": self.profile.user,
            "userdomain": self.profile.name.upper(),
            "programdata": "C:\\ProgramData",
            "allusersprofile": "C:\\ProgramData",
            "programfiles": "C:\\Program Files",
            "programfiles(x86)": "C:\\Program Files (x86)",
            "systemroot": "C:\\Windows",
            "windir": "C:\\Windows",
            "systemdrive": "C:",
            "temp": "C:\\Temp",
            "errorlevel": "0",
        }

    def folder_of(self, path: str) -> bool:
        """Whether the folder that a path names is there."""
        return self.disk.is_folder(path.rstrip("\\").rpartition("\\")[0])

    def make_folder(self, path: str) -> None:
        """Create a folder and those above it."""
        parts = path.rstrip("\\").split("\\")
        for count in range(1, len(parts) + 1):
            name = "\\".join(parts[:count])
            if not self.disk.exists(name):
                self.disk.make_folder(name)

    def fetched(self, address: str, proxy: str, account: tuple[str, str]) -> bytes:
        """What a download gives, directly or through a proxy; OSError in .NET's words when there is no way."""
        way = proxy.lower().removeprefix("http://").rstrip("/")
        if way == ASKING_PROXY and account != PROXY_ACCOUNT:
            raise OSError("The remote server returned an error: (407) Proxy Authentication Required.")
        if address != INSTALLER_ADDRESS or way not in ("", PROXY, ASKING_PROXY):
            raise OSError("Unable to connect to the remote server")
        return INSTALLER

    def resolved(self, name: str) -> list[str]:
        """The addresses of a name outside; a private one is that of a private endpoint."""
        host = name.lower().rstrip(".")
        return ["20.60.0.4"] if host.endswith(DOMAINS) else []

    def web(self, address: str, proxy: str) -> int | str:
        """The status of an HTTPS answer from outside, or .NET's word for why there is none."""
        way = proxy.lower().removeprefix("http://").rstrip("/")
        if way not in ("", PROXY):
            return "ConnectFailure"
        host = address.split("/")[2]
        return 404 if self.resolved(host) else "NameResolutionFailure"
