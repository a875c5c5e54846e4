"""Step 5: who gets the alerts of the vault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.azure.replication import ALERT_SETTING
from services.changes.plan import Change, Plan
from services.operations.asking import ask, follow_job
from services.scenario.answers import Answers
from services.scenario.azure_stack.vault import replication
from services.scenario.session import Session
from services.text import _


def _addresses(session: Session) -> list[str]:
    text = session.answers.text("policy.alert-addresses")
    return sorted({part.strip() for part in text.split(",") if part.strip()})


def _told(session: Session) -> list[str]:
    setting = (replication(session).alert_setting() or {}).get("properties") or {}
    return sorted(str(one) for one in setting.get("customEmailAddresses") or [])


def plan_alerts(session: Session) -> Plan:
    """Add the addresses that the vault does not know yet; nobody is taken away."""
    wanted, told = _addresses(session), _told(session)
    missing = [address for address in wanted if address not in told]
    detail = f"added: {', '.join(missing)}; kept: {', '.join(told) or 'none'}"
    changes = (Change("change", "alert setting", ALERT_SETTING, detail),) if missing else ()
    return Plan("set-alerts", changes, looked_at={"told": told})


def set_alerts(session: Session, plan: Plan) -> Mapping[str, Any]:
    """Write the setting with the addresses of both."""
    if plan.empty:
        return {}
    reads = replication(session)
    properties = (reads.alert_setting() or {}).get("properties") or {}
    wanted = sorted({*_told(session), *_addresses(session)})
    body = {
        "properties": {
            "sendToOwners": properties.get("sendToOwners") or "DoNotSend",
            "customEmailAddresses": wanted,
            "locale": properties.get("locale") or "en-US",
        }
    }
    row = ask(
        session,
        "set-alerts",
        reads.vault.child("replicationAlertSettings", ALERT_SETTING),
        "PUT",
        body,
        lambda sdk: reads.sdk.replication_alert_settings.create(*reads.scope, ALERT_SETTING, body, **sdk),
        lambda: set(_addresses(session)) <= set(_told(session)),
        polled=False,
    )
    follow_job(session, reads, row)
    return {}


def address_mistake(value: Any, _answers: Answers) -> str | None:
    """Which of the parts are no e-mail addresses, or None."""
    wrong = [
        part.strip() for part in str(value).split(",") if not re.fullmatch(r"[^@\s]+@[^@\s]+", part.strip())
    ]
    return (
        _("not an e-mail address: {wrong}; give one such as op@contoso.example").format(
            wrong=", ".join(wrong)
        )
        if wrong
        else None
    )
