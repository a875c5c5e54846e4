"""What the Linux checks look at, gathered in one round trip and cut into named parts.

Plain lists of commands, with what older systems have instead behind them: CentOS 5 and 6 have no systemd, no
`ss` and no os-release, Ubuntu 14.04 starts services by upstart, CentOS 5's sshd has no -T. A command that is
missing leaves its part empty, which is no error; the checks say which part they used.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

from services.guests.model import Shell
from services.guests.sudo import SEARCH
from services.readiness.evidence import seen
from services.readiness.linux import sections
from services.readiness.model import Evidence
from services.readiness.settings import Settings
from services.world.deadline import Deadline

GRUB = (
    "/boot/grub/menu.lst",
    "/boot/grub/grub.conf",
    "/boot/grub/grub.cfg",
    "/boot/grub2/grub.cfg",
    "/boot/grub2/grubenv",
    "/boot/loader/entries/*.conf",
    "/boot/efi/EFI/*/grub.cfg",
    "/etc/default/grub",
)
"""Those of the documents, and where UEFI and Red Hat 8 keep what is booted."""
PACKAGES = "openssh openssh-client openssh-server openssl"
TOOLS = ("timeout", "bash", "python3", "python", "python2", "perl", "nc")
SFTP_SERVERS = (
    "/usr/lib/openssh/sftp-server",
    "/usr/libexec/openssh/sftp-server",
    "/usr/lib/ssh/sftp-server",
)
"""Where Debian, Red Hat and SUSE have it."""
BLOCKS = "lsblk -P -n -o NAME,KNAME,PKNAME,TYPE,FSTYPE,MOUNTPOINT"
EFFECTIVE = "{sshd} -T -f {config} -C user=root,host={peer},addr={peer}"
NEWER = "find {config} {config}.d/*.conf -newer {pid}"
MOST = 200
"""Lines of a list that are read; a machine with more disks or names than that says so elsewhere."""
BOOTED = "test -d /run/systemd/system"
"""Whether systemd runs the machine, as sd_booted(3) finds out; systemctl alone may be there without it."""


def _asked(unit: str) -> str:
    return f"{BOOTED} && systemctl is-enabled {unit} 2>&1; {BOOTED} && systemctl is-active {unit} 2>&1"


PARTS: tuple[tuple[str, str], ...] = (
    ("id", "id -u"),
    # Only root may ask.
    ("passwd", "passwd -S root 2>/dev/null"),
    ("hostname", "hostname 2>/dev/null || uname -n"),
    ("addresses", "ip -4 addr 2>/dev/null || ifconfig -a 2>/dev/null || cat /proc/net/fib_trie"),
    ("hosts", "cat {hosts}"),
    ("rpm", f"rpm -q {PACKAGES} 2>/dev/null"),
    ("owner", "rpm -qf {sshd} 2>/dev/null"),
    ("zypper", "command -v zypper"),
    ("dpkg", f"dpkg -s {PACKAGES} 2>/dev/null | grep -E '^(Package|Status|Version): '"),
    ("policy", f"apt-cache policy {PACKAGES} 2>/dev/null"),
    ("systemd-sshd", _asked("sshd.service")),
    ("systemd-ssh", _asked("ssh.service")),
    ("systemd-socket", _asked("ssh.socket")),
    ("chkconfig", "chkconfig --list sshd 2>/dev/null"),
    ("runlevel", "runlevel 2>/dev/null"),
    ("upstart", "cat /etc/init/ssh.conf /etc/init/ssh.override 2>/dev/null | grep -E '^(start on|manual)'"),
    ("rc", "ls /etc/rc2.d/ /etc/rc3.d/ 2>/dev/null | grep -E '^S[0-9]+ssh'"),
    ("service", f"{BOOTED} || service sshd status 2>&1 || service ssh status 2>&1"),
    ("listen", "ss -ltn 2>/dev/null || netstat -ltn 2>/dev/null || cat /proc/net/tcp /proc/net/tcp6"),
    # A Match on LocalPort makes -T ask for the port, by a word that OpenSSH before 6.1 refuses.
    ("effective", f"{EFFECTIVE} 2>&1 || {EFFECTIVE},lport=22 2>&1"),
    ("config", "cat {config}"),
    # What may not be read is told on stderr: "grep: PATH: Permission denied".
    ("included", "grep -H '' {config}.d/*.conf 2>&1"),
    # Started or told to reload, sshd writes its process number anew, on CentOS 5 too. It may be about to.
    (
        "unread",
        f"grep -q sshd /proc/$(cat {{pid}})/cmdline && {NEWER} | grep -q . && sleep 1 && {NEWER}",
    ),
    ("groups", "id -Gn root"),
    ("sftp", f"ls {' '.join(SFTP_SERVERS)}"),
    ("df", "df -Pk / /usr/local /tmp"),
    ("mounts", "cat /proc/mounts"),
    ("blocks", f"{BLOCKS} 2>/dev/null"),
    ("volumes", "pvs --noheadings -o vg_name,pv_name 2>/dev/null"),
    ("partitions", "cat /proc/partitions"),
    ("grub", f"grep -HE '(root|resume)=/dev/' {' '.join(GRUB)} 2>/dev/null"),
    ("memory", "cat /proc/meminfo"),
    *((f"tool-{name}", f"command -v {name}") for name in TOOLS),
)
"""Name of the part and what is run for it; braces are filled in from the settings."""
NOWHERE = "192.0.2.1"
"""An address of no network (RFC 5737), for where the process server is not known yet."""
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


@dataclass(frozen=True)
class LinuxFacts:
    """The parts by name, each the raw text of its commands; empty where they gave nothing.

    `root` says whether root's rights were had; `why` is the sentence why not.
    """

    parts: dict[str, str] = field(default_factory=dict)
    root: bool = True
    why: str = ""

    def __getitem__(self, name: str) -> str:
        return self.parts.get(name, "").rstrip("\n")

    def lines(self, name: str) -> list[str]:
        """The lines of a part that are not blank, bounded."""
        return [line for line in self[name].split("\n")[:MOST] if line.strip()]

    def evidence(self, *names: str) -> tuple[Evidence, ...]:
        """These parts as evidence, the empty ones left out unless all are."""
        commands = dict(PARTS)
        told = [name for name in names if self[name].strip()] or list(names[:1])
        return tuple(seen(_shown(commands[name]), self[name]) for name in told)

    @property
    def tools(self) -> list[str]:
        """Programs that the machine has, of those that can try a connection."""
        return [name for name in TOOLS if self[f"tool-{name}"].strip()]


def gather(
    shell: Shell, settings: Settings, deadline: Deadline, *, root: bool = True, why: str = ""
) -> LinuxFacts:
    """Ask a machine everything at once. Raises ProblemError when the session breaks."""
    output = shell.run(command(settings), deadline)
    return LinuxFacts(sections(output.stdout), root, why)


def command(settings: Settings) -> str:
    """The whole question as one command line."""
    places = settings.linux
    given = {
        "{hosts}": shlex.quote(places.hosts),
        "{config}": shlex.quote(places.sshd_config),
        "{sshd}": shlex.quote(places.sshd),
        "{pid}": shlex.quote(places.pid),
        "{peer}": peer(settings.process_server),
    }
    lines = [SEARCH, "LC_ALL=C", "export PATH LC_ALL"]
    for name, run in PARTS:
        for brace, value in given.items():
            run = run.replace(brace, value)
        # The blank line ends a file that has no end of line of its own.
        lines += ["echo", f"echo =={name}", run]
    return f"sh -c {shlex.quote(chr(10).join([*lines, 'true']))} 2>/dev/null"


def peer(process_server: str) -> str:
    """The address that sshd is asked about: the process server's, or one of nobody."""
    return process_server if _ADDRESS.fullmatch(process_server) else NOWHERE


def _shown(run: str) -> str:
    """The command without what only silences it."""
    places = Settings().linux
    for brace, value in (
        ("{hosts}", places.hosts),
        ("{config}", places.sshd_config),
        ("{sshd}", "sshd"),
        ("{pid}", places.pid),
        ("-C user=root,host={peer},addr={peer}", "-C user=root"),
    ):
        run = run.replace(brace, value)
    for silent in (f"{BOOTED} && ", f"{BOOTED} || ", " 2>/dev/null", " 2>&1"):
        run = run.replace(silent, "")
    return run
