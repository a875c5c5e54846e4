"""Which Linux a machine runs: one command for every distribution of the matrix, read by pure functions.

Nothing newer than CentOS 5 is used: no systemd, no `timeout`, no Python; files that are missing are no error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.guests.model import Output, Shell
from services.readiness.evidence import seen
from services.readiness.model import Evidence
from services.readiness.system import GuestSystem
from services.text import plain
from services.world.deadline import Deadline

FILES = (
    "os-release",
    "oracle-release",
    "centos-release",
    "redhat-release",
    "SuSE-release",
    "lsb-release",
    "debian_version",
)
"""Files of /etc that name a distribution, those that tell most first."""
PRO_TOKEN = "/var/lib/ubuntu-advantage/private/machine-token.json"
DISTRIBUTIONS = {
    "ubuntu": "Ubuntu",
    "debian": "Debian",
    "centos": "CentOS",
    "rhel": "Red Hat Enterprise Linux",
    "ol": "Oracle Linux",
    "rocky": "Rocky Linux",
    "sles": "SUSE Linux Enterprise Server",
}
"""The ID of os-release(5) and the name in the matrix."""
RELEASES = (
    (re.compile(r"^CentOS (?:Linux )?release (\d+(?:\.\d+)*)", re.I | re.M), "CentOS"),
    (re.compile(r"^Oracle Linux Server release (\d+(?:\.\d+)*)", re.I | re.M), "Oracle Linux"),
    (re.compile(r"^Rocky Linux release (\d+(?:\.\d+)*)", re.I | re.M), "Rocky Linux"),
    (
        re.compile(r"^Red Hat Enterprise Linux(?: Server| AS| ES)? release (\d+(?:\.\d+)*)", re.I | re.M),
        "Red Hat Enterprise Linux",
    ),
)
"""First lines of the *-release files of the Red Hat family."""
_LINE = re.compile(r"^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\\"'$`])")


def identify(shell: Shell, deadline: Deadline) -> GuestSystem:
    """Ask a machine what it runs. Raises ProblemError when the session breaks."""
    output = shell.run(command(), deadline)
    return parse(output.stdout, seen("uname -mr; cat /etc/*-release", _shown(output)))


def command() -> str:
    """Everything in one round trip; `sh -c` because the account's own shell may be another."""
    parts = ["echo ==machine", "uname -m", "echo ==kernel", "uname -r", "echo ==bits", "getconf LONG_BIT"]
    for name in FILES:
        parts += [f"echo =={name}", f"test -e /etc/{name} && head -n 40 /etc/{name} 2>/dev/null"]
    parts += ["echo ==pro", f"test -e {PRO_TOKEN} && echo attached", "true"]
    return f"sh -c '{'; '.join(parts)}'"


def _shown(output: Output) -> str:
    """The output without the parts that are empty; what went wrong when there is nothing else."""
    files = {name: text.strip() for name, text in sections(output.stdout).items()}
    return "\n".join(f"{name}: {text}" for name, text in files.items() if text) or output.stderr


def parse(text: str, *evidence: Evidence) -> GuestSystem:
    """What the output of `command` says. `evidence` is kept with it."""
    files = sections(text)
    distribution, number = _named(files)
    name = os_release(files.get("os-release", "")).get("PRETTY_NAME") or _first_line(files)
    return GuestSystem(
        family="linux",
        distribution=distribution,
        version=plain(number, 40),
        architecture=architecture(files.get("machine", ""), files.get("bits", "")),
        kernel=plain(files.get("kernel", "").strip(), 100),
        full_name=plain(name, 100),
        variant="Pro" if files.get("pro", "").strip() == "attached" else "",
        seen=evidence,
    )


def sections(text: str) -> dict[str, str]:
    """The parts of the output by their `==name` lines."""
    found: dict[str, str] = {}
    name = ""
    for line in text.split("\n"):
        if line.startswith("=="):
            name = line[2:].strip()
        elif name:
            found[name] = found.get(name, "") + line + "\n"
    return found


def os_release(text: str) -> dict[str, str]:
    """The assignments of an os-release(5) or lsb-release file, unquoted."""
    found = {}
    for line in text.split("\n"):
        matched = _LINE.match(line)
        if matched:
            found[matched[1]] = _unquoted(matched[2].strip())
    return found


def architecture(machine: str, bits: str = "") -> str:
    """`x86_64`, `x86` or what `uname -m` says; a 32-bit system on a 64-bit kernel is `x86`."""
    said = plain(machine.strip().lower(), 40)
    if said in ("x86_64", "amd64"):
        return "x86" if bits.strip() == "32" else "x86_64"
    return "x86" if re.fullmatch(r"i[3-6]86", said) else said


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] in "\"'" and value[-1] == value[0]:
        inner = value[1:-1]
        return inner if value[0] == "'" else _ESCAPED.sub(r"\1", inner)
    return _ESCAPED.sub(r"\1", value)


def _named(files: Mapping[str, str]) -> tuple[str, str]:
    release = os_release(files.get("os-release", ""))
    if "stream" in release.get("NAME", "").lower():
        # CentOS Stream is another system than CentOS, and no edition of the matrix has it.
        return "", ""
    distribution = DISTRIBUTIONS.get(release.get("ID", "").lower(), "")
    older = _from_release_files(files)
    if not distribution:
        return older if not release else ("", "")
    number = release.get("VERSION_ID", "")
    if distribution == "SUSE Linux Enterprise Server":
        major, _dot, pack = number.partition(".")
        return distribution, f"{major} SP{pack}" if pack and pack != "0" else major
    if distribution == "Debian":
        # os-release has only the major release.
        number = _number(files.get("debian_version", "")) or number
    if older[0] == distribution and older[1].startswith(number):
        # CentOS 7 says "7" in os-release and 7.3.1611 in centos-release.
        number = older[1]
    return distribution, number


def _from_release_files(files: Mapping[str, str]) -> tuple[str, str]:
    for name in ("oracle-release", "centos-release", "redhat-release"):
        for pattern, distribution in RELEASES:
            matched = pattern.search(files.get(name, ""))
            if matched:
                return distribution, matched[1]
    suse = os_release(files.get("SuSE-release", "").replace(" = ", "="))
    if "SUSE Linux Enterprise Server" in files.get("SuSE-release", "") and suse.get("VERSION"):
        pack = suse.get("PATCHLEVEL", "0")
        return "SUSE Linux Enterprise Server", suse["VERSION"] + (f" SP{pack}" if pack != "0" else "")
    lsb = os_release(files.get("lsb-release", ""))
    if lsb.get("DISTRIB_ID", "").lower() in DISTRIBUTIONS:
        return DISTRIBUTIONS[lsb["DISTRIB_ID"].lower()], lsb.get("DISTRIB_RELEASE", "")
    debian = _number(files.get("debian_version", ""))
    return ("Debian", debian) if debian else ("", "")


def _number(text: str) -> str:
    matched = re.match(r"\s*(\d+(?:\.\d+)*)\s*$", text)
    return matched[1] if matched else ""


def _first_line(files: Mapping[str, str]) -> str:
    texts = (files.get(name, "").strip() for name in FILES)
    return next((text.splitlines()[0] for text in texts if text), "")
