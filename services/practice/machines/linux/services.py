"""Commands about services and what listens."""

from __future__ import annotations

import re

from services.practice.machines.linux.guest import Guest
from services.practice.machines.linux.shell import Answer, Shell


def _unit(guest: Guest) -> str:
    return "ssh" if guest.profile.distribution == "ubuntu" else "sshd"


def _is_sshd(guest: Guest, name: str) -> bool:
    # Ubuntu's unit is ssh with the alias sshd.
    return name.removesuffix(".service") in (_unit(guest), "sshd")


def systemctl(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """systemctl is-enabled|is-active|status UNIT"""
    del piped, shell
    words = [item for item in arguments if not item.startswith("-")]
    if len(words) != 2:
        return Answer("", "Too few arguments.\n", 1)
    verb, name = words
    known = _is_sshd(guest, name)
    if verb == "is-enabled":
        if known:
            return Answer("enabled\n")
        unit = name.removesuffix(".service")
        return Answer("", f"Failed to get unit file state for {unit}.service: No such file or directory\n", 1)
    if verb == "is-active":
        return Answer("active\n") if known else Answer("unknown\n", "", 3)
    if verb == "status":
        return _status(guest, name)
    return Answer("", f"Unknown operation '{verb}'.\n", 1)


def _status(guest: Guest, name: str) -> Answer:
    if not _is_sshd(guest, name):
        return Answer("", f"Unit {name}.service could not be found.\n", 4)
    unit = _unit(guest)
    path = "/lib/systemd/system" if unit == "ssh" else "/usr/lib/systemd/system"
    return Answer(
        f"● {unit}.service - OpenSSH server daemon\n"
        f"   Loaded: loaded ({path}/{unit}.service; enabled; vendor preset: enabled)\n"
        "   Active: active (running)\n"
    )


def service(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """service NAME status"""
    del piped, shell
    if len(arguments) != 2 or arguments[1] != "status":
        return Answer("", "Usage: service < option > | --status-all | [ service_name [ command ] ]\n", 1)
    name = arguments[0]
    if not guest.profile.systemd:
        if name == "sshd":
            return Answer("openssh-daemon (pid  1423) is running...\n")
        return Answer("", f"{name}: unrecognized service\n", 1)
    result = _status(guest, name)
    if guest.profile.distribution == "centos":
        result.stderr = f"Redirecting to /bin/systemctl status  {name}.service\n{result.stderr}"
    return result


def chkconfig(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """chkconfig --list [NAME]"""
    del piped, shell
    if arguments == ["--list", "sshd"] and not guest.profile.systemd:
        return Answer("sshd           \t0:off\t1:off\t2:on\t3:on\t4:on\t5:on\t6:off\n")
    name = arguments[-1] if arguments else ""
    return Answer("", f"error reading information on service {name}: No such file or directory\n", 1)


def ss(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """ss -ltn [FILTER]; the filter `( sport = :N )` is understood."""
    del piped, shell
    port = guest.profile.ssh_port
    asked = re.search(r"sport\s*=\s*:(\d+)", " ".join(arguments))
    header = "State       Recv-Q Send-Q Local Address:Port               Peer Address:Port\n"
    if any("H" in item for item in arguments if item.startswith("-")):
        header = ""
    if asked and int(asked[1]) != port:
        return Answer(header)
    rows = f"LISTEN      0      128          *:{port}                       *:*\n"
    return Answer(header + rows + f"LISTEN      0      128         :::{port}                      :::*\n")


def netstat(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """netstat -ltn"""
    del arguments, piped, shell
    port = guest.profile.ssh_port
    return Answer(
        "Active Internet connections (only servers)\n"
        "Proto Recv-Q Send-Q Local Address               Foreign Address             State\n"
        f"tcp        0      0 0.0.0.0:{port}                  0.0.0.0:*                   LISTEN\n"
        f"tcp        0      0 :::{port}                       :::*                        LISTEN\n"
    )


def sshd(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """sshd -T (the effective configuration) and sshd -t (a test of it)."""
    del piped, shell
    text = guest.read("/etc/ssh/sshd_config") or ""
    settings = {"port": "22", "permitrootlogin": "yes", "pubkeyauthentication": "yes"}
    settings["passwordauthentication"] = "yes"
    for line in text.splitlines():
        found = re.match(r"\s*([A-Za-z]\w*)\s+(.+?)\s*$", line)
        if found:
            settings[found[1].lower()] = " ".join(found[2].split())
    if arguments == ["-T"]:
        return Answer("".join(f"{key} {value}\n" for key, value in settings.items()))
    if arguments == ["-t"]:
        return Answer()
    return Answer("", f"unknown option -- {' '.join(arguments).lstrip('-')}\n", 1)
