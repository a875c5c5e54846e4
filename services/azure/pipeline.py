"""The policies that every request to Resource Manager passes, whichever client made it.

Loads azure-core; only workers import it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from azure.core.pipeline import policies
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

from services.problems import connection
from services.problems.model import Problem, RefusedError
from services.text import _

READS = ("GET", "HEAD")
READING_POSTS = ("/listkeys", "/checknameavailability")
READ_RETRIES = 3
HOPELESS = ("tls-untrusted", "tls-expired", "tls-name", "proxy-credentials")


class Guard(policies.SansIOHTTPPolicy):  # type: ignore[misc]
    """Refuses what must not leave: changes of a read-only world, and requests to another origin.

    A token for one origin is never sent to another, whatever a next link or a location says. A request
    that is no read is never sent a second time by the SDK.
    """

    def __init__(self, origin: str, read_only: bool) -> None:
        super().__init__()
        self._origin, self._read_only = _origin(origin), read_only

    def on_request(self, request: Any) -> None:
        method, url = request.http_request.method.upper(), request.http_request.url
        if _origin(url) != self._origin:
            raise RefusedError(
                Problem(
                    "foreign-origin",
                    urlsplit(url).netloc,
                    _("An answer pointed to another server; the sign-in is not sent there."),
                    cause=_("Expected {origin}.").format(origin=self._origin),
                )
            )
        if method in READS:
            return
        request.context.options["retry_total"] = 0
        if self._read_only and not _reading(method, url):
            raise RefusedError(
                Problem(
                    "read-only",
                    urlsplit(url).path,
                    _("This console was started read-only; {method} was not sent.").format(method=method),
                    remedy=_("Start again without --read-only to make changes."),
                )
            )


class Retries(policies.RetryPolicy):  # type: ignore[misc]
    """The SDK's retries, except for what does not mend itself within seconds."""

    def increment(self, settings: dict[str, Any], response: Any = None, error: Any = None) -> bool:
        broken = connection.failure(error) if error is not None else None
        if broken is not None and broken.code in HOPELESS:
            return False
        return bool(super().increment(settings, response=response, error=error))


def standard(credential: Any, scope: str, origin: str, *, read_only: bool) -> list[Any]:
    """The policies in their order.

    Not among them: redirects (the service sends none; a foreign one would carry the request away), logging
    (bodies hold secrets), and the SDK's own registration of resource providers, which sends mutations that
    nobody planned.
    """
    return [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy("lifeboat", user_agent_use_env=False),
        Guard(origin, read_only),
        policies.ContentDecodePolicy(),
        Retries(retry_total=READ_RETRIES, retry_backoff_max=10),
        ARMChallengeAuthenticationPolicy(credential, scope),
        # Operations learn from it that a mutation was taken, before the SDK reads the body.
        policies.CustomHookPolicy(),
    ]


def anonymous(origin: str) -> list[Any]:
    """The policies of reads that need no token."""
    return [
        policies.UserAgentPolicy("lifeboat", user_agent_use_env=False),
        Guard(origin, read_only=True),
        policies.ContentDecodePolicy(),
        Retries(retry_total=READ_RETRIES, retry_backoff_max=10),
    ]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.hostname}:{port}".lower()


def _reading(method: str, url: str) -> bool:
    return method == "POST" and urlsplit(url).path.lower().endswith(READING_POSTS)
