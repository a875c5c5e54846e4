"""What the Windows checks look at, asked of a machine in as few round trips as command lines hold.

Everything is for Windows Server 2008 R2 SP1 with PowerShell 2.0 and later, and nothing of it depends on the
language of the system: numbers, names of classes and values, resource names of firewall groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.guests import sections
from services.guests.model import Shell
from services.guests.powershell import quoted
from services.guests.sections import FAILED, Section
from services.readiness.evidence import seen
from services.readiness.model import Evidence
from services.readiness.settings import CONTROL_PORT, Settings
from services.world.deadline import Deadline

SHARING, WMI, DESKTOP = ("@FirewallAPI.dll,-28502", "@FirewallAPI.dll,-34251", "@FirewallAPI.dll,-28752")
"""Predefined firewall groups by resource, the same in every language."""
SECONDS = 4
"""Real seconds for one connection from the machine."""
POLICIES = r"HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
_TERMINAL = r"HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server"
_UPDATE = r"HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired"
_SERVICING = r"HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending"

ACCOUNT = Section(
    "account",
    "$i=[Security.Principal.WindowsIdentity]::GetCurrent();'name='+$i.Name;'sid='+$i.User.Value;"
    "$p=New-Object Security.Principal.WindowsPrincipal($i);"
    "'admin='+$p.IsInRole([Security.Principal.WindowsBuiltInRole]'Administrator');"
    "$c=Get-WmiObject Win32_ComputerSystem;'computer='+$c.Name;'domain='+$c.PartOfDomain",
)
REMOTE_UAC = Section(
    "remote-uac",
    f"$k=Get-ItemProperty {quoted(POLICIES)};'filter='+$k.LocalAccountTokenFilterPolicy;'lua='+$k.EnableLUA",
)
SPACE = Section(
    "space",
    "'system='+$env:SystemDrive;foreach($d in Get-WmiObject Win32_LogicalDisk -Filter 'DriveType=3')"
    "{$d.DeviceID+'='+$d.Size+' '+$d.FreeSpace}",
)
DISKS = Section(
    "disks",
    "foreach($d in Get-WmiObject Win32_DiskDrive)"
    "{'disk='+$d.Index+' '+$d.Size+' '+$d.BytesPerSector+' '+$d.InterfaceType+' '+$d.Model};"
    "foreach($p in Get-WmiObject Win32_DiskPartition){'part='+$p.DiskIndex+' '+$p.BootPartition+' '+$p.Type};"
    "foreach($l in Get-WmiObject Win32_LogicalDiskToPartition)"
    "{'on='+$l.Dependent.Split('\"')[1]+' '+$l.Antecedent.Split('\"')[1]}",
)
BITLOCKER = Section(
    "bitlocker",
    r"foreach($v in Get-WmiObject -Namespace 'root\CIMV2\Security\MicrosoftVolumeEncryption' "
    "-Class Win32_EncryptableVolume)"
    "{$v.DriveLetter+'='+$v.ProtectionStatus+' '+$v.GetConversionStatus().ConversionStatus}",
)
ZONE = Section(
    "zone",
    "'zone='+(tzutil /g);$o=Get-WmiObject Win32_OperatingSystem;'minutes='+$o.CurrentTimeZone;"
    r"'fixed='+(Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\TimeZoneInformation'"
    " -ErrorAction SilentlyContinue).DynamicDaylightTimeDisabled",
)
RESTART = Section(
    "restart", f"foreach($k in {quoted(_UPDATE)},{quoted(_SERVICING)}){{if(Test-Path $k){{'pending='+$k}}}}"
)
CONNECT = Section(
    "connect",
    f"'deny='+(Get-ItemProperty {quoted(_TERMINAL)}).fDenyTSConnections;"
    r"'san='+(Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Services\partmgr\Parameters'"
    " -ErrorAction SilentlyContinue).SanPolicy;"
    r"'secureboot='+(Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\SecureBoot\State'"
    " -ErrorAction SilentlyContinue).UEFISecureBootEnabled",
)
FIREWALL = Section(
    "firewall",
    "$f=New-Object -ComObject HNetCfg.FwPolicy2;'current='+$f.CurrentProfileTypes;"
    "'modify='+$f.LocalPolicyModifyState;"
    'foreach($n in 1,2,4){"on.$n="+$f.FirewallEnabled($n)};'
    f"foreach($r in $f.Rules){{if(({quoted(SHARING)},{quoted(WMI)},{quoted(DESKTOP)}) -contains $r.Grouping "
    "-and $r.Direction -eq 1 -and $r.Action -eq 1)"
    "{'rule='+$r.Grouping.Substring(18)+' '+$r.Enabled+' '+$r.Profiles+'/'+$r.Protocol+'/'+$r.LocalPorts+'/'"
    "+$r.serviceName+'/'+$r.IcmpTypesAndCodes+'/'+\"$($r.ApplicationName)\".Split('\\')[-1]}}",
)


def reach(settings: Settings) -> Section:
    """Connections to the process server, one after the other, without waiting longer than `SECONDS`."""
    return Section(
        "reach",
        f"foreach($p in {CONTROL_PORT},{settings.data_port}){{$c=New-Object Net.Sockets.TcpClient;$s='silent';"
        f"try{{$a=$c.BeginConnect({quoted(settings.process_server)},$p,$null,$null);"
        f"if($a.AsyncWaitHandle.WaitOne({SECONDS * 1000},$false)){{$c.EndConnect($a);$s='open'}}}}"
        'catch{$s=$_.Exception.InnerException.ErrorCode};$c.Close();"$p=$s"}',
    )


@dataclass(frozen=True)
class WindowsFacts:
    """The answers of one machine: lines by question, and the scripts that asked."""

    lines: Mapping[str, tuple[str, ...]]
    asked: Mapping[str, Section]

    def failed(self, name: str) -> str | None:
        """Why a question has no answer: `InvalidNamespace ...`; empty when nobody knows, None when it has one."""
        if name not in self.lines:
            return ""
        broke = [line for line in self.lines[name] if line.startswith(FAILED)]
        return broke[0].removeprefix(FAILED).strip() if broke else None

    def pairs(self, name: str) -> Mapping[str, str]:
        """NAME=VALUE lines of an answer; the last one of a name counts."""
        return sections.pairs(self.lines.get(name, ()))

    def all(self, name: str, key: str) -> list[str]:
        """Every value of a name."""
        start = f"{key}="
        return [line.removeprefix(start) for line in self.lines.get(name, ()) if line.startswith(start)]

    def evidence(self, *names: str) -> tuple[Evidence, ...]:
        """What was run and what came back, question by question."""
        return tuple(
            seen(self.asked[name].script, "\n".join(self.lines.get(name, ())))
            for name in names
            if name in self.asked
        )


def gather(shell: Shell, settings: Settings, deadline: Deadline) -> WindowsFacts:
    """Ask a machine everything. ProblemError when the session breaks."""
    asked = [ACCOUNT, REMOTE_UAC, SPACE, DISKS, BITLOCKER, ZONE, RESTART, CONNECT, FIREWALL]
    if settings.process_server:
        asked.append(reach(settings))
    return WindowsFacts(sections.ask(shell, asked, deadline), {one.name: one for one in asked})
