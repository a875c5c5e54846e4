"""The machines there are. Ids and addresses are stable; each is a small profile of data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Linux:
    """A Linux machine. `clock_error` is in seconds ahead; `ssh_port` is where sshd listens.

    `faults` name what is planted, by the words of `services.practice.machines.linux.faults`; `sha1_only` is an
    SSH server that knows nothing newer.
    """

    name: str
    address: str
    system: str
    distribution: str
    version: str
    codename: str
    kernel: str
    banner: str
    clock_error: float = 0.0
    ssh_port: int = 22
    faults: frozenset[str] = frozenset()
    sha1_only: bool = False

    os_type = "Linux"
    user = "root"
    secret = "linux-root"

    @property
    def systemd(self) -> bool:
        return (self.distribution, self.version.split(".")[0]) not in (
            ("centos", "5"),
            ("centos", "6"),
            ("ubuntu", "14"),
        )


@dataclass(frozen=True)
class Windows:
    """A Windows machine. `powershell` is its major version; one that is off answers nothing."""

    name: str
    address: str
    system: str
    caption: str
    version: str
    powershell: int
    service_pack: int = 0
    clock_error: float = 0.0
    running: bool = True
    secret: str = "windows-admin"
    configuration_server: bool = False
    language: str = "en-US"
    flaws: frozenset[str] = frozenset()
    """What is wrong with it: `remote-uac`, `file-sharing`, `wmi`, `full`, `bitlocker`, `restart`, `desktop`,
    `san`, or `way-PORT` for a port of the configuration server that something in between closes."""

    os_type = "Windows"
    user = "Administrator"


LINUX = (
    Linux(
        "app-01", "10.1.0.11", "Ubuntu 16.04", "ubuntu", "16.04.6", "xenial", "4.4.0-142-generic",
        "OpenSSH_7.2p2 Ubuntu-4ubuntu2.8",
    ),
    Linux(
        "app-02", "10.1.0.12", "Ubuntu 16.04", "ubuntu", "16.04.6", "xenial", "4.4.0-142-generic",
        "OpenSSH_7.2p2 Ubuntu-4ubuntu2.8", clock_error=420.0,
        faults=frozenset(("sftp-off", "updates")),
    ),
    Linux(
        "app-03", "10.1.0.13", "CentOS 7.3", "centos", "7.3.1611", "Core", "3.10.0-514.el7.x86_64",
        "OpenSSH_6.6.1", ssh_port=2222,
    ),
    Linux(
        "app-04", "10.1.0.14", "Ubuntu 18.04", "ubuntu", "18.04.6", "bionic", "4.15.0-142-generic",
        "OpenSSH_7.6p1 Ubuntu-4ubuntu0.5", faults=frozenset(("second-nic", "not-enabled")),
    ),
    Linux(
        "app-05", "10.1.0.15", "Ubuntu 14.04", "ubuntu", "14.04.6", "trusty", "3.13.0-170-generic",
        "OpenSSH_6.6.1p1 Ubuntu-2ubuntu2.13", faults=frozenset(("not-enabled", "boot-spread", "jfs")),
    ),
    Linux(
        "db-01", "10.1.0.21", "CentOS 6.9", "centos", "6.9", "Final", "2.6.32-696.el6.x86_64", "OpenSSH_5.3",
        faults=frozenset(("not-enabled", "grub-device")),
    ),
    Linux(
        "db-02", "10.1.0.22", "Ubuntu 16.04", "ubuntu", "16.04.6", "xenial", "4.4.0-142-generic",
        "OpenSSH_7.2p2 Ubuntu-4ubuntu2.8",
        faults=frozenset(("password-match", "full", "low-memory", "data-port-dropped")),
    ),
    Linux(
        "db-03", "10.1.0.23", "CentOS 5.11", "centos", "5.11", "Final", "2.6.18-398.el5", "OpenSSH_4.3",
        faults=frozenset(("hosts-empty",)), sha1_only=True,
    ),
)  # fmt: skip

_2019 = ("Windows Server 2019", "Microsoft Windows Server 2019 Datacenter", "10.0.17763", 5)
_2016 = ("Windows Server 2016", "Microsoft Windows Server 2016 Datacenter", "10.0.14393", 5)
_2012R2 = ("Windows Server 2012 R2", "Microsoft Windows Server 2012 R2 Datacenter", "6.3.9600", 4)
_2012 = ("Windows Server 2012", "Microsoft Windows Server 2012 Standard", "6.2.9200", 3)
_2008R2 = ("Windows Server 2008 R2 SP1", "Microsoft Windows Server 2008 R2 Enterprise ", "6.1.7601", 2)

WINDOWS = (
    Windows("cs-01", "10.1.0.5", *_2016, secret="config-server", configuration_server=True),
    Windows("web-01", "10.1.0.31", *_2016),
    Windows("web-02", "10.1.0.32", *_2012R2, clock_error=-360.0, flaws=frozenset({"remote-uac"})),
    Windows("web-03", "10.1.0.33", *_2008R2, service_pack=1, flaws=frozenset({"desktop", "san"})),
    Windows("web-04", "10.1.0.34", *_2016, running=False),
    Windows("web-05", "10.1.0.35", *_2012, flaws=frozenset({"file-sharing", "way-9443"})),
    Windows("web-06", "10.1.0.36", *_2019, flaws=frozenset({"full", "restart"})),
    Windows("web-07", "10.1.0.37", *_2016, language="de-DE", flaws=frozenset({"wmi", "bitlocker"})),
)
