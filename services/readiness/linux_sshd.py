"""AS-4.11: what sshd allows root who logs in from the process server."""

from __future__ import annotations

import re
from dataclasses import replace

from services.readiness.linux_facts import SFTP_SERVERS, LinuxFacts
from services.readiness.linux_ssh import installed
from services.readiness.model import Evidence, Finding, Status
from services.readiness.settings import Settings
from services.readiness.sources import ARTICLE
from services.readiness.sshd_root import Sshd
from services.text import plain

PASSWORD, ROOT_LOGIN, SFTP = "ssh-password", "ssh-root-login", "sftp"


def password(target: str, facts: LinuxFacts, settings: Settings) -> Finding:
    """Whether sshd takes root's password from the process server."""
    sshd = Sshd(facts, settings)
    evidence = facts.evidence(*sshd.parts)
    if not sshd.known:
        return _not_read(PASSWORD, target, facts)
    doubt = sshd.doubt("passwordauthentication")
    if doubt:
        return _doubtful(PASSWORD, target, evidence, doubt)
    value = sshd.value("passwordauthentication")
    ways = sshd.value("authenticationmethods")
    if value not in ("", "yes"):
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
    return _in_force(Finding(PASSWORD, target, Status.OK, what, evidence, source=ARTICLE), facts)


def root_login(target: str, facts: LinuxFacts, settings: Settings) -> Finding:
    """Whether root may log in with a password."""
    sshd = Sshd(facts, settings)
    evidence = facts.evidence(*sshd.parts)
    if not sshd.known:
        return _not_read(ROOT_LOGIN, target, facts)
    doubt = sshd.doubt("permitrootlogin")
    if doubt:
        return _doubtful(ROOT_LOGIN, target, evidence, doubt)
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
        found = Finding(ROOT_LOGIN, target, Status.OK, "root may log in.", evidence, source=ARTICLE)
        return _in_force(found, facts)
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
    doubt = sshd.doubt("subsystem")
    if doubt:
        return _doubtful(SFTP, target, evidence, doubt)
    absent = missing_server(sshd.sftp, facts)
    if absent:
        return Finding(
            SFTP,
            target,
            Status.FAILED,
            f"The SFTP subsystem names {absent}, which is not on the machine.",
            facts.evidence(*sshd.parts, "sftp"),
            cause="The process server copies the agent over SFTP; push installation ends with error 95108.",
            fix="Subsystem sftp internal-sftp, or the path where this distribution has sftp-server; then sshd -t, "
            "and reload sshd.",
            source=ARTICLE,
        )
    if sshd.sftp:
        what = f"The SFTP subsystem is on: {plain(sshd.sftp, 120)}."
        return _in_force(Finding(SFTP, target, Status.OK, what, evidence, source=ARTICLE), facts)
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


def missing_server(command: str, facts: LinuxFacts) -> str:
    """The program of a subsystem where it is one that was looked for and is not there, else empty."""
    program = command.split(" ")[0]
    looked = "sftp" in facts.parts and program in SFTP_SERVERS
    return program if looked and program not in [line.strip() for line in facts.lines("sftp")] else ""


def _in_force(found: Finding, facts: LinuxFacts) -> Finding:
    """What the files say, as a warning where one of them was changed after the running sshd read them."""
    changed = facts.lines("unread")
    if not changed:
        return found
    return replace(
        found,
        status=Status.WARNING,
        what=f"sshd was not reloaded: {plain(changed[0], 120)} was changed after it last read its settings.",
        evidence=(*found.evidence, *facts.evidence("unread")),
        cause=f"By its files: {found.what} What it does until it reads them may differ.",
        fix="sshd -t, then systemctl reload sshd (Ubuntu: ssh), or service sshd reload",
    )


def _doubtful(check: str, target: str, evidence: tuple[Evidence, ...], doubt: str) -> Finding:
    return Finding(
        check,
        target,
        Status.UNKNOWN,
        f"What sshd allows root cannot be told. {doubt}",
        evidence,
        cause="Only root reads all of sshd's settings, and a Match block may ask for the process server's address.",
        fix="Sign in as root or let the account use sudo, and name the process server. By hand: sshd -T -C "
        "user=root,host=<server>,addr=<server>",
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
