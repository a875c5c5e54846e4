"""sshd's settings as they hold for root who comes from the process server, and where they stand."""

from __future__ import annotations

import fnmatch
import itertools
import re
from collections.abc import Mapping

from services.readiness import sshd_settings
from services.readiness.linux_facts import LinuxFacts
from services.readiness.settings import Settings
from services.readiness.sshd_settings import Peer, Setting
from services.text import plain

DEFAULTS = {"passwordauthentication": "yes"}
"""What holds where nothing is set, of those keywords whose default is the same in every version."""


class Sshd:
    """sshd's settings for root, and from where they were read. `texts` are its files if read otherwise."""

    def __init__(self, facts: LinuxFacts, settings: Settings, texts: Mapping[str, str] | None = None) -> None:
        self._printed = sshd_settings.effective(facts["effective"])
        path = settings.linux.sshd_config
        self.files = texts or {path: facts["config"], **included(facts["included"])}
        peer = Peer(settings.process_server if re.fullmatch(r"[\d.]+", settings.process_server) else "")
        self.settings = sshd_settings.read(self.files, path, peer)
        self._address = peer.address
        self._groups = {"root", *facts["groups"].split()}
        self._closed = closed(facts["included"])
        self._unread = sshd_settings.unread(self.files, self.settings, f"{path}.d/*.conf")
        self.parts = ("effective", "config", "included") if self._printed else ("config", "included")
        self.known = bool(self._printed or self.settings)

    def value(self, name: str) -> str:
        """A setting in lower case as it holds for root; empty where sshd's default does."""
        if self._printed:
            return " ".join(self._printed.get(name.lower(), [])).lower()
        found = self.line(name)
        return " ".join(sshd_settings.words(found.value)).lower() if found else ""

    def doubt(self, name: str) -> str:
        """Why nobody can tell from here what holds for root, as a sentence; empty where it can be told."""
        if not self._printed and any(one.name == "include" for one in self.settings):
            hidden = [*self._closed, *self._unread]
            if hidden:
                return f"A part was not read: {plain(', '.join(hidden), 160)}."
        if self._printed and self._address:
            return ""
        own = [one for one in self.settings if one.name == name.lower()]
        sure = next((one.value for one in own if one.sure), DEFAULTS.get(name.lower(), ""))
        certain = _one_name(self.value(name) if self._printed else sure)
        before = itertools.takewhile(lambda one: not one.sure, own)
        other = next((one for one in before if _one_name(one.value) != certain), None)
        if other is None:
            return ""
        return f"It depends on who asks: line {other.line + 1} of {plain(other.path, 120)}, in a Match block."

    def names(self, name: str) -> list[str]:
        """The words of a setting that may stand on several lines, such as AllowUsers, in lower case."""
        if self._printed:
            lines = self._printed.get(name.lower(), [])
        else:
            lines = [one.value for one in self.settings if one.name == name.lower()]
        return [word for line in lines for word in sshd_settings.words(line.lower())]

    @property
    def shut_out(self) -> str:
        """The setting that keeps root out whatever PermitRootLogin says; empty where none does."""
        for kind in ("Users", "Groups"):
            denied, allowed = self.names(f"deny{kind}"), self.names(f"allow{kind}")
            if any(self._is_root(kind, one, unknown=False) for one in denied):
                return f"Deny{kind} {' '.join(denied)}"
            if allowed and not any(self._is_root(kind, one, unknown=True) for one in allowed):
                return f"Allow{kind} {' '.join(allowed)}"
        return ""

    def _is_root(self, kind: str, pattern: str, *, unknown: bool) -> bool:
        """Whether a pattern of these lists means root, or a group of root's. `unknown`: what a host name, or an
        address while the process server's is not known, counts for."""
        if kind == "Groups":
            return any(_fits(group, pattern) for group in self._groups)
        user, sign, host = pattern.partition("@")
        if not _fits("root", user):
            return False
        if not sign or host == "*":
            return True
        if not self._address or re.search(r"[g-z]", host):
            return unknown
        return sshd_settings.covers(host, self._address)

    def line(self, name: str) -> Setting | None:
        """The line of a file that sets it, or None."""
        return sshd_settings.first(self.settings, name)

    def deciding(self, name: str) -> Setting | None:
        """The line that makes a setting what it is; None where no line that was read does."""
        if not self._printed:
            return self.line(name)
        value = _one_name(self.value(name))
        own = [one for one in self.settings if one.name == name.lower() and _one_name(one.value) == value]
        return next((one for one in own if one.sure), next(iter(own), None))

    @property
    def spoken(self) -> bool:
        """Whether sshd itself told its settings."""
        return bool(self._printed)

    @property
    def sftp(self) -> str:
        """The command of the SFTP subsystem; empty when it is off."""
        printed = [value.partition(" ") for value in self._printed.get("subsystem", [])]
        if self._printed:
            return next((command for name, _blank, command in printed if name == "sftp"), "")
        return sshd_settings.subsystems(self.settings).get("sftp", "")

    @property
    def sftp_line(self) -> Setting | None:
        """The line of a file that names the SFTP subsystem, or None."""
        own = (one for one in self.settings if one.name == "subsystem")
        return next((one for one in own if sshd_settings.words(one.value)[:1] == ["sftp"]), None)

    def place(self, name: str) -> str:
        """Where a setting stands, as a sentence; empty when in no file."""
        found = self.deciding(name)
        if found is None:
            return ""
        block = f", in the block Match {plain(found.match, 80)}" if found.match else ""
        return f" It stands in {plain(found.path, 120)}, line {found.line + 1}{block}."


def _one_name(value: str) -> str:
    """A value of a setting, where two words mean the same the older one."""
    said = " ".join(sshd_settings.words(value)).lower()
    return "without-password" if said == "prohibit-password" else said


def _fits(name: str, pattern: str) -> bool:
    """Whether a name is meant by a pattern of sshd_config(5)."""
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def closed(text: str) -> list[str]:
    """Files that `grep` was not allowed to read."""
    return re.findall(r"^grep: (/.*): Permission denied$", text, re.M)


def included(text: str) -> dict[str, str]:
    """Files from the output of `grep -H ''`: path and text, in the order of their names."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        path, colon, rest = line.partition(":")
        if colon and path.startswith("/"):
            found[path] = found.get(path, "") + rest + "\n"
    return found
