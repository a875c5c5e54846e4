"""Requests, answers and routes of the stand-in, without any web framework in sight of the handlers."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from services.practice.clock import Clock
from services.practice.store import Store


@dataclass
class Realm:
    """What every handler works on: the store, the clock, and who we are (`facts` is the world document)."""

    store: Store
    clock: Clock
    facts: dict[str, Any]
    world: dict[str, Any]
    routers: list[Router] = field(default_factory=list)
    last_seen: float = field(default_factory=time.monotonic)
    followers: list[Callable[[], None]] = field(default_factory=list)

    def touch(self) -> None:
        """Somebody uses the world (looked at by the idle watch)."""
        self.last_seen = time.monotonic()


@dataclass
class Call:
    """One request. `path` holds the values of the route's names; `now` is its world time in seconds."""

    realm: Realm
    method: str
    url_path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    origin: str
    now: float
    path: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    job_fails: dict[str, Any] | None = None
    foreign: dict[str, Any] | None = None
    correlation: str = field(default_factory=lambda: str(uuid.uuid4()))
    cached: Any = None

    @property
    def store(self) -> Store:
        """The store of the world."""
        return self.realm.store

    @property
    def version(self) -> str:
        """The caller's api-version, echoed in every URL made for it."""
        return self.query.get("api-version", "")

    @property
    def client_request(self) -> str:
        """The caller's request id (x-ms-client-request-id), or a fresh one as Azure gives."""
        given = self.headers.get("x-ms-client-request-id")
        if not given:
            given = self.headers["x-ms-client-request-id"] = str(uuid.uuid4())
        return given

    def body(self) -> dict[str, Any]:
        """The request's JSON object; refused with 400 if it is none."""
        if self.cached is None:
            try:
                self.cached = json.loads(self.raw or b"{}")
            except ValueError:
                self.cached = None
            if not isinstance(self.cached, dict):
                raise Refusal(
                    400, "InvalidRequestContent", "The request content was invalid: not a JSON object."
                )
        return dict(self.cached)

    def properties(self) -> dict[str, Any]:
        """The body's `properties` object."""
        value = self.body().get("properties")
        return value if isinstance(value, dict) else {}

    def form(self) -> dict[str, str]:
        """A form-encoded body."""
        return {k: v[0] for k, v in parse_qs(self.raw.decode("utf-8", "replace"), True).items()}

    def link(self, path: str, **query: str) -> str:
        """An absolute URL of ours with the caller's api-version."""
        return f"{self.origin}{path}?{urlencode({'api-version': self.version, **query})}"


@dataclass
class Answer:
    """One response: a JSON value, or None for an empty body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An error answer in ARM's form."""

    def __init__(
        self, status: int, code: str, message: str, details: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details
        self.headers: dict[str, str] = {}

    def answer(self) -> Answer:
        """The answer that says it."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        return Answer(self.status, {"error": error}, dict(self.headers))


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """A path pattern ({name} for one segment, {name*} for the rest) and what serves it."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    changes: bool


def compile_pattern(template: str) -> re.Pattern[str]:
    """A template as a pattern that ignores case and a trailing slash."""
    text = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+?)", template)
    text = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", text)
    return re.compile(f"^{text}/?$", re.IGNORECASE)


class Router:
    """Finds the handler of a request."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def on(self, method: str, *templates: str, changes: bool = True) -> Callable[[Handler], Handler]:
        """Register a handler. `changes=False`: a POST that changes nothing and may repeat."""

        def register(handler: Handler) -> Handler:
            for template in templates:
                self.routes.append(Route(method, compile_pattern(template), handler, changes))
            return handler

        return register

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and its path values; None if nothing answers there."""
        for route in self.routes:
            if route.method == method and (match := route.pattern.match(path)):
                return route, match.groupdict()
        return None

    def knows(self, path: str) -> bool:
        """Does any method answer at this path?"""
        return any(route.pattern.match(path) for route in self.routes)
