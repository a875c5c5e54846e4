"""Resource Manager with an explicit api-version for each call, for what has no SDK here.

Loads azure-core; only workers import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.rest import HttpRequest
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.core.exceptions import ARMErrorFormat

from services.problems.model import Problem, ProblemError
from services.text import _

Json = dict[str, Any]
Pages = list[Json]
Read = TypeVar("Read")
Explain = Callable[[BaseException, str], ProblemError]
"""Makes an answer of an error; the text names the thing that it is about."""

NOT_ABSENCE = (
    "subscriptionnotfound",
    "invalidsubscriptionid",
    "invalidresourcetype",
    "invalidresourcenamespace",
)
"""Codes of a 404 that say that the question was wrong, not that the thing is absent."""


class Arm:
    """Reads answer with the service's own JSON; their errors come out as ProblemError.

    Paths begin with a slash and hold no query. `send` gives the raw answer and raises the SDK's own errors,
    since whoever changes something must see whether a request was accepted.
    """

    def __init__(self, origin: str, policies: list[Any], transport: Any, explain: Explain) -> None:
        self.origin = origin.rstrip("/")
        self._explain = explain
        self._client = ARMPipelineClient(self.origin, policies=policies, transport=transport)

    def get(self, path: str, api_version: str, query: Mapping[str, str] | None = None) -> Json | None:
        """One resource; None when it does not exist."""
        return self._said(path, lambda: self._found(path, api_version, query))

    def exists(self, path: str, api_version: str) -> bool:
        """Whether a resource exists and may be read."""
        return self.get(path, api_version) is not None

    def list(self, path: str, api_version: str, query: Mapping[str, str] | None = None) -> Pages:
        """All entries of a list, to the end of its last page; pages in between may be empty."""
        return list(self.each(path, api_version, query))

    def send(
        self,
        method: str,
        path: str,
        api_version: str,
        body: Any = None,
        transport_kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send one request and give back the HttpResponse; HttpResponseError for 400 and above.

        `path` may be an absolute URL of this origin (a status URL). `transport_kwargs` go to the pipeline:
        headers, retry_total and so on.
        """
        return self._run(method, path, {"api-version": api_version}, body, **dict(transport_kwargs or {}))

    def _run(self, method: str, path: str, query: Mapping[str, str], body: Any = None, **options: Any) -> Any:
        url = path if "://" in path else f"{self.origin}{path}"
        params = {} if "api-version=" in url else dict(query)
        request = HttpRequest(method, url, params=params, json=body)
        response = self._client.send_request(request, **options)
        if response.status_code >= 400:
            raise HttpResponseError(response=response, error_format=ARMErrorFormat)
        return response

    def _found(self, path: str, api_version: str, query: Mapping[str, str] | None) -> Json | None:
        try:
            answer = self._run("GET", path, {"api-version": api_version, **(query or {})}).json()
        except HttpResponseError as error:
            if error.status_code == 404 and _code(error) not in NOT_ABSENCE:
                return None
            raise
        return dict(answer)

    def each(
        self,
        path: str,
        api_version: str,
        query: Mapping[str, str] | None = None,
        answered: Callable[[Mapping[str, str]], None] | None = None,
    ) -> Iterator[Json]:
        """The entries of a list one by one, holding one page at a time, to the end of its last page.

        `answered` gets the headers of each page's answer.
        """
        seen: set[str] = set()
        following = path
        while following:
            if following in seen:
                what = _("The service's list leads back to a page already read.")
                raise ProblemError(Problem("endless-list", path, what))
            seen.add(following)
            params = {"api-version": api_version, **((query or {}) if following == path else {})}
            response = self._said(path, partial(self._run, "GET", following, params))
            if answered is not None:
                answered(response.headers)
            page = response.json()
            yield from page.get("value") or []
            following = page.get("nextLink") or ""

    def _said(self, path: str, read: Callable[[], Read]) -> Read:
        try:
            return read()
        except AzureError as error:
            raise self._explain(error, _subject(path)) from error


def _code(error: Any) -> str:
    return str(getattr(error.error, "code", "") or "").lower()


def _subject(path: str) -> str:
    """The name at the end of a path, for the sentence about it."""
    return urlsplit(path).path.rstrip("/").rpartition("/")[2]
