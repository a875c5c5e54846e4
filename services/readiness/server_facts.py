"""What the checks of a configuration server look at, asked in as few round trips as command lines hold."""

from __future__ import annotations

from services.guests import sections
from services.guests.model import Shell
from services.guests.powershell import quoted
from services.guests.sections import Section
from services.readiness.windows_facts import DISKS, SPACE, WindowsFacts
from services.world.deadline import Deadline

ROLES = {
    "NTDS": "Active Directory Domain Services",
    "W3SVC": "Internet Information Services",
    "vmms": "Hyper-V",
}
"""Roles that must be off, by the service that each brings: the same on every version and in every language."""
OURS = ("tmansvc", "ProcessServer")
"""Services that Unified Setup brings; where one is, IIS and port 443 belong to it."""
_SCHANNEL = r"HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols"

SIZE = Section(
    "size",
    "$c=Get-WmiObject Win32_ComputerSystem;'cores='+$c.NumberOfLogicalProcessors;'memory='+$c.TotalPhysicalMemory",
)
SYSTEM = Section(
    "system",
    "$o=Get-WmiObject Win32_OperatingSystem;'caption='+$o.Caption;'version='+$o.Version;"
    "'kind='+$o.ProductType;"
    r"'installed='+(Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Nls\Language').InstallLanguage;"
    r"'desktop='+(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion').InstallationType",
)
SERVICES = Section(
    "services",
    f"$n={','.join(quoted(name) for name in (*ROLES, *OURS))};"
    "foreach($s in Get-WmiObject Win32_Service){if($n -contains $s.Name){$s.Name+'='+$s.State}}",
)
POLICIES = {
    "Prevent access to the command prompt": (
        r"HKCU:\Software\Policies\Microsoft\Windows\System",
        "DisableCMD",
    ),
    "Prevent access to registry editing tools": (
        r"HKCU:\Software\Microsoft\Windows\CurrentVersion\Policies\System",
        "DisableRegistryTools",
    ),
    "Trust logic for file attachments": (
        r"HKCU:\Software\Microsoft\Windows\CurrentVersion\Policies\Attachments",
        "UseTrustedHandlers",
    ),
    "Turn on Script Execution": (r"HKLM:\SOFTWARE\Policies\Microsoft\Windows\PowerShell", "EnableScripts"),
}
"""Group policies that must be off, with the key and value that each sets."""
# A WinRM session loads no profile: HKCU is then an empty one unless the account is signed in there as well.
_HIVE = "'hive='+(Test-Path ('Registry::HKEY_USERS\\'+[Security.Principal.WindowsIdentity]::GetCurrent().User.Value));"
POLICY = Section(
    "policies",
    _HIVE
    + ";".join(
        f"'{value}='+(Get-ItemProperty {quoted(key)} -ErrorAction SilentlyContinue).{value}"
        for key, value in POLICIES.values()
    ),
)
PORT = Section(
    "port",
    "$g=[Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties();"
    "foreach($l in $g.GetActiveTcpListeners()){if($l.Port -eq 443){'listener='+$l.Address}};"
    r"$f=$env:windir+'\System32\inetsrv\config\applicationHost.config';if(Test-Path $f)"
    "{foreach($l in Get-Content $f){if($l -match '<site name='){'site='+$l.Trim()}}}",
)
ADDRESS = Section(
    "address",
    "foreach($a in Get-WmiObject Win32_NetworkAdapterConfiguration){if($a.IPEnabled)"
    "{'adapter='+$a.DHCPEnabled+' '+($a.IPAddress -join ' ')}}",
)
TLS = Section(
    "tls",
    f"$k={quoted(_SCHANNEL)};foreach($v in '1.0','1.2'){{foreach($e in 'Client','Server')"
    '{$p=Get-ItemProperty "$k\\TLS $v\\$e" -ErrorAction SilentlyContinue;"$v $e="+$p.Enabled+\'/\''
    "+$p.DisabledByDefault}};"
    r"'release='+(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full').Release;"
    r"'strong='+(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\.NETFramework\v4.0.30319').SchUseStrongCrypto",
)


def route(endpoint: str) -> Section:
    """Where the way to a storage endpoint begins: its addresses, the default routes and their adapters."""
    names = (
        f"foreach($a in [Net.Dns]::GetHostAddresses({quoted(endpoint)})){{'address='+$a.IPAddressToString}};"
    )
    return Section(
        "route",
        (f"try{{{names}}}catch{{}};" if endpoint else "")
        + "foreach($r in Get-WmiObject Win32_IP4RouteTable){if($r.Destination -eq '0.0.0.0')"
        "{'default='+$r.InterfaceIndex+' '+$r.Metric1+' '+$r.NextHop}};"
        "foreach($a in Get-WmiObject Win32_NetworkAdapter){if($a.NetConnectionStatus -eq 2)"
        "{'adapter='+$a.InterfaceIndex+' '+$a.Name}}",
    )


def gather(shell: Shell, endpoint: str, deadline: Deadline) -> WindowsFacts:
    """Ask the server everything but the URLs. ProblemError when the session breaks."""
    asked = [SIZE, SPACE, DISKS, SYSTEM, SERVICES, POLICY, PORT, ADDRESS, TLS, route(endpoint)]
    return WindowsFacts(sections.ask(shell, asked, deadline), {one.name: one for one in asked})
