"""AS-4.7: the account is root, and root has a password that somebody can sign in with."""

from __future__ import annotations

from services.readiness.linux_facts import LinuxFacts
from services.readiness.model import Finding, Status
from services.readiness.sources import ARTICLE
from services.text import plain

CHECK = "root-account"
LOCKED = frozenset(("L", "LK", "NP"))
"""What passwd(1) -S says of a password that is locked or not there: Debian, Red Hat and SUSE."""


def look(target: str, user: str, facts: LinuxFacts) -> Finding:
    """Whether the account is root; one that is not has `facts` by sudo, or without root's rights."""
    evidence = facts.evidence("id", "passwd")
    own = user == "root" and facts["id"].strip() == "0"
    right = "sudo gives it root's rights for these checks." if facts.root else facts.why
    who = "The account is root." if own else f"The account {user} is not root. {right[:1].upper()}{right[1:]}"
    if locked(facts["passwd"]):
        return Finding(
            CHECK,
            target,
            Status.FAILED,
            plain(f"root has no password that anybody could sign in with. {who}", 300),
            evidence,
            cause="The process server signs in as root with a password, as images for a cloud do not allow; push "
            "installation ends with error 95108 or 95525.",
            fix="On the machine: passwd root, and give that password in cspsconfigtool; afterwards passwd -l root. Or "
            "install the Mobility service by hand and set mobility to installed.",
            source=ARTICLE,
        )
    if own:
        return Finding(CHECK, target, Status.OK, who, evidence, source=ARTICLE)
    return Finding(
        CHECK,
        target,
        Status.WARNING,
        plain(who, 300),
        evidence,
        cause="Push installation needs root itself; another account ends with error 95108 or 95525.",
        fix="Give root's password in cspsconfigtool, or install the Mobility service by hand and set mobility "
        "to installed.",
        source=ARTICLE,
    )


def locked(text: str) -> bool:
    """Whether `passwd -S root` says that no password fits: `root L 02/15/2023 0 99999 7 -1`."""
    words = text.split()
    return words[:1] == ["root"] and words[1:2] != [] and words[1] in LOCKED
