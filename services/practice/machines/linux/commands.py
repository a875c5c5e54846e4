"""The commands that Linux machines have, and on which systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.practice.machines.inventory import Linux
from services.practice.machines.linux import edits, facts, services, sshd, storage, words
from services.practice.machines.linux.guest import Guest
from services.practice.machines.linux.shell import Answer, Shell

Run = Callable[[Guest, list[str], str, Shell], Answer]


@dataclass(frozen=True)
class Entry:
    """A command and the systems that have it."""

    run: Run
    on: Callable[[Linux], bool] = lambda _profile: True


def _ubuntu(profile: Linux) -> bool:
    return profile.distribution == "ubuntu"


def _centos(profile: Linux) -> bool:
    return profile.distribution == "centos"


def _not_centos_5(profile: Linux) -> bool:
    return (profile.distribution, profile.version.split(".")[0]) != ("centos", "5")


def _upstart(profile: Linux) -> bool:
    return profile.version.startswith("14.04")


def _systemd(profile: Linux) -> bool:
    return profile.systemd


def _net_tools(profile: Linux) -> bool:
    # net-tools is part of the server install up to Ubuntu 16.04 and CentOS 6.
    return profile.version.startswith(("14.04", "16.04", "5.", "6."))


def _command(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    del piped, shell
    if arguments[:1] != ["-v"] or len(arguments) != 2:
        return Answer("", "bash: command: invalid option\n", 2)
    return Answer(f"/usr/bin/{arguments[1]}\n") if guest.command(arguments[1]) else Answer(code=1)


def _which(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    return _command(guest, ["-v", *arguments[:1]], piped, shell)


def _sub_shell(dialect: str) -> Run:
    def run(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
        del piped
        name = dialect if guest.profile.distribution == "ubuntu" else "bash"
        inner = Shell(guest, name)
        inner.variables = dict(shell.variables)
        if arguments[:1] == ["-c"] and len(arguments) > 1:
            return inner.run(arguments[1])
        return Answer("", f"{dialect}: {' '.join(arguments)}: invalid option\n", 2)

    return run


def _timeout(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    del guest
    if len(arguments) < 2:
        return Answer(code=125)
    found = shell.call(arguments[1:], piped)
    return Answer(code=124) if found.seconds > float(arguments[0].rstrip("s")) else found


COMMANDS: dict[str, Entry] = {
    "apt-cache": Entry(facts.apt_cache, _ubuntu),
    "bash": Entry(_sub_shell("bash")),
    "cat": Entry(words.cat),
    "chmod": Entry(edits.chmod),
    "chkconfig": Entry(services.chkconfig, _centos),
    "command": Entry(_command),
    "cp": Entry(edits.cp),
    "cut": Entry(words.cut),
    "date": Entry(facts.date),
    "df": Entry(storage.df),
    "dpkg": Entry(facts.dpkg, _ubuntu),
    "dpkg-query": Entry(facts.dpkg_query, _ubuntu),
    "echo": Entry(words.echo),
    "exec": Entry(lambda _guest, _arguments, _piped, _shell: Answer()),
    "export": Entry(words.export),
    "false": Entry(lambda _guest, _arguments, _piped, _shell: Answer(code=1)),
    "getconf": Entry(facts.getconf),
    "grep": Entry(words.grep),
    "egrep": Entry(words.grep),
    "head": Entry(words.head),
    "hostname": Entry(facts.hostname),
    "id": Entry(facts.identity),
    "ifconfig": Entry(facts.ifconfig, _net_tools),
    "ip": Entry(facts.ip),
    "initctl": Entry(services.initctl, _upstart),
    "ls": Entry(words.ls),
    "lsblk": Entry(storage.lsblk, _not_centos_5),
    "mv": Entry(edits.mv),
    "netstat": Entry(services.netstat, _net_tools),
    "od": Entry(edits.od),
    "printf": Entry(edits.printf),
    "pvs": Entry(storage.pvs),
    "python": Entry(storage.python, _centos),
    "readlink": Entry(edits.readlink),
    "rm": Entry(edits.rm),
    "rpm": Entry(facts.rpm, _centos),
    "service": Entry(services.service),
    "sh": Entry(_sub_shell("sh")),
    "ss": Entry(services.ss, _systemd),
    "sshd": Entry(sshd.sshd),
    "systemctl": Entry(services.systemctl, _systemd),
    "tail": Entry(words.tail),
    "test": Entry(words.test),
    ":": Entry(lambda _guest, _arguments, _piped, _shell: Answer()),
    "[": Entry(words.test),
    "timeout": Entry(_timeout, _not_centos_5),
    "true": Entry(lambda _guest, _arguments, _piped, _shell: Answer()),
    "uname": Entry(facts.uname),
    "wc": Entry(words.wc),
    "which": Entry(_which),
    "whoami": Entry(lambda _guest, _arguments, _piped, _shell: Answer("root\n")),
}
