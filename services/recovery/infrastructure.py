"""Configuration and process servers as the vault tells of them, against the documented alert limits.

Limits: CPU and memory warn at 80 % and are critical at 95 %; cache space left warns below 30 %, is critical
below 25 % and throttles replication below 20 %; 15 minutes without a heartbeat are critical.
Source: Monitor process server health, 2019-09-09; Troubleshoot the process server (AS-6.10).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.azure.inmage_azure_v2 import server_details
from services.azure.jobs import parse_time
from services.readiness.model import Status
from services.text import _

BUSY, OVERLOADED = 80.0, 95.0
LITTLE_CACHE, LOW_CACHE, THROTTLED_CACHE = 30.0, 25.0, 20.0
SILENT_MINUTES = 15


@dataclass(frozen=True)
class Reading:
    """One thing that was measured: ok, warning or failed; `value` as it is shown."""

    id: str
    caption: str
    value: str
    status: Status = Status.OK
    note: str = ""


@dataclass(frozen=True)
class Server:
    """A configuration or process server. `kind` is configuration-server or process-server."""

    kind: str
    name: str
    address: str
    version: str
    readings: tuple[Reading, ...]

    @property
    def status(self) -> Status:
        """The worst of its readings."""
        order = (Status.FAILED, Status.WARNING)
        return next((one for one in order if any(found.status is one for found in self.readings)), Status.OK)


def servers(fabrics: list[dict[str, Any]], now: datetime) -> list[Server]:
    """The servers of every fabric that has a configuration server; `now` is the world's time."""
    found = []
    for fabric in fabrics:
        details = server_details(fabric)
        if details:
            name = str((fabric.get("properties") or {}).get("friendlyName") or fabric.get("name") or "")
            found.append(_server("configuration-server", name, details, now))
            found += [
                _server("process-server", str(one.get("friendlyName") or ""), one, now)
                for one in details.get("processServers") or []
            ]
    return found


def _server(kind: str, name: str, about: Mapping[str, Any], now: datetime) -> Server:
    return Server(
        kind,
        name,
        str(about.get("ipAddress") or ""),
        str(about.get("agentVersion") or ""),
        tuple(_readings(kind, about, now)),
    )


def _readings(kind: str, about: Mapping[str, Any], now: datetime) -> Iterator[Reading]:
    yield _heartbeat(parse_time(about.get("lastHeartbeat")), now)
    service = str(about.get("csServiceStatus" if kind == "configuration-server" else "psServiceStatus") or "")
    if service:
        runs = service.lower() in ("running", "healthy", "ok", "0")
        yield Reading("services", _("services"), service, Status.OK if runs else Status.FAILED)
    yield from _load("cpu", _("CPU"), _number(about.get("cpuLoad")))
    yield from _load("memory", _("memory"), _used(about, "totalMemoryInBytes", "availableMemoryInBytes"))
    used = _used(about, "totalSpaceInBytes", "availableSpaceInBytes")
    if used is not None:
        yield _cache(100.0 - used)
    yield from _versions(about)
    for error in about.get("healthErrors") or []:
        severe = str(error.get("errorLevel")) == "Error"
        said = str(error.get("summaryMessage") or error.get("errorMessage") or error.get("errorCode") or "")
        yield Reading(
            str(error.get("errorCode") or "health"),
            _("health"),
            said,
            Status.FAILED if severe else Status.WARNING,
            str(error.get("recommendedAction") or ""),
        )


def _heartbeat(at: datetime | None, now: datetime) -> Reading:
    caption = _("heartbeat")
    if at is None:
        return Reading("heartbeat", caption, _("never"), Status.FAILED)
    minutes = int((now - at).total_seconds() // 60)
    silent = minutes >= SILENT_MINUTES
    shown = _("{count} min ago").format(count=max(0, minutes))
    note = _("Look whether its services run, and whether it reaches Azure on 443.") if silent else ""
    return Reading("heartbeat", caption, shown, Status.FAILED if silent else Status.OK, note)


def _load(id_: str, caption: str, percent: float | None) -> Iterator[Reading]:
    if percent is not None:
        status = Status.FAILED if percent > OVERLOADED else Status.WARNING if percent > BUSY else Status.OK
        note = _("Move machines to another process server.") if status is not Status.OK else ""
        yield Reading(id_, caption, _("{percent} % used").format(percent=round(percent)), status, note)


def _cache(free: float) -> Reading:
    status = Status.FAILED if free < LOW_CACHE else Status.WARNING if free < LITTLE_CACHE else Status.OK
    note = ""
    if status is not Status.OK:
        note = _("Below {percent} % replication is throttled.").format(percent=round(THROTTLED_CACHE))
    return Reading("cache", _("cache"), _("{percent} % free").format(percent=round(free)), status, note)


def _versions(about: Mapping[str, Any]) -> Iterator[Reading]:
    status = str(about.get("versionStatus") or "")
    version = str(about.get("agentVersion") or "")
    if version:
        old = status not in ("", "UpToDate", "Supported")
        note = _aging().get(status, status) if old else ""
        yield Reading("version", _("version"), version, Status.WARNING if old else Status.OK, note)
    for update in about.get("mobilityServiceUpdates") or []:
        shown = f"{update.get('version') or ''} {update.get('osType') or ''}".strip()
        reboot = str(update.get("rebootStatus") or "")
        note = _("It needs no restart.") if reboot == "NotRequired" else reboot
        yield Reading("agent-update", _("agent update"), shown, Status.WARNING, note)


def _aging() -> Mapping[str, str]:
    """The service's words for versions that grow old (agentVersionStatus, 2025-08-01)."""
    return {
        "UpdateRequired": _("An update is due."),
        "SecurityUpdateRequired": _("A security update is due."),
        "Deprecated": _("Its support ends soon."),
        "NotSupported": _("It is not supported any more."),
    }


def _used(about: Mapping[str, Any], total: str, free: str) -> float | None:
    """Percent of something that is in use."""
    whole, left = _number(about.get(total)), _number(about.get(free))
    return None if not whole or left is None else (1.0 - left / whole) * 100.0


def _number(value: Any) -> float | None:
    try:
        return None if value is None or value == "" else float(value)
    except (TypeError, ValueError):
        return None
