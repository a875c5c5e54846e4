"""A small stand-in for Resource Manager, in a process of its own, that can misbehave on purpose.

It takes every mutation (PUT, POST, DELETE) that its script lets through, counts it, and answers 202 with the
headers of a long-running operation. The script is a list of faults, one for each mutation that arrives; after
its end all is well.

    ["status", 503, "1"]    answers with this status and Retry-After (or null), without taking the request
    ["taken", 503, "1"]     takes it, then answers so
    ["reset"]               closes the connection without taking it
    ["taken-reset"]         takes it, then closes the connection
    ["truncate"]            takes it, then breaks off in the middle of a body
    ["kill"]                takes it, then kills the client with -9
    ["kill-first"]          kills the client with -9 without taking it
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import struct
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = list[Any]


class State:
    def __init__(self, script: list[Fault], lag: int) -> None:
        self.script = script
        self.lag = lag
        self.accepted: list[dict[str, str]] = []
        self.arrived: list[dict[str, str]] = []
        self.client = 0

    def take(self, method: str, path: str, body: bytes, headers: Any) -> str:
        job = str(uuid.uuid4())
        digest = hashlib.sha256(body).hexdigest()
        request = headers["x-ms-client-request-id"]
        self.accepted.append(
            {"method": method, "path": path, "digest": digest, "request": request, "job": job}
        )
        return job

    def jobs(self) -> list[dict[str, str]]:
        """What a look sees: the first looks after an acceptance may not see it yet."""
        if self.lag and self.accepted:
            self.lag -= 1
            return []
        return self.accepted


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: State

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/ledger":
            self._say(200, {"accepted": self.state.accepted, "arrived": self.state.arrived})
        elif path.startswith("/client/"):
            self.state.client = int(path.rsplit("/", 1)[-1])
            self._say(200, {})
        elif path == "/jobs":
            self._say(200, {"value": [self._job(one, whole=False) for one in self.state.jobs()]})
        else:
            name = path.rsplit("/", 1)[-1]
            found = [one for one in self.state.accepted if one["job"] == name]
            self._say(200, self._job(found[0], whole=True)) if found else self._say(404, {})

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        self.state.arrived.append({"path": path, "request": self.headers["x-ms-client-request-id"]})
        fault = self.state.script.pop(0) if self.state.script else ["well"]
        kind = fault[0]
        if kind == "status":
            self._fail(fault)
        elif kind == "reset":
            self._reset()
        elif kind == "kill-first":
            os.kill(self.state.client, signal.SIGKILL)
        else:
            self._taken(fault, self.state.take(self.command, path, body, self.headers))

    do_POST = do_PUT
    do_DELETE = do_PUT

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""

    def _taken(self, fault: Fault, job: str) -> None:
        if fault[0] == "kill":
            os.kill(self.state.client, signal.SIGKILL)
        elif fault[0] == "taken":
            self._fail(fault)
        elif fault[0] == "taken-reset":
            self._reset()
        elif fault[0] == "truncate":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"name": "p')
            self._reset(hard=False)
        else:
            where = f"http://{self.headers['Host']}/Subscriptions/s/vaults/v"
            signed = "?api-version=2025-08-01&t=1&c=SIGNED&s=SIGNED&h=SIGNED"
            self._say(
                202,
                None,
                {
                    "Azure-AsyncOperation": f"{where}/replicationOperationStatus/{job}{signed}",
                    "Location": f"{where}/replicationPolicies/p/operationresults/{job}{signed}",
                },
            )

    def _fail(self, fault: Fault) -> None:
        headers = {} if fault[2] is None else {"Retry-After": str(fault[2])}
        error = {"error": {"code": f"Code{fault[1]}", "message": "not now", "details": []}}
        self._say(fault[1], error, headers)

    def _job(self, one: dict[str, str], whole: bool) -> dict[str, Any]:
        activity = f"{one['request']} ActivityId: {uuid.uuid4()}" if whole else None
        return {"name": one["job"], "properties": {"activityId": activity, "state": "InProgress"}}

    def _say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _reset(self, hard: bool = True) -> None:
        if hard:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True
        self.connection.close()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was cut on purpose is no news."""


@dataclass(frozen=True)
class StandIn:
    url: str

    def get(self, path: str) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url + path, timeout=10) as answer:
            return json.loads(answer.read())

    @property
    def accepted(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.get("/ledger")["accepted"]
        return found

    @property
    def arrived(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.get("/ledger")["arrived"]
        return found


@contextmanager
def stand_in(*script: Fault, lag: int = 0) -> Iterator[StandIn]:
    """A server that lives as long as the block. `lag`: so many lists of jobs do not show what was taken."""
    handler = type("Scripted", (Handler,), {"state": State(list(script), lag)})
    server = Server(("127.0.0.1", 0), handler)
    child = os.fork()
    if child == 0:
        try:
            server.serve_forever()
        finally:
            os._exit(0)
    server.socket.close()
    try:
        yield StandIn(f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
