"""The vault's events: written down when something happened, listed newest first."""

from __future__ import annotations

import uuid
from typing import Any

from services.practice import ids, paging
from services.practice.clock import stamp
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Router

EVENTS = ids.VAULT + "/replicationEvents"
TICKS_AT_1970 = 621355968000000000
NEWEST = 3155378975999999999
routes = Router()


def note(
    store: Store,
    vault_id: str,
    at: float,
    what: str,
    kind: str,
    severity: str,
    affected: str,
    fabric: str,
    errors: list[dict[str, Any]] | None = None,
    provider: str = "",
) -> None:
    """Write an event down. `kind`: JobStatus, VmHealth, ServerHealth; `severity`: OK, Warning, Critical."""
    prefix = {"JobStatus": "JobStatusMonitoringEvent", "VmHealth": "VmMonitoringEvent"}
    ticks = NEWEST - (TICKS_AT_1970 + int(at * 10_000_000))
    name = f"{prefix.get(kind, 'ServerMonitoringEvent')};{ticks:019d}_{uuid.uuid4()}"
    event = {
        "name": name,
        "at": at,
        "what": what,
        "kind": kind,
        "severity": severity,
        "affected": affected,
        "fabric": fabric,
        "errors": errors or [],
        "provider": provider,
    }
    store.put("event", f"{vault_id}/replicationEvents/{name}", event, parent=vault_id)


def provider(event: Document) -> dict[str, Any]:
    """What the provider of the affected machine adds; nothing for one of a Hyper-V site."""
    if event.get("provider"):
        return {}
    return {"providerSpecificDetails": {"instanceType": "InMageAzureV2", "eventType": event["kind"]}}


def view(vault: Document, event: Document) -> Document:
    """An event as the service answers it."""
    return {
        "id": f"{ids.site_recovery(vault)}/replicationEvents/{event['name']}",
        "name": event["name"],
        "type": "Microsoft.RecoveryServices/vaults/replicationEvents",
        "properties": {
            "eventCode": ids.derived("event", event["kind"], event["what"]),
            "description": event["what"],
            "eventType": event["kind"],
            "affectedObjectFriendlyName": event["affected"],
            "severity": event["severity"],
            "timeOfOccurrence": stamp(event["at"]),
            "fabricId": event["fabric"],
            **provider(event),
            "healthErrors": event["errors"],
        },
    }


@routes.on("GET", EVENTS)
def list_events(call: Call) -> Answer:
    """The events, newest first."""
    vault = ids.vault_of(call)
    found = sorted(call.store.all("event", vault["id"]), key=lambda event: -float(event["at"]))
    return paging.listed(call, found, lambda event: view(vault, event))


@routes.on("GET", EVENTS + "/{event}")
def get(call: Call) -> Answer:
    """One event."""
    vault = ids.vault_of(call)
    event = call.store.get("event", f"{vault['id']}/replicationEvents/{call.path['event']}")
    if event is None:
        raise ids.absent(call, call.path["event"])
    return Answer(body=view(vault, event))
