"""Commands that tell what a machine is: system, clock, addresses, packages, space."""

from __future__ import annotations

import re
from datetime import datetime

from services.practice.machines.inventory import Linux
from services.practice.machines.linux.guest import Guest
from services.practice.machines.linux.shell import Answer, Shell

PACKAGES = {
    "14.04": ("1:6.6p1-2ubuntu2.13", "1.0.1f-1ubuntu2.27"),
    "16.04": ("1:7.2p2-4ubuntu2.8", "1.0.2g-1ubuntu4.15"),
    "18.04": ("1:7.6p1-4ubuntu0.5", "1.1.1-1ubuntu2.1~18.04.13"),
    "7": ("openssh{}-6.6.1p1-31.el7.x86_64", "openssl-1.0.1e-60.el7.x86_64"),
    "5": ("openssh{}-4.3p2-82.el5", "openssl-0.9.8e-40.el5_11"),
    "6": ("openssh{}-5.3p1-122.el6.x86_64", "openssl-1.0.1e-57.el6.x86_64"),
}


def uname(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """uname [-amnrsvo]"""
    del piped, shell
    profile = guest.profile
    parts = {
        "s": "Linux",
        "n": profile.name,
        "r": profile.kernel,
        "v": "#1 SMP" if profile.distribution == "centos" else "#168-Ubuntu SMP",
        "m": "x86_64",
        "p": "x86_64",
        "o": "GNU/Linux",
    }
    asked = "".join(item.lstrip("-") for item in arguments) or "s"
    wanted = "snrvmo" if "a" in asked else [sign for sign in parts if sign in asked]
    return Answer(" ".join(parts[sign] for sign in wanted) + "\n")


def hostname(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """hostname [-s|-f|-I]"""
    del piped, shell
    return Answer((f"{guest.profile.address} " if "-I" in arguments else guest.profile.name) + "\n")


def identity(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """id [-u|-g|-un|-gn]"""
    del guest, piped, shell
    option = "".join(sorted("".join(item.lstrip("-") for item in arguments)))
    plain = "uid=0(root) gid=0(root) groups=0(root)"
    return Answer({"u": "0", "g": "0", "nu": "root", "gn": "root"}.get(option, plain) + "\n")


def date(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """date [-u] [+FORMAT]; the machine's zone is UTC."""
    del piped, shell
    form = next((item[1:] for item in arguments if item.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    return Answer(_formatted(guest.now(), form) + "\n")


def _formatted(moment: datetime, form: str) -> str:
    fixed = {
        "%s": str(int(moment.timestamp())),
        "%N": f"{moment.microsecond:06d}000",
        "%z": "+0000",
        "%Z": "UTC",
    }
    for sign, value in fixed.items():
        form = form.replace(sign, value)
    return moment.strftime(form)


def getconf(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """getconf LONG_BIT"""
    del guest, piped, shell
    if arguments == ["LONG_BIT"]:
        return Answer("64\n")
    return Answer("", f"getconf: Unrecognized variable `{' '.join(arguments)}'\n", 2)


def ip(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """ip [-4] [-o] addr [show] [scope global]"""
    del piped, shell
    words = [item for item in arguments if not item.startswith("-")]
    if words[:1] not in (["addr"], ["address"], ["a"]):
        return Answer("", f'Object "{" ".join(words[:1])}" is unknown, try "ip help".\n', 1)
    name, address = _interface(guest.profile), guest.profile.address
    life = "valid_lft forever preferred_lft forever"
    inet = f"inet {address}/24 brd {address.rpartition('.')[0]}.255 scope global {name}"
    local = "" if "global" in words else f"1: lo    inet 127.0.0.1/8 scope host lo\\       {life}\n"
    second = second_nic(guest.profile)
    other = (
        f"inet {second}/24 brd {second.rpartition('.')[0]}.255 scope global {name[:-1]}4" if second else ""
    )
    if any("o" in item for item in arguments if item.startswith("-")):
        more = f"3: {name[:-1]}4    {other}\\       {life}\n" if second else ""
        return Answer(f"{local}2: {name}    {inet}\\       {life}\n{more}")
    flags = "<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP qlen 1000"
    more = f"3: {name[:-1]}4: {flags}\n    {other}\n       {life}\n" if second else ""
    lead = (
        ""
        if "global" in words
        else "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n"
    )
    return Answer(f"{lead}2: {name}: {flags}\n    {inet}\n       {life}\n{more}")


def second_nic(profile: Linux) -> str:
    """The address of the second adapter, or empty."""
    if "second-nic" not in profile.faults:
        return ""
    return profile.address.replace("10.1.0.", "10.1.1.")


def ifconfig(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """ifconfig [-a]"""
    del arguments, piped, shell
    address = guest.profile.address
    broadcast = f"{address.rpartition('.')[0]}.255"
    return Answer(
        f"{_interface(guest.profile)}      Link encap:Ethernet  HWaddr 00:1D:D8:B7:1C:0B\n"
        f"          inet addr:{address}  Bcast:{broadcast}  Mask:255.255.255.0\n"
        "          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\n"
        "lo        Link encap:Local Loopback\n          inet addr:127.0.0.1  Mask:255.0.0.0\n"
        "          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n"
    )


def _interface(profile: Linux) -> str:
    return "eth0" if profile.distribution == "centos" else "ens3"


def rpm(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """rpm -q NAME..."""
    del piped, shell
    if "-q" not in arguments:
        return Answer("", "RPM version 4.8.0\n", 1)
    ssh, ssl = PACKAGES[guest.profile.version.split(".")[0]]
    known = {
        "openssh": ssh.format(""),
        "openssh-server": ssh.format("-server"),
        "openssh-clients": ssh.format("-clients"),
        "openssl": ssl,
        "centos-release": f"centos-release-{guest.profile.version.replace('.', '-', 1)}.x86_64",
    }
    if guest.profile.version.startswith("5."):
        # rpm 4.4 prints no architecture.
        known["centos-release"] = "centos-release-5-11.el5.centos"
    names = [item for item in arguments if not item.startswith("-")]
    missing = sum(name not in known for name in names)
    lines = [known.get(name, f"package {name} is not installed") for name in names]
    return Answer("".join(line + "\n" for line in lines), "", missing)


def dpkg(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """dpkg -s NAME...; dpkg --print-architecture"""
    del piped, shell
    if "--print-architecture" in arguments:
        return Answer("amd64\n")
    known, found, missing = _deb(guest.profile), "", ""
    for name in (item for item in arguments if not item.startswith("-")):
        if name in known:
            found += f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
            found += f"Version: {known[name]}\n\n"
        else:
            missing += f"dpkg-query: package '{name}' is not installed and no information is available\n"
    return Answer(found, missing, 1 if missing else 0)


def dpkg_query(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """dpkg-query -W [-f FORMAT] NAME..."""
    if "-s" in arguments:
        return dpkg(guest, arguments, piped, shell)
    form, names, rest = "${Package}\t${Version}\n", [], iter(arguments)
    for item in rest:
        if item in ("-f", "--showformat"):
            form = next(rest, form)
        elif found := re.match(r"(?:-f=?|--showformat=)(.+)", item, re.S):
            form = found[1]
        elif not item.startswith("-"):
            names.append(item)
    known = _deb(guest.profile)
    given = "".join(_shown(form, name, known[name]) for name in names if name in known)
    missing = "".join(
        f"dpkg-query: no packages found matching {name}\n" for name in names if name not in known
    )
    return Answer(given, missing, 1 if missing else 0)


def _shown(form: str, name: str, version: str) -> str:
    fields = {
        "Package": name,
        "Version": version,
        "Status": "install ok installed",
        "db:Status-Status": "installed",
    }
    for field, value in fields.items():
        form = form.replace("${" + field + "}", value)
    return form.replace("\\n", "\n").replace("\\t", "\t")


def _deb(profile: Linux) -> dict[str, str]:
    ssh, ssl = PACKAGES[".".join(profile.version.split(".")[:2])]
    return {"openssh-client": ssh, "openssh-server": ssh, "openssh-sftp-server": ssh, "openssl": ssl}


def apt_cache(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """apt-cache policy NAME..."""
    del piped, shell
    if arguments[:1] != ["policy"]:
        return Answer("", "E: Invalid operation\n", 100)
    known, found = _deb(guest.profile), ""
    for name in arguments[1:]:
        if name in known:
            has = known[name]
            new = has.replace("ubuntu2.8", "ubuntu2.10") if "updates" in guest.profile.faults else has
            found += f"{name}:\n  Installed: {has}\n  Candidate: {new}\n  Version table:\n *** {has} 100\n"
            found += "        100 /var/lib/dpkg/status\n"
    return Answer(found)
