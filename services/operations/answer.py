"""What one sending came to: taken, refused, certainly not sent, or not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit

from services.operations.model import Transport
from services.problems import connection

LONGEST = 3600.0
"""Real seconds; a longer Retry-After is not believed."""

_PASSING = frozenset(("refused", "no-route", "timeout", "dns"))
"""Failures before sending that may pass by themselves."""


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    THROTTLED = "throttled"
    UNSENT = "unsent"
    UNSURE = "unsure"
    REFUSED = "refused"


@dataclass(frozen=True)
class Verdict:
    """`retry_after` in real seconds, None where the service named none; `reason` is a stable word."""

    outcome: Outcome
    reason: str
    retry_after: float | None = None


def judge(transport: Transport, error: Exception | None) -> Verdict:
    """What a sending came to. An error that is neither the service's nor the network's is raised again."""
    status = _status(transport, error)
    if status is not None:
        return _by_status(status, retry_after(transport.headers))
    assert error is not None
    return _by_error(transport, error)


def _status(transport: Transport, error: Exception | None) -> int | None:
    from azure.core.exceptions import AzureError, HttpResponseError

    if error is None and transport.status is None:
        raise TypeError("a mutation's send must pass the transport's arguments on")
    if error is not None and not isinstance(error, (AzureError, OSError, ValueError)):
        raise error
    if error is None or (transport.status is not None and 200 <= transport.status < 300):
        return transport.status  # taken, even if its body could not be read
    if transport.status is not None and isinstance(error, HttpResponseError) and error.status_code:
        return int(error.status_code)
    return None


def _by_status(status: int, wait: float | None) -> Verdict:
    reason = f"http-{status}"
    if 200 <= status < 300:
        return Verdict(Outcome.ACCEPTED, reason)
    if status == 429:
        return Verdict(Outcome.THROTTLED, reason, wait)
    # A gateway may say 408, 5xx or "conflict, later" while the service behind it has taken the request.
    if status == 408 or status >= 500 or wait is not None:
        return Verdict(Outcome.UNSURE, reason, wait)
    return Verdict(Outcome.REFUSED, reason)


def _by_error(transport: Transport, error: Exception) -> Verdict:
    from azure.core.exceptions import AzureError, ClientAuthenticationError

    if not isinstance(error, (AzureError, OSError)):
        raise error
    if transport.status is None and isinstance(error, ClientAuthenticationError):
        return Verdict(Outcome.REFUSED, "sign-in")  # no token, so nothing was sent
    broken = connection.failure(error)
    if broken is not None and broken.unsent:
        return Verdict(Outcome.UNSENT if broken.code in _PASSING else Outcome.REFUSED, broken.code)
    return Verdict(Outcome.UNSURE, type(error).__name__)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Real seconds that the service asks to wait, from headers with lower-case names; None where it does not.

    A date is compared with the service's own Date, as this host's clock may be wrong.
    """
    for name, unit in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if text.isascii() and text.isdigit():
            return min(int(text[:12]) * unit, LONGEST)
    until, since = _date(headers.get("retry-after", "")), _date(headers.get("date", ""))
    if until is None:
        return None
    return min(max((until - (since or datetime.now(UTC))).total_seconds(), 0.0), LONGEST)


def service_date(headers: Mapping[str, str]) -> str:
    """The service's Date as UTC in ISO 8601, or an empty string."""
    found = _date(headers.get("date", ""))
    return found.isoformat() if found else ""


def job_id(headers: Mapping[str, str]) -> str:
    """The operation's id: the last segment of the status or result path; the signed address is not kept."""
    for name in ("azure-asyncoperation", "location"):
        path = urlsplit(headers.get(name, "")).path.rstrip("/")
        if path:
            return path.rsplit("/", 1)[-1]
    return ""


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
