"""AS-4.9 and AS-4.10: the packages of OpenSSH and its service."""

from __future__ import annotations

import re

from services.readiness.linux_facts import LinuxFacts
from services.readiness.model import Finding, Status
from services.readiness.sources import ARTICLE
from services.text import plain

_INSTALLED = re.compile(r"^(openssh(?:-server|-client)?|openssl)-(\d\S*)$", re.M)
_DPKG = re.compile(r"^Package: (\S+)\nStatus: (.+)\nVersion: (.+)$", re.M)
_POLICY = re.compile(r"^(\S+):\n\s+Installed: (\S+)\n\s+Candidate: (\S+)", re.M)


def packages(target: str, facts: LinuxFacts) -> Finding:
    """Whether the three packages are installed, and whether the machine's own lists know newer ones."""
    evidence = facts.evidence("rpm", "dpkg", "policy")
    have = installed(facts)
    if have is None:
        return Finding(
            "ssh-packages",
            target,
            Status.UNKNOWN,
            "Neither rpm nor dpkg answered.",
            evidence,
            fix="Look by hand: rpm -q openssh openssh-server openssl, or dpkg -s openssh-server openssl",
            source=ARTICLE,
        )
    client = "openssh-client" if facts["dpkg"] else "openssh"
    wanted = [client, *(() if one_package(facts) else ("openssh-server",)), "openssl"]
    absent = [name for name in wanted if name not in have]
    if absent:
        return Finding(
            "ssh-packages",
            target,
            Status.FAILED,
            f"Not installed: {', '.join(absent)}.",
            evidence,
            cause="Push installation copies and starts the agent by them; it would end with 95117 or 97118.",
            fix=f"Install {', '.join(absent)} from the distribution's repository.",
            source=ARTICLE,
        )
    shown = ", ".join(f"{name} {plain(version, 60)}" for name, version in have.items())
    newer = candidates(facts["policy"])
    if newer:
        listed = ", ".join(f"{name} {plain(version, 60)}" for name, version in newer.items())
        return Finding(
            "ssh-packages",
            target,
            Status.WARNING,
            f"Newer versions are known to the machine: {listed}.",
            evidence,
            cause="The documents ask for the newest ones of the distribution.",
            fix=f"apt-get install --only-upgrade {' '.join(newer)}",
            source=ARTICLE,
        )
    what = f"Installed: {shown}."
    if facts["rpm"]:
        what += " Whether the repository has newer ones was not asked."
    return Finding("ssh-packages", target, Status.OK, what, evidence, source=ARTICLE)


def installed(facts: LinuxFacts) -> dict[str, str] | None:
    """Versions of the installed packages by name; None when no package manager answered."""
    if facts["dpkg"]:
        rows = _DPKG.findall(facts["dpkg"])
        return {name: version for name, status, version in rows if status.endswith(" installed")}
    if facts["rpm"]:
        return dict(_INSTALLED.findall(facts["rpm"]))
    return None


def one_package(facts: LinuxFacts) -> bool:
    """Whether the package openssh brings sshd itself, as SUSE had it up to SLES 15 SP2."""
    return bool(re.match(r"openssh-\d", facts["owner"].strip()))


def candidates(text: str) -> dict[str, str]:
    """Packages that `apt-cache policy` knows a newer version of."""
    found = _POLICY.findall(text)
    return {name: offered for name, has, offered in found if has not in ("(none)", offered)}


def service(target: str, facts: LinuxFacts) -> Finding:
    """Whether sshd starts with the machine and runs now."""
    used, boot = enabled(facts)
    runs = running(facts)
    evidence = facts.evidence(*([used] if used else []), "service", "listen")
    if boot and runs is not False:
        what = "sshd runs and starts with the machine." if runs else "sshd starts with the machine."
        return Finding("sshd-service", target, Status.OK, what, evidence, source=ARTICLE)
    if boot is None:
        return Finding(
            "sshd-service",
            target,
            Status.UNKNOWN,
            "Whether sshd starts with the machine could not be told.",
            evidence,
            cause="Neither systemctl, chkconfig, upstart nor /etc/rc2.d says so.",
            fix="Look by hand how this system starts its services.",
            source=ARTICLE,
        )
    what = "sshd does not start with the machine." if not boot else "sshd is not running."
    return Finding(
        "sshd-service",
        target,
        Status.FAILED,
        what,
        evidence,
        cause="After the next restart nothing could be installed or updated over SSH, and a machine failed over "
        "to Azure could not be reached.",
        fix="systemctl enable --now sshd (Ubuntu: ssh), or chkconfig sshd on; service sshd start",
        source=ARTICLE,
    )


def enabled(facts: LinuxFacts) -> tuple[str, bool | None]:
    """Which part told, and whether sshd starts with the machine; None when nothing told."""
    told: tuple[str, bool | None] = ("", None)
    for unit in ("systemd-sshd", "systemd-ssh", "systemd-socket"):
        state = (facts.lines(unit) or [""])[0].strip()
        if state in ("enabled", "enabled-runtime", "alias", "static", "indirect", "generated"):
            return unit, True
        if state in ("disabled", "masked") and told[1] is None:
            told = (unit, False)
    if told[0]:
        return told
    if facts["chkconfig"]:
        # "N 3": the level before, and the one that the machine is in.
        level = re.fullmatch(r"\S+ ([2-5])", facts["runlevel"].strip())
        return "chkconfig", bool(re.search(rf"\b[{level[1] if level else '35'}]:on\b", facts["chkconfig"]))
    if facts["upstart"]:
        lines = [line.strip() for line in facts.lines("upstart")]
        return "upstart", any(line.startswith("start on") for line in lines) and "manual" not in lines
    return ("rc", True) if facts["rc"] else ("", None)


def running(facts: LinuxFacts) -> bool | None:
    """Whether sshd runs, by its service manager; None when none tells."""
    states = [facts.lines(unit)[1:2] for unit in ("systemd-sshd", "systemd-ssh", "systemd-socket")]
    if ["active"] in states:
        return True
    if ["inactive"] in states or ["failed"] in states:
        return False
    said = facts["service"].lower()
    if "running" in said and "not running" not in said:
        return True
    if "stopped" in said or "stop/waiting" in said or "inactive" in said or "not running" in said:
        return False
    return None
