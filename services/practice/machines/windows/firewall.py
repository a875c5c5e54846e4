"""Windows Firewall: the predefined groups that checks ask for, by COM and by netsh, remembered rule by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.practice.machines.windows.guest import Guest
from services.practice.machines.windows.values import PowerShellError, Thing, text

DOMAIN, PRIVATE, PUBLIC, ALL = 1, 2, 4, 0x7FFFFFFF
IN, OUT = 1, 2
ICMP4, TCP, UDP, ICMP6 = 1, 6, 17, 58
SHARING, WMI, DESKTOP = ("@FirewallAPI.dll,-28502", "@FirewallAPI.dll,-34251", "@FirewallAPI.dll,-28752")
GROUPS = {
    SHARING: ("File and Printer Sharing", "Datei- und Druckerfreigabe"),
    WMI: ("Windows Management Instrumentation (WMI)", "Windows-Verwaltungsinstrumentation (WMI)"),
    DESKTOP: ("Remote Desktop", "Remotedesktop"),
}
FLAWS = {SHARING: "file-sharing", WMI: "wmi", DESKTOP: "desktop"}
"""The flaw of a machine whose group is switched off."""
SPLIT = ((DOMAIN,), (PRIVATE | PUBLIC,))


@dataclass(frozen=True)
class Rule:
    """A predefined rule. `number` tells rules of one group apart."""

    number: int
    group: str
    name: str
    profiles: int
    protocol: int
    ports: str = ""
    service: str = ""
    program: str = ""
    icmp: str = ""
    direction: int = IN
    remote: str = ""


_SHARING = (
    ("NB-Session-In", TCP, "139", "", "System", ""),
    ("SMB-In", TCP, "445", "", "System", ""),
    ("NB-Name-In", UDP, "137", "", "System", ""),
    ("NB-Datagram-In", UDP, "138", "", "System", ""),
    ("Spooler Service - RPC", TCP, "RPC", "Spooler", "%SystemRoot%\\system32\\spoolsv.exe", ""),
    ("Spooler Service - RPC-EPMAP", TCP, "RPC-EPMap", "Rpcss", "", ""),
    ("Echo Request - ICMPv4-In", ICMP4, "", "", "", "8:*"),
    ("Echo Request - ICMPv6-In", ICMP6, "", "", "", "128:*"),
    ("LLMNR-UDP-In", UDP, "5355", "dnscache", "%SystemRoot%\\system32\\svchost.exe", ""),
)
_WMI = (
    ("DCOM-In", TCP, "135", "rpcss", "%SystemRoot%\\system32\\svchost.exe", ""),
    ("WMI-In", TCP, "*", "winmgmt", "%SystemRoot%\\system32\\svchost.exe", ""),
    ("ASync-In", TCP, "*", "", "%systemroot%\\system32\\wbem\\unsecapp.exe", ""),
)


def rules(guest: Guest) -> list[Rule]:
    """The rules that this version of Windows brings."""
    found: list[Rule] = []

    def put(group: str, name: str, profiles: int, protocol: int, *rest: Any) -> None:
        found.append(Rule(len(found), group, name, profiles, protocol, *rest))

    for (profiles,) in SPLIT:
        for name, protocol, ports, service, program, icmp in _SHARING:
            put(SHARING, name, profiles, protocol, ports, service, program, icmp)
        put(SHARING, "SMB-Out", profiles, TCP, "*", "", "System", "", OUT, "445")
        for name, protocol, ports, service, program, icmp in _WMI:
            put(WMI, name, profiles, protocol, ports, service, program, icmp)
        put(WMI, "WMI-Out", profiles, TCP, "*", "winmgmt", "", "", OUT)
    ways = (TCP, UDP) if guest.profile.powershell > 2 else (TCP,)
    for protocol in ways:
        put(DESKTOP, "User Mode", ALL, protocol, "3389", "termservice", "%SystemRoot%\\system32\\svchost.exe")
    for (profiles,) in SPLIT:
        # Only its remote port tells it from SMB-Out.
        put(SHARING, "NB-Session-Out", profiles, TCP, "*", "", "System", "", OUT, "139")
    return found


def enabled(guest: Guest, rule: Rule) -> bool:
    """Whether a rule is switched on: as it was set, else as the machine came."""
    kept = guest.disk.fact("firewall") or {}
    flawed = FLAWS[rule.group] in guest.profile.flaws
    # Where a group is off, a person has switched on some rules of it: undoing must leave those alone.
    came = not flawed or (
        rule.group != DESKTOP
        and ((rule.protocol in (ICMP4, UDP) and rule.ports in ("", "138")) or rule.remote == "445")
    )
    return bool(kept.get(str(rule.number), came))


def switch(guest: Guest, rule: Rule, on: bool) -> None:
    """Switch a rule on or off."""
    guest.disk.remember("firewall", {**(guest.disk.fact("firewall") or {}), str(rule.number): on})


def lets_in(guest: Guest, port: int) -> bool:
    """Whether TCP to a port passes in the profile in use."""
    names = {135: ("135", "RPC-EPMap"), 445: ("445",), 3389: ("3389",)}.get(port, (str(port),))
    return any(
        enabled(guest, rule)
        for rule in rules(guest)
        if rule.direction == IN
        and rule.protocol == TCP
        and rule.ports in names
        and rule.profiles & profile(guest)
    )


def profile(guest: Guest) -> int:
    """The profile in use: machines of a workgroup in an Azure Stack network are in the public one."""
    del guest
    return PUBLIC


def policy(guest: Guest) -> Thing:
    """New-Object -ComObject HNetCfg.FwPolicy2"""
    return Thing(
        {
            "CurrentProfileTypes": profile(guest),
            "LocalPolicyModifyState": 0,
            "Rules": [_thing(guest, rule) for rule in rules(guest)],
        },
        {"firewallenabled": lambda _profile: True, "blockallinboundtraffic": lambda _profile: False},
        "System.__ComObject",
    )


def _thing(guest: Guest, rule: Rule) -> Thing:
    thing = Thing(
        {
            "Name": f"{_shown(guest, rule.group)} ({rule.name})",
            "Grouping": rule.group,
            "Enabled": enabled(guest, rule),
            "Direction": rule.direction,
            "Action": 1,
            "Profiles": rule.profiles,
            "Protocol": rule.protocol,
            "LocalPorts": rule.ports or None,
            "RemotePorts": rule.remote or None,
            "serviceName": rule.service or None,
            "ApplicationName": rule.program or None,
            "IcmpTypesAndCodes": rule.icmp or None,
        },
        kind="System.__ComObject",
    )

    def changed(name: str, value: Any) -> None:
        if name != "enabled":
            raise PowerShellError(f"Exception setting '{name}': Access is denied.")
        switch(guest, rule, bool(value))

    thing.changed = changed
    return thing


def _shown(guest: Guest, group: str) -> str:
    return GROUPS[group][1 if guest.profile.language == "de-DE" else 0]


def netsh(guest: Guest, words: list[str]) -> tuple[str, int]:
    """netsh advfirewall firewall set rule group=NAME new enable=yes|no: its output and exit code.

    A group is named as this machine shows it, or by its resource, which is the same in every language.
    """
    german = guest.profile.language == "de-DE"
    given = dict(word.lower().partition("=")[::2] for word in words if "=" in word)
    if [word.lower() for word in words[:4]] != [
        "advfirewall",
        "firewall",
        "set",
        "rule",
    ] or "enable" not in given:
        return (
            "Der angegebene Befehl wurde nicht gefunden.\n" if german else "The command was not found.\n"
        ), 1
    wanted = given.get("group", "")
    found = [
        rule for rule in rules(guest) if wanted in (rule.group.lower(), _shown(guest, rule.group).lower())
    ]
    if not found:
        none = "Keine Regeln stimmen mit den angegebenen Kriterien überein." if german else ""
        return f"\n{none or 'No rules match the specified criteria.'}\n", 1
    for rule in found:
        switch(guest, rule, text(given["enable"]) == "yes")
    done = f"{len(found)} Regel(n) wurde(n) aktualisiert." if german else f"Updated {len(found)} rule(s)."
    return f"\n{done}\n{'OK.' if german else 'Ok.'}\n\n", 0
