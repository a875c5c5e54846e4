"""A WinRM listener: HTTP/1.1 on loopback, an NTLM door for each connection, sealed messages behind it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from services.practice.machines.ntlm import PROTOCOL, Door

LIMIT = 1 << 20
log = logging.getLogger("practice")
SOAP = "application/soap+xml;charset=UTF-8"
SEALED = f'multipart/encrypted;protocol="{PROTOCOL}";boundary="Encrypted Boundary"'
Answerer = Callable[[bytes], Awaitable[tuple[int, bytes]]]


@dataclass
class Links:
    """The open connections of one machine, and how often a password was refused."""

    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    refusals: int = 0

    def refuse(self) -> None:
        """Count a wrong password."""
        self.refusals += 1

    def cut(self) -> None:
        """Break every open connection, as a lost link would."""
        for writer in list(self.writers):
            writer.transport.abort()


async def listen(sock: socket.socket, accounts: Path, answer: Answerer, links: Links) -> asyncio.Server:
    """Listen on a bound loopback socket."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        links.writers.add(writer)
        links.tasks.add(task)
        door = Door(accounts, links.refuse)
        try:
            await _converse(reader, writer, door, answer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass
        except Exception:
            log.exception("a WinRM connection failed")
        finally:
            links.writers.discard(writer)
            links.tasks.discard(task)
            writer.close()

    return await asyncio.start_server(connected, sock=sock, limit=LIMIT)


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door, answer: Answerer
) -> None:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _colon, value in (line.partition(":") for line in head[1:] if line)
        }
        length = int(headers.get("content-length", "0"))
        if length > LIMIT:
            raise ValueError("the request is too large")
        body = await reader.readexactly(length)
        writer.write(await _reply(head[0], headers, body, door, answer))
        await writer.drain()


async def _reply(line: str, headers: dict[str, str], body: bytes, door: Door, answer: Answerer) -> bytes:
    if not line.startswith("POST /wsman "):
        return _http(404, b"", "text/plain", [])
    if not door.open or "authorization" in headers:
        challenge = door.knock(headers.get("authorization", ""))
        if challenge is not None:
            return _http(401, b"", "text/plain", [f"WWW-Authenticate: {challenge}"])
    if not body:
        return _http(200, b"", SOAP, [])
    if not headers.get("content-type", "").startswith("multipart/encrypted"):
        # AllowUnencrypted is off, as it is on every Windows machine unless somebody changed it.
        return _http(500, b"", "text/plain", [])
    status, message = await answer(door.unseal(body))
    return _http(status, door.seal(message), SEALED, [])


def _http(status: int, body: bytes, kind: str, more: list[str]) -> bytes:
    reason = {200: "OK", 401: "Unauthorized", 404: "Not Found", 500: "Internal Server Error"}[status]
    lines = [
        f"HTTP/1.1 {status} {reason}",
        "Server: Microsoft-HTTPAPI/2.0",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        *more,
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
