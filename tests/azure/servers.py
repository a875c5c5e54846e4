"""Small servers on loopback that say what a test wants and remember what they were asked."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

from services.azure.clients import Azure
from services.azure.signin import SERVICE_PRINCIPAL, SignIn
from services.world.clock import Clock
from services.world.clouds import PUBLIC
from services.world.dialer import DirectDialer
from services.world.model import Cloud, World
from services.world.proxy import Proxy

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
SUBSCRIPTION = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Says = Callable[[Asked], Reply]


@dataclass
class Server:
    """`arm` are the requests other than those for a token."""

    port: int
    ca_file: Path
    asked: list[Asked] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def arm(self) -> list[Asked]:
        return [one for one in self.asked if "/oauth2/" not in one.path and "/.well-known/" not in one.path]


def identity(asked: Asked, origin: str) -> Reply | None:
    """The answers of an identity provider that lets everybody in; None for other paths."""
    base = asked.path.partition("/oauth2/")[0].partition("/v2.0/")[0].partition("/.well-known/")[0]
    if asked.path.endswith("/.well-known/openid-configuration"):
        token = f"{origin}{base}/oauth2/token"
        return Reply(
            body={"issuer": f"{origin}{base}", "authorization_endpoint": token, "token_endpoint": token}
        )
    if "/oauth2/" in asked.path:
        return Reply(body={"token_type": "Bearer", "expires_in": 3599, "access_token": "opaque"})
    return None


@contextmanager
def serving(folder: Path, says: Says, leaf: trustme.LeafCert | None = None) -> Iterator[Server]:
    """A TLS server for localhost, signed by an authority of its own unless `leaf` is given."""
    authority = trustme.CA(organization_name="Contoso Inspection")
    leaf = leaf or authority.issue_cert("localhost")
    ca_file = folder / "test-ca.pem"
    ca_file.write_bytes(authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    found: list[Server] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_arguments: Any) -> None:
            """Quiet."""

        def answer(self) -> None:
            path, _mark, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = Asked(self.command, path, query, dict(self.headers), body)
            found[0].asked.append(asked)
            reply = identity(asked, found[0].origin) or says(asked)
            raw = b"" if reply.body is None else json.dumps(reply.body).encode()
            self.send_response_only(reply.status)
            if "Date" not in reply.headers:
                self.send_header("Date", self.date_time_string())
            self.send_header("Content-Length", str(len(raw)))
            self.send_header("Content-Type", "application/json")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments: Any) -> None:
            """A client that does not believe the certificate hangs up: that is what is tested."""

    httpd = Quiet(("127.0.0.1", 0), Handler)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    found.append(Server(httpd.server_address[1], ca_file))
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield found[0]
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(5)


def live_like(server: Server, state: Path, **changes: Any) -> World:
    """A world that is live in every respect but its endpoints."""
    cloud = Cloud(PUBLIC, server.origin, server.origin, server.origin + "/", "core.test")
    given: dict[str, Any] = {"ca_file": server.ca_file, **changes}
    return World("live", "live", {PUBLIC: cloud}, Clock.live(), DirectDialer(), state, **given)


def azure_of(world: World, **changes: Any) -> Azure:
    """Clients that sign in with a secret."""
    sign_in = SignIn(PUBLIC, SERVICE_PRINCIPAL, TENANT, CLIENT, "secret-of-a-test")
    return Azure(world, sign_in, SUBSCRIPTION, **changes)


@dataclass
class ConnectProxy:
    """A proxy that has seen these request heads."""

    port: int
    heads: list[str] = field(default_factory=list)

    def at(self, user: str = "", *bypass: str) -> Proxy:
        return Proxy(f"http://{user}127.0.0.1:{self.port}", tuple(bypass))


@contextmanager
def connect_proxy(credentials: str = "") -> Iterator[ConnectProxy]:
    """A proxy that tunnels, or answers 407 to who does not show these credentials (base64)."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = ConnectProxy(listener.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=_tunnel, args=(client, proxy, credentials), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield proxy
    finally:
        listener.close()


def _tunnel(client: socket.socket, proxy: ConnectProxy, credentials: str) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(4096)
    text = head.decode("latin-1")
    proxy.heads.append(text)
    if credentials and f"Basic {credentials}" not in text:
        client.sendall(
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n"
            b"Content-Length: 0\r\n\r\n"
        )
        client.close()
        return
    host, _colon, port = text.split()[1].partition(":")
    upstream = socket.create_connection((host, int(port)))
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    back = threading.Thread(target=_copy, args=(upstream, client), daemon=True)
    back.start()
    _copy(client, upstream)
    back.join(5)
    client.close()
    upstream.close()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return
