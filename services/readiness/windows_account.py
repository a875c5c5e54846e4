"""AS-4.3 and AS-4.4: the account's rights on a Windows machine, and whether remote UAC takes them away."""

from __future__ import annotations

from services.readiness.model import Finding, Status
from services.readiness.sources import ARTICLE, ERRORS
from services.readiness.windows_facts import WindowsFacts
from services.text import plain

ADMIN, REMOTE_UAC = "windows-admin", "remote-uac"
KEY = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
VALUE = "LocalAccountTokenFilterPolicy"


def is_local(facts: WindowsFacts) -> bool | None:
    """Whether the account that signed in is one of the machine's own; None when it did not say."""
    found = facts.pairs("account")
    place, sign, _name = found.get("name", "").partition("\\")
    return place.lower() == found.get("computer", "").lower() if sign else None


def admin(target: str, facts: WindowsFacts) -> Finding:
    """Whether the account is an administrator of the machine."""
    found, evidence = facts.pairs("account"), facts.evidence("account")
    name = plain(found.get("name", ""), 100) or "The account"
    if found.get("admin") == "True":
        what = f"{name} has administrator rights here."
        return Finding(ADMIN, target, Status.OK, what, evidence, source=ARTICLE)
    if found.get("admin") != "False":
        return Finding(
            ADMIN,
            target,
            Status.UNKNOWN,
            "The rights of the account could not be read.",
            evidence,
            cause=plain(facts.failed("account") or "", 300),
            fix="On the machine: whoami /groups, and look for S-1-5-32-544.",
            source=ARTICLE,
        )
    return Finding(
        ADMIN,
        target,
        Status.FAILED,
        f"{name} has no administrator rights in this session.",
        evidence,
        cause="It is no member of Administrators, or remote UAC filtered its rights. Push installation ends with "
        "error 95107 or 95517.",
        fix="Add it to the local group Administrators, or name another account.",
        source=f"{ARTICLE}; {ERRORS}",
    )


def remote_uac(target: str, facts: WindowsFacts) -> Finding:
    """Whether a local account keeps its rights over the network; a domain account always does."""
    local, value = is_local(facts), facts.pairs("remote-uac").get("filter", "")
    evidence = facts.evidence("account", "remote-uac")
    if local is False:
        what = "The account is one of a domain: remote UAC does not filter it."
        return Finding(REMOTE_UAC, target, Status.OK, what, evidence, source=ARTICLE)
    if value == "1":
        what = f"{VALUE} is 1: local accounts keep their rights over the network."
        return Finding(REMOTE_UAC, target, Status.OK, what, evidence, source=ARTICLE)
    reason = facts.failed("remote-uac")
    if reason is not None:
        return Finding(
            REMOTE_UAC,
            target,
            Status.UNKNOWN,
            f"{VALUE} could not be read.",
            evidence,
            cause=plain(reason, 300),
            fix=f"On the machine: reg query {KEY} /v {VALUE}",
            source=ARTICLE,
        )
    return Finding(
        REMOTE_UAC,
        target,
        Status.FAILED,
        f"{VALUE} is {plain(value, 20) or 'not set'}: remote UAC filters local accounts.",
        evidence,
        cause="Push installation with a local account ends with error 95107. Windows spares only the built-in "
        "Administrator; the documents make no exception.",
        fix=f"As administrator: REG ADD {KEY} /v {VALUE} /t REG_DWORD /d 1 /f. It weakens the machine; take it "
        "back after the installation. Or use a domain account.",
        source=f"{ARTICLE}; {ERRORS}",
    )
