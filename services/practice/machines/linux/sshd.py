"""The sshd program: it shows and tests its configuration."""

from __future__ import annotations

import fnmatch
import ipaddress
import re

from services.practice.machines.linux.guest import Guest
from services.practice.machines.linux.shell import Answer, Shell

KNOWN = frozenset(
    (
        "port",
        "protocol",
        "permitrootlogin",
        "pubkeyauthentication",
        "passwordauthentication",
        "challengeresponseauthentication",
        "authenticationmethods",
        "usepam",
        "x11forwarding",
        "subsystem",
        "match",
        "listenaddress",
        "hostkey",
        "allowusers",
        "usedns",
        "printmotd",
        "acceptenv",
        "syslogfacility",
        "loglevel",
    )
)
DEFAULTS = {
    "port": "22",
    "permitrootlogin": "prohibit-password",
    "pubkeyauthentication": "yes",
    "passwordauthentication": "yes",
}


def sshd(guest: Guest, arguments: list[str], piped: str, shell: Shell) -> Answer:
    """sshd -T [-f FILE] [-C user=NAME,host=NAME,addr=ADDRESS] and sshd -t [-f FILE]"""
    del piped, shell
    options, path, peer, rest = "", "/etc/ssh/sshd_config", "", iter(arguments)
    for item in rest:
        if item == "-f":
            path = next(rest, path)
        elif item == "-C":
            peer = next(rest, "")
        else:
            options += item.lstrip("-")
    # OpenSSH 4.3 has no -T.
    unknown = [one for one in options if one not in ("t" if guest.profile.version.startswith("5.") else "tT")]
    if unknown or not options:
        return Answer("", f"sshd: invalid option -- {''.join(unknown)}\nOpenSSH_4.3p2\nusage: sshd\n", 1)
    text = guest.read(path)
    if text is None:
        return Answer("", f"{path}: No such file or directory\n", 255)
    wrong = _mistakes(text, path)
    if wrong:
        return Answer("", wrong, 255)
    return Answer(_effective(guest, text, peer)) if "T" in options else Answer()


def _lines(text: str) -> list[tuple[int, str, str]]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        matched = re.match(r"\s*([A-Za-z][A-Za-z0-9]*)[\s=]+(.*?)\s*$", line)
        if matched:
            found.append((number, matched[1].lower(), " ".join(matched[2].split())))
    return found


def _mistakes(text: str, path: str) -> str:
    wrong = [(number, name) for number, name, _value in _lines(text) if name not in KNOWN]
    told = "".join(f"{path}: line {number}: Bad configuration option: {name}\n" for number, name in wrong)
    return f"{told}{path}: terminating, {len(wrong)} bad configuration options\n" if wrong else ""


def _effective(guest: Guest, text: str, peer: str) -> str:
    asked = dict(part.split("=", 1) for part in peer.split(",") if "=" in part)
    general: dict[str, str] = {}
    special: dict[str, str] = {}
    into: dict[str, str] | None = general
    for _number, name, value in _lines(text):
        if name == "match":
            into = special if _holds(value, asked) else None
        elif into is not None:
            into.setdefault(name, value)
    defaults = dict(DEFAULTS)
    if not re.match(r"OpenSSH_7\.", guest.profile.banner):
        defaults["permitrootlogin"] = "yes"
    return "".join(f"{key} {value}\n" for key, value in {**defaults, **general, **special}.items())


def _holds(criteria: str, asked: dict[str, str]) -> bool:
    words = criteria.split()
    return all(_one(kind.lower(), form, asked) for kind, form in zip(words[::2], words[1::2], strict=False))


def _one(kind: str, form: str, asked: dict[str, str]) -> bool:
    if kind == "user":
        return any(fnmatch.fnmatchcase(asked.get("user", ""), one) for one in form.split(","))
    if kind == "address" and asked.get("addr"):
        nets = [ipaddress.ip_network(one, strict=False) for one in form.split(",")]
        return any(ipaddress.ip_address(asked["addr"]) in net for net in nets)
    return False
