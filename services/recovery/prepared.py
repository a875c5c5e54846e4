"""Whether a machine was prepared so that one can connect to it after a failover (AS-9.8, AS-10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from services.journal.journal import Journal
from services.readiness.windows_firewall import REMOTE_DESKTOP
from services.recovery.item import ProtectedItem
from services.text import _

CHECKS = {
    "Windows": ("connect-desktop", REMOTE_DESKTOP.check, "connect-san", "pending-restart"),
    "Linux": ("sshd-service",),
}
"""The checks that say so, by system; see the readiness sweep."""
OK, NOT_KNOWN = "ok", "unknown"


@dataclass(frozen=True)
class Prepared:
    """`status` is ok, warning, failed or unknown; `against` names the checks that were not ok. `at`: ISO UTC."""

    status: str
    against: tuple[str, ...] = ()
    at: str = ""

    @property
    def sentence(self) -> str:
        if self.status == NOT_KNOWN:
            return _("Whether one can connect to it afterwards is not known. To look: lifeboat check")
        if self.status == OK:
            return _("It is prepared for connecting to it afterwards (checked {at}).").format(at=self.minute)
        return _("It is not prepared for connecting to it afterwards: {checks} (checked {at}).").format(
            checks=", ".join(self.against), at=self.minute
        )

    @property
    def minute(self) -> str:
        """When it was looked, as a person reads it."""
        return f"{datetime.fromisoformat(self.at).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if self.at else "?"


def prepared(journal: Journal, item: ProtectedItem) -> Prepared:
    """What this journal's newest findings say of it. Unknown unless every check of its system was made."""
    wanted = CHECKS.get(item.os_type, ())
    newest: dict[str, tuple[str, str]] = {}
    for engagement in journal.engagements():
        for row in journal.findings(engagement.id):
            same = row.target.lower() in (item.title.lower(), item.address.lower())
            if same and row.id in wanted and row.at >= newest.get(row.id, ("", ""))[1]:
                newest[row.id] = (row.status, row.at)
    if not wanted or set(newest) != set(wanted):
        return Prepared(NOT_KNOWN)
    at = min(when for _status, when in newest.values())
    against = tuple(check for check in wanted if newest[check][0] not in (OK, "waived"))
    if not against:
        return Prepared(OK, at=at)
    states = {newest[check][0] for check in against}
    return Prepared("failed" if "failed" in states else "warning", against, at)
