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


def enabled(guest: Guest) -> bool:
    """Whether sshd starts with the machine: as planted, until somebody changes it."""
    planted = "off" if "not-enabled" in guest.profile.faults else "on"
    return guest.fact("sshd-boot", planted) == "on"


def systemctl(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """systemctl is-enabled|is-active|status|enable|disable|start|reload|restart UNIT"""
    del piped, shell
    words = [item for item in arguments if not item.startswith("-")]
    if len(words) != 2:
        return Answer("", "Too few arguments.\n", 1)
    verb, name = words
    known = _is_sshd(guest, name)
    unit = name.removesuffix(".service")
    if verb == "is-enabled":
        if known:
            return Answer("enabled\n") if enabled(guest) else Answer("disabled\n", "", 1)
        return Answer("", f"Failed to get unit file state for {unit}.service: No such file or directory\n", 1)
    if verb == "is-active":
        return Answer("active\n") if known else Answer("unknown\n", "", 3)
    if verb == "status":
        return _status(guest, name)
    if verb not in ("enable", "disable", "start", "reload", "restart"):
        return Answer("", f"Unknown operation '{verb}'.\n", 1)
    if not known:
        return Answer("", f"Failed to {verb} {unit}.service: Unit {unit}.service not found.\n", 5)
    if verb in ("enable", "disable"):
        guest.remember("sshd-boot", "on" if verb == "enable" else "off")
    return Answer()


def _status(guest: Guest, name: str) -> Answer:
    if not _is_sshd(guest, name):
        return Answer("", f"Unit {name}.service could not be found.\n", 4)
    unit = _unit(guest)
    path = "/lib/systemd/system" if unit == "ssh" else "/usr/lib/systemd/system"
    state = "enabled" if enabled(guest) else "disabled"
    return Answer(
        f"● {unit}.service - OpenSSH server daemon\n"
        f"   Loaded: loaded ({path}/{unit}.service; {state}; vendor preset: enabled)\n"
        "   Active: active (running)\n"
    )


def service(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """service NAME status|start|reload|restart"""
    del piped, shell
    if len(arguments) != 2 or arguments[1] not in ("status", "start", "reload", "restart"):
        return Answer("", "Usage: service < option > | --status-all | [ service_name [ command ] ]\n", 1)
    name, verb = arguments
    if guest.profile.systemd:
        result = _status(guest, name)
        if guest.profile.distribution == "centos":
            result.stderr = f"Redirecting to /bin/systemctl {verb}  {name}.service\n{result.stderr}"
        return result if verb == "status" else Answer("", result.stderr, result.code)
    if name != _unit(guest):
        return Answer("", f"{name}: unrecognized service\n", 1)
    if verb != "status":
        return Answer(f"Reloading {name}:                                          [  OK  ]\n")
    if guest.profile.distribution == "ubuntu":
        return Answer("ssh start/running, process 1023\n")
    return Answer("openssh-daemon (pid  1423) is running...\n")


def chkconfig(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """chkconfig --list [NAME]; chkconfig [--level LEVELS] NAME on|off"""
    del piped, shell
    if guest.profile.systemd:
        name = arguments[-1] if arguments else ""
        return Answer("", f"error reading information on service {name}: No such file or directory\n", 1)
    if arguments == ["--list", "sshd"]:
        state = "on" if enabled(guest) else "off"
        return Answer(f"sshd           \t0:off\t1:off\t2:{state}\t3:{state}\t4:{state}\t5:{state}\t6:off\n")
    if arguments[:1] == ["--level"]:
        arguments = arguments[2:]
    if len(arguments) == 2 and arguments[0] == "sshd" and arguments[1] in ("on", "off"):
        guest.remember("sshd-boot", arguments[1])
        return Answer()
    name = arguments[-1] if arguments else ""
    return Answer("", f"error reading information on service {name}: No such file or directory\n", 1)


def initctl(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """initctl status|reload ssh, of upstart"""
    del guest, piped, shell
    if arguments[-1:] != ["ssh"]:
        return Answer("", f"initctl: Unknown job: {' '.join(arguments[-1:])}\n", 1)
    return Answer("ssh start/running, process 1023\n")


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
