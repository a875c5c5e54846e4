"""Errors of Azure's SDK and of Resource Manager as answers.

Bodies: `{"error": {"code", "message", "details": [{"code", "message", "possibleCauses", "recommendedAction",
"clientRequestId", "activityId"}]}}`, as Site Recovery and Resource Manager send them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.problems import connection
from services.problems.known import Known, known
from services.problems.model import Problem, ProblemError, SignInError
from services.text import _, plain

_SIGN_IN_CODE = re.compile(r"AADSTS\d+")
_RAW = 20_000


@dataclass(frozen=True)
class Said:
    """What an error body says, with its details in one list, the most telling last."""

    codes: tuple[str, ...]
    message: str
    causes: str
    action: str
    request_id: str


def from_exception(error: BaseException, subject: str) -> ProblemError:
    """The answer to an error of an Azure client; one that is an answer already comes back as it is."""
    from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

    chain = list(connection.causes(error))
    answered = next((one for one in chain if isinstance(one, ProblemError)), None)
    if answered is not None:  # azure-identity wraps whatever ends its requests
        return answered
    if isinstance(error, ClientAuthenticationError) and _SIGN_IN_CODE.search(_told(chain)):
        return SignInError(_sign_in(_told(chain), subject))
    status = getattr(error, "status_code", None)
    if isinstance(error, HttpResponseError) and status == 407:
        return SignInError(connection.explain(connection.Failure("proxy-credentials", True, ""), subject))
    if isinstance(error, HttpResponseError) and status is not None:
        problem = from_body(body_of(error), subject, status, headers_of(error))
        return SignInError(problem) if status == 401 else ProblemError(problem)
    broken = connection.failure(error)
    if broken is not None:
        return SignInError(connection.explain(broken, subject))
    if isinstance(error, ClientAuthenticationError):
        return SignInError(_sign_in(str(error), subject))
    what = _("Something unexpected came back ({kind}).").format(kind=type(error).__name__)
    return ProblemError(Problem("unexpected", subject, what, raw=str(error)[:_RAW]))


def from_body(
    body: Any, subject: str, status: int = 0, headers: Mapping[str, str] | None = None, raw: str = ""
) -> Problem:
    """The answer to an error body, parsed from JSON or not; `status` is the HTTP status, 0 where unknown."""
    said = read_error(body)
    found = known(*reversed(said.codes), text=said.message)
    code = said.codes[0] if said.codes else f"http-{status}"
    message = plain(said.message) or _("The service answered with status {status}.").format(status=status)
    text = raw or (body if isinstance(body, str) else json.dumps(body, default=str))
    return Problem(
        code=plain(code, 100),
        subject=subject,
        what=message,
        cause=plain(said.causes) or _translated(found, "cause"),
        remedy=plain(said.action) or _translated(found, "fix"),
        check=found.check if found else "",
        source=found.source if found else "",
        request_id=plain(said.request_id or _request_id(headers or {}), 100),
        raw=text[:_RAW],
    )


def read_error(body: Any) -> Said:
    """What an error body says, whatever its shape."""
    parts = list(_parts(body))
    codes = [code for part in parts if (code := _text(part, "code", "errorCode"))]
    messages = [text for part in parts if (text := _text(part, "message", "errorMessage"))]
    return Said(
        codes=tuple(dict.fromkeys(codes)),
        message=messages[0] if messages else "",
        causes=_last(parts, "possibleCauses"),
        action=_last(parts, "recommendedAction"),
        request_id=_last(parts, "activityId") or _last(parts, "clientRequestId"),
    )


def body_of(error: Any) -> Any:
    """The JSON body of an HttpResponseError, its text where it is no JSON, or None."""
    response = getattr(error, "response", None)
    try:
        text = response.text() if response is not None else ""
    except Exception:  # a body that broke off or was never read
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text or None


def headers_of(error: Any) -> Mapping[str, str]:
    """The headers of an HttpResponseError's response."""
    found = getattr(getattr(error, "response", None), "headers", None)
    return {str(key).lower(): str(value) for key, value in dict(found or {}).items()}


def _parts(body: Any) -> Iterator[Mapping[str, Any]]:
    """The error and its details and inner errors, outermost first; foreign shapes are passed over."""
    waiting = [body.get("error", body) if isinstance(body, Mapping) else None]
    for _count in range(50):
        if not waiting:
            return
        part = waiting.pop(0)
        if isinstance(part, Mapping):
            yield part
            details = part.get("details")
            waiting += details if isinstance(details, list) else []
            waiting += [part.get("innererror"), part.get("innerError")]


def _text(part: Mapping[str, Any], *keys: str) -> str:
    return next((str(part[key]) for key in keys if isinstance(part.get(key), (str, int)) and part[key]), "")


def _last(parts: list[Mapping[str, Any]], key: str) -> str:
    return next((text for part in reversed(parts) if (text := _text(part, key))), "")


def _request_id(headers: Mapping[str, str]) -> str:
    lowered = {key.lower(): value for key, value in headers.items()}
    names = ("x-ms-correlation-request-id", "x-ms-request-id", "x-ms-client-request-id")
    return next((lowered[name] for name in names if lowered.get(name)), "")


def _told(chain: list[BaseException]) -> str:
    """All that a chain of errors says; the AADSTS code may stand in the first or in the last."""
    return "\n".join(dict.fromkeys(str(one) for one in chain))


def _sign_in(message: str, subject: str) -> Problem:
    codes = _SIGN_IN_CODE.findall(message)
    found = known(*codes)
    what = _(found.title) + "." if found else plain(message.splitlines()[0] if message else "", 400)
    return Problem(
        code=codes[0] if codes else "sign-in",
        subject=subject,
        what=what or _("Sign-in failed."),
        cause=_translated(found, "cause"),
        remedy=_translated(found, "fix"),
        check=found.check if found else "",
        source=found.source if found else "",
        raw=message[:_RAW],
    )


def _translated(found: Known | None, name: str) -> str:
    return _(str(getattr(found, name))) if found else ""
