"""uvicorn, taught to hand its transport to the application (so that a fault can cut it)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class Protocol(H11Protocol):
    """HTTP/1.1 that puts the connection's transport into the scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport for every request of this connection."""
        super().connection_made(transport)
        inner = self.config.loaded_app

        async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            scope["practice.transport"] = transport
            await inner(scope, receive, send)

        self.app = app


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals alone: several of them run in one loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Nothing: the process handles its signals itself."""
        yield


def server(app: Asgi, server_file: Path | None) -> Server:
    """A server for one endpoint, TLS if it has a key-and-chain file; serve it with `serve(sockets=[...])`."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_level="critical",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        ssl_certfile=server_file,
    )
    return Server(config)
