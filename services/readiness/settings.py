"""What readiness is told beside the machines: the process server they must reach, and where files lie."""

from __future__ import annotations

from dataclasses import dataclass, field

DATA_PORT = 9443
"""The port for replication data unless it was changed in Unified Setup."""
CONTROL_PORT = 443


@dataclass(frozen=True)
class LinuxPlaces:
    """Files and programs of a Linux machine, where its distribution keeps them.

    `reload` is the command that makes sshd read its files again; empty: the machine's own service manager.
    `pid` is the file that sshd writes each time it has read them.
    """

    hosts: str = "/etc/hosts"
    sshd_config: str = "/etc/ssh/sshd_config"
    sshd: str = "/usr/sbin/sshd"
    reload: str = ""
    pid: str = "/var/run/sshd.pid"


@dataclass(frozen=True)
class Settings:
    """`process_server` is an address or name as the machines know it; empty when it is not decided yet."""

    process_server: str = ""
    data_port: int = DATA_PORT
    linux: LinuxPlaces = field(default_factory=LinuxPlaces)
