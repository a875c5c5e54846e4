"""AS-4.11: what sshd allows root who logs in from the process server."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence

from services.readiness import sshd_settings
from services.readiness.linux_facts import LinuxFacts
from services.readiness.linux_ssh import installed
from services.readiness.model import Finding, Status
from services.readiness.settings import Settings
from services.readiness.sources import ARTICLE
from services.readiness.sshd_settings import Peer, Setting
from services.text import plain

PASSWORD, ROOT_LOGIN, SFTP = "ssh-password", "ssh-root-login", "sftp"


class Sshd:
    """sshd's settings for root, and from where they were read. `texts` are its files if read otherwise."""

    def __init__(self, facts: LinuxFacts, settings: Settings, texts: Mapping[str, str] | None = None) -> None:
        self._printed = sshd_settings.effective(facts["effective"])
        path = settings.linux.sshd_config
        self.files = texts or {path: facts["config"], **included(facts["included"])}
        peer = Peer(settings.process_server if re.fullmatch(r"[\d.]+", settings.process_server) else "")
        self.settings = sshd_settings.read(self.files, path, peer)
        self.parts = ("effective", "config", "included") if self._printed else ("config", "included")
        self.known = bool(self._printed or self.settings)

    def value(self, name: str) -> str:
        """A setting in lower case as it holds for root; empty where sshd's default does."""
        if self._printed:
            return " ".join(self._printed.get(name.lower(), [])).lower()
        found = self.line(name)
        return found.value.lower() if found else ""

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
            if _lists_root([one for one in denied if "@" not in one]):
                return f"Deny{kind} {' '.join(denied)}"
            if allowed and not _lists_root([one.partition("@")[0] for one in allowed]):
                return f"Allow{kind} {' '.join(allowed)}"
        return ""

    def line(self, name: str) -> Setting | None:
        """The line of a file that sets it, or None."""
        return sshd_settings.first(self.settings, name)

    @property
    def sftp(self) -> str:
        """The command of the SFTP subsystem; empty when it is off."""
        printed = [value.partition(" ") for value in self._printed.get("subsystem", [])]
        if self._printed:
            return next((command for name, _blank, command in printed if name == "sftp"), "")
        return sshd_settings.subsystems(self.settings).get("sftp", "")

    def place(self, name: str) -> str:
        """Where a setting stands, as a sentence; empty when in no file."""
        found = self.line(name)
        if found is None:
            return ""
        block = f", in the block Match {plain(found.match, 80)}" if found.match else ""
        return f" It stands in {plain(found.path, 120)}, line {found.line + 1}{block}."


def _lists_root(patterns: Sequence[str]) -> bool:
    """Whether root, or the group root, is among the patterns of sshd_config(5)."""
    return any(fnmatch.fnmatchcase("root", one.replace("[", "[[]")) for one in patterns)


def included(text: str) -> dict[str, str]:
    """Files from the output of `grep -H ''`: path and text, in the order of their names."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        path, colon, rest = line.partition(":")
        if colon and path.startswith("/"):
            found[path] = found.get(path, "") + rest + "\n"
    return found


def password(target: str, facts: LinuxFacts, settings: Settings) -> Finding:
    """Whether sshd takes root's password from the process server."""
    sshd = Sshd(facts, settings)
    evidence = facts.evidence(*sshd.parts)
    if not sshd.known:
        return _not_read(PASSWORD, target, facts)
    value = sshd.value("passwordauthentication")
    ways = sshd.value("authenticationmethods")
    if value == "no":
        return Finding(
            PASSWORD,
            target,
            Status.FAILED,
            f"sshd takes no passwords.{sshd.place('passwordauthentication')}",
            evidence,
            cause="The process server signs in with root's password; push installation ends with error 95108.",
            fix="PasswordAuthentication yes, sshd -t, then reload sshd. It weakens the machine: take it back "
            "after the installation.",
            source=ARTICLE,
        )
    if ways not in ("", "any") and "password" not in re.split(r"\s+", ways):
        return Finding(
            PASSWORD,
            target,
            Status.FAILED,
            f"A password alone is not enough: AuthenticationMethods {plain(ways, 100)}.",
            evidence,
            cause="The process server has only root's password; push installation ends with error 95108.",
            fix="Allow 'password' for root in AuthenticationMethods, or install the Mobility service by hand.",
            source=ARTICLE,
        )
    what = (
        "sshd takes passwords." if value else "sshd takes passwords: nothing is set, and yes is its default."
    )
    return Finding(PASSWORD, target, Status.OK, what, evidence, source=ARTICLE)


def root_login(target: str, facts: LinuxFacts, settings: Settings) -> Finding:
    """Whether root may log in with a password."""
    sshd = Sshd(facts, settings)
    evidence = facts.evidence(*sshd.parts)
    if not sshd.known:
        return _not_read(ROOT_LOGIN, target, facts)
    value, shut_out = sshd.value("permitrootlogin"), sshd.shut_out
    if shut_out:
        return Finding(
            ROOT_LOGIN,
            target,
            Status.FAILED,
            f"sshd keeps root out: {plain(shut_out, 120)}.",
            evidence,
            cause="Push installation logs in as root; it ends with error 95108 or 95525.",
            fix="Let root in by that setting until the Mobility service is installed, or install it by hand.",
            source="sshd_config(5); the documents ask for root (Azure Stack article, step 1, 2026-09-21)",
        )
    if value == "yes" or (not value and _old(facts)):
        return Finding(ROOT_LOGIN, target, Status.OK, "root may log in.", evidence, source=ARTICLE)
    said = f"PermitRootLogin is {plain(value, 40)}." if value else "PermitRootLogin is not set."
    return Finding(
        ROOT_LOGIN,
        target,
        Status.FAILED,
        f"root may not log in with a password: {said}{sshd.place('permitrootlogin')}",
        evidence,
        cause="Push installation logs in as root with a password; it ends with error 95108 or 95525."
        + ("" if value else " Since OpenSSH 7.0 the default is prohibit-password."),
        fix="PermitRootLogin yes until the Mobility service is installed, or install it by hand.",
        source="sshd_config(5); the documents ask for root (Azure Stack article, step 1, 2026-09-21)",
    )


def _old(facts: LinuxFacts) -> bool:
    """Whether this OpenSSH is older than 7.0, whose default for root is yes."""
    version = (installed(facts) or {}).get("openssh-server", "")
    found = re.match(r"(?:\d+:)?(\d+)\.", version)
    return found is not None and int(found[1]) < 7


def sftp(target: str, facts: LinuxFacts, settings: Settings) -> Finding:
    """Whether the SFTP subsystem is on."""
    sshd = Sshd(facts, settings)
    evidence = facts.evidence(*sshd.parts)
    if not sshd.known:
        return _not_read(SFTP, target, facts)
    if sshd.sftp:
        what = f"The SFTP subsystem is on: {plain(sshd.sftp, 120)}."
        return Finding(SFTP, target, Status.OK, what, evidence, source=ARTICLE)
    return Finding(
        SFTP,
        target,
        Status.FAILED,
        "The SFTP subsystem is off.",
        evidence,
        cause="The process server copies the agent over SFTP; push installation ends with error 95108.",
        fix="Take the # from the line that begins with Subsystem, sshd -t, then reload sshd.",
        source=ARTICLE,
    )


def _not_read(check: str, target: str, facts: LinuxFacts) -> Finding:
    why = f" {facts.why[:1].upper()}{facts.why[1:]}" if facts.why else ""
    return Finding(
        check,
        target,
        Status.UNKNOWN,
        f"sshd's settings could not be read.{plain(why)}",
        facts.evidence("effective", "config"),
        cause="Only root may read them on this machine.",
        fix="Sign in as root, or let the account use sudo. By hand: sshd -T | grep -Ei "
        "'passwordauthentication|permitrootlogin|subsystem'",
        source=ARTICLE,
    )
