"""The ASGI application of one endpoint: reads a request, lets it pass the gate, applies faults, answers."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from services.practice import effects, faults, gate, ledger
from services.practice.clock import http_date
from services.practice.record import Recorder
from services.practice.web import Answer, Call, Realm, Refusal, Route, Router

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MUTATIONS = {"PUT", "PATCH", "DELETE", "POST"}
log = logging.getLogger("practice")
READS_AN_HOUR, WRITES_AN_HOUR = 12000, 1200


@dataclass
class Endpoint:
    """One address that we answer at: its routes, whose subscription it is, what needs no token."""

    origin: str
    subscription: str
    tenant: str
    open_routes: list[Router]
    routers: list[Router]
    audiences: tuple[str, ...] = ()
    counters: dict[str, tuple[int, int]] = field(default_factory=dict)


class App:
    """ASGI callable of one endpoint."""

    def __init__(self, realm: Realm, endpoint: Endpoint, recorder: Recorder | None) -> None:
        self.realm, self.endpoint, self.recorder = realm, endpoint, recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            return
        self.realm.touch()
        call = await self.read(scope, receive)
        fault, answer, arm = self.serve(call)
        for follow in self.realm.followers:
            follow()
        headers = self.headers(call, answer, arm)
        if fault.get("hold"):
            await asyncio.sleep(float(fault["hold"]))
        if fault.get("reset"):
            await cut(scope)
            return
        if arm and self.recorder is not None:
            self.recorder.write(call, scope["query_string"].decode("latin-1"), answer, headers)
        await reply(scope, send, answer, headers, bool(fault.get("truncate")), call.method == "HEAD")

    async def read(self, scope: Scope, receive: Receive) -> Call:
        """The whole request."""
        raw, more = b"", True
        while more:
            message = await receive()
            raw += message.get("body", b"")
            more = message.get("more_body", False)
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        # ARM ignores doubled slashes; clients that join "https://host/" and "/path" send them.
        path = "/" + unquote(scope["path"]).strip("/").replace("//", "/")
        return Call(
            self.realm,
            scope["method"],
            path,
            dict(pairs),
            headers,
            raw,
            self.endpoint.origin,
            self.realm.clock.seconds(),
        )

    def serve(self, call: Call) -> tuple[dict[str, Any], Answer, bool]:
        """The fault that applies, the answer, and whether it is an ARM exchange."""
        for router in self.endpoint.open_routes:
            if (found := router.find(call.method, call.url_path)) is not None:
                practice = call.url_path.startswith("/practice/")
                fault = {} if practice else faults.claim(self.realm.store, call)
                return fault, self.answer(call, found, fault, count=False), False
        try:
            gate.admit(call, self.endpoint.subscription, self.endpoint.tenant, self.endpoint.audiences)
        except Refusal as refusal:
            return {}, refusal.answer(), True
        fault = faults.claim(self.realm.store, call)
        return fault, self.answer(call, self.find(call), fault, count=True), True

    def find(self, call: Call) -> tuple[Route, dict[str, str]] | None:
        """The route of an ARM request."""
        for router in self.endpoint.routers:
            if (found := router.find(call.method, call.url_path)) is not None:
                return found
        return None

    def answer(
        self, call: Call, found: tuple[Route, dict[str, str]] | None, fault: dict[str, Any], count: bool
    ) -> Answer:
        """Do what is asked, in one transaction with its line in the ledger."""
        if "status" in fault:
            return faulty(fault)
        if fault.get("reset") == "before":
            return Answer(500)
        if found is None:
            return self.unknown(call).answer()
        route, call.path = found
        call.job_fails, call.foreign = fault.get("jobFails"), fault.get("foreign")
        try:
            return self.handle(call, route, count)
        except Exception:
            log.exception("%s %s", call.method, call.url_path)
            return Refusal(500, "InternalServerError", "The practice server failed: see its log.").answer()

    def handle(self, call: Call, route: Route, count: bool) -> Answer:
        """Bring the world up to date, then let the handler answer."""
        store = self.realm.store
        effects.settle(store, call.now)
        with store.transaction():
            # Handlers refuse before they write, except where a refusal itself is to be remembered.
            try:
                answer = route.handler(call)
            except Refusal as refusal:
                return refusal.answer()
            if count and call.method in MUTATIONS and answer.status < 300:
                ledger.count(store, call, route.changes)
            return answer

    def unknown(self, call: Call) -> Refusal:
        """No such path, or no such method there."""
        if any(router.knows(call.url_path) for router in self.endpoint.routers):
            return Refusal(405, "MethodNotAllowed", f"The method '{call.method}' is not allowed here.")
        return Refusal(
            404,
            "InvalidResourceType",
            f"The resource type of '{call.url_path}' could not be found, or "
            f"the api-version '{call.version}' does not support it.",
        )

    def headers(self, call: Call, answer: Answer, arm: bool) -> dict[str, str]:
        """Headers that every answer carries. Date is world time."""
        headers = {
            "Date": http_date(call.now),
            "Cache-Control": "no-cache",
            "x-ms-request-id": str(uuid.uuid4()),
            "x-ms-correlation-request-id": call.correlation,
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        }
        if "x-ms-client-request-id" in call.headers:
            headers["x-ms-client-request-id"] = call.headers["x-ms-client-request-id"]
        if arm and answer.status != 401:
            headers |= self.quota(call)
        if answer.body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        return headers | answer.headers

    def quota(self, call: Call) -> dict[str, str]:
        """The remaining reads or writes of this (world) hour."""
        kind = "reads" if call.method in ("GET", "HEAD") else "writes"
        hour = int(call.now // 3600)
        known, used = self.endpoint.counters.get(kind, (hour, 0))
        used = used + 1 if known == hour else 1
        self.endpoint.counters[kind] = (hour, used)
        limit = READS_AN_HOUR if kind == "reads" else WRITES_AN_HOUR
        return {f"x-ms-ratelimit-remaining-subscription-{kind}": str(max(0, limit - used))}


def faulty(fault: dict[str, Any]) -> Answer:
    """The answer of a status fault."""
    status = int(fault["status"])
    names = {
        429: "TooManyRequests",
        500: "InternalServerError",
        503: "ServiceUnavailable",
        504: "GatewayTimeout",
        409: "Conflict",
        401: "ExpiredAuthenticationToken",
        403: "AuthorizationFailed",
        404: "NotFound",
    }
    code = fault.get("code") or names.get(status, "Failed")
    message = fault.get("message") or "The request could not be served. Please try again later."
    answer = Refusal(status, code, message).answer()
    if "retryAfter" in fault:
        answer.headers["Retry-After"] = str(fault["retryAfter"])
    if status == 401:
        answer.headers["WWW-Authenticate"] = f'Bearer error="invalid_token", error_description="{message}"'
    return answer


async def reply(
    scope: Scope, send: Send, answer: Answer, headers: dict[str, str], truncate: bool, head: bool
) -> None:
    """Send the answer; cut off in its middle if asked."""
    body = b"" if answer.body is None or head else json.dumps(answer.body, separators=(",", ":")).encode()
    pairs = [(k.encode("latin-1"), v.encode("latin-1", "replace")) for k, v in headers.items()]
    if answer.status != 204:
        pairs.append((b"Content-Length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    if truncate and body:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await cut(scope, abrupt=False)
        return
    await send({"type": "http.response.body", "body": body})


async def cut(scope: Scope, abrupt: bool = True) -> None:
    """End the connection without (the rest of) an answer."""
    transport = scope["practice.transport"]
    if abrupt:
        transport.abort()
    else:
        transport.close()
    for _ in range(
        3
    ):  # until the protocol has seen the loss, so that the server does not send an answer of its own
        await asyncio.sleep(0)
