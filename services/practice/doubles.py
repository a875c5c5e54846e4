"""Guests of test and failed-over machines: they answer as their source machine does, while they run.

Their addresses are foreseen: the subnet's first three numbers with the last one of the source. A place where
no machine runs is bound but does not listen, so that a connection is refused and nobody else takes the port.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.practice.machines_in_azure import CHANGES
from services.practice.web import Realm

SUBNETS = ("10.42.1", "10.42.2")
WEB_PORT = 80
WEB = ("app-01", "web-01")
# An application is up a little after its machine.
APPLICATION_SECONDS = 30.0
LOOK_SECONDS = 0.25
PORTS = "double-ports.json"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Place:
    """An address and port where a guest answers while its machine runs."""

    address: str
    source: str
    serve: Serve
    delay: float
    sock: socket.socket
    listening: bool = False
    writers: set[asyncio.StreamWriter] = field(default_factory=set)


class Doubles:
    """All such places. `sync()` makes them follow the machines."""

    def __init__(self, realm: Realm, folder: Path) -> None:
        self.realm, self.file = realm, folder / PORTS
        self.ports: dict[str, int] = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.places: list[Place] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.seen: Any = object()
        self.running: list[dict[str, Any]] = []

    def start(self, world: dict[str, Any], reaches: Callable[[str, int], bool]) -> None:
        """Foresee the guests of every machine of the world, and write them into its network."""
        network = world["network"]
        for machine in world["machines"]:
            known = [place for place in list(network) if place.startswith(machine["address"] + ":")]
            ports = [int(place.rpartition(":")[2]) for place in known]
            for subnet in SUBNETS:
                address = f"{subnet}.{machine['address'].rpartition('.')[2]}"
                for port in ports:
                    if reaches(machine["address"], port):
                        backend = network[f"{machine['address']}:{port}"]
                        self.add(network, address, port, machine, relay_to(self, backend), 0.0)
                if machine["name"] in WEB:
                    page = page_of(machine["name"], address)
                    self.add(network, address, WEB_PORT, machine, page, APPLICATION_SECONDS)
        self.file.write_text(json.dumps(self.ports))
        self.sync()
        self.keep(asyncio.create_task(self.look()))

    def add(
        self,
        network: dict[str, str],
        address: str,
        port: int,
        machine: dict[str, Any],
        serve: Serve,
        delay: float,
    ) -> None:
        """One place."""
        name = f"{address}:{port}"
        sock = bound(self.ports.get(name, 0))
        self.ports[name] = sock.getsockname()[1]
        network[name] = f"127.0.0.1:{self.ports[name]}"
        self.places.append(Place(address, machine["address"], serve, delay, sock))

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold a task until it has ended."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def look(self) -> None:
        """Follow the machines when nobody asks."""
        while True:
            self.sync()
            await asyncio.sleep(LOOK_SECONDS)

    def sync(self) -> None:
        """Listen where a machine runs, and only there."""
        from services.practice import effects

        now = self.realm.clock.seconds()
        effects.settle(self.realm.store, now)
        if (changes := self.realm.store.setting(CHANGES)) != self.seen:
            self.seen = changes
            self.running = [m for m in self.realm.store.all("vm") if m["power"] == "running"]
        up = {(m["address"], m.get("sourceAddress")): float(m["since"]) for m in self.running}
        for place in self.places:
            since = up.get((place.address, place.source))
            wanted = since is not None and now >= since + place.delay
            if wanted != place.listening:
                self.open(place) if wanted else self.shut(place)

    def open(self, place: Place) -> None:
        """The guest answers from now on."""
        place.sock.setblocking(False)
        place.sock.listen(64)
        place.listening = True
        asyncio.get_running_loop().add_reader(place.sock.fileno(), self.accept, place)

    def shut(self, place: Place, again: bool = True) -> None:
        """The guest is gone: its connections break, and new ones are refused."""
        if place.listening:
            asyncio.get_running_loop().remove_reader(place.sock.fileno())
        port = place.sock.getsockname()[1]
        place.sock.close()
        place.listening = False
        for writer in list(place.writers):
            writer.transport.abort()
        if again:
            place.sock = bound(port)

    def accept(self, place: Place) -> None:
        """Take a connection."""
        with contextlib.suppress(BlockingIOError, OSError):
            connection, _ = place.sock.accept()
            connection.setblocking(False)
            self.realm.touch()
            self.keep(asyncio.create_task(self.converse(place, connection)))

    async def converse(self, place: Place, connection: socket.socket) -> None:
        """Serve one connection until it ends."""
        reader, writer = await asyncio.open_connection(sock=connection)
        place.writers.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await place.serve(reader, writer)
        finally:
            place.writers.discard(writer)
            writer.close()

    async def stop(self) -> None:
        """Close everything."""
        for place in self.places:
            self.shut(place, again=False)
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def bound(port: int) -> socket.socket:
    """A socket bound to 127.0.0.1 that does not listen yet; another port if this one is taken."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.bind(("127.0.0.1", 0))
    return sock


def relay_to(doubles: Doubles, backend: str) -> Serve:
    """Pass a connection on to the source machine."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = backend.rpartition(":")
        there, back = await asyncio.open_connection(host, int(port))
        other = asyncio.create_task(pump(there, writer))
        doubles.keep(other)
        try:
            await pump(reader, back)
            await other
        finally:
            back.close()
            other.cancel()

    return serve


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until one side ends."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


def page_of(name: str, address: str) -> Serve:
    """A small page that says which machine answers."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0].decode("latin-1")
        found = line.split(" ")[1:2] in (["/"], ["/health"])
        body = f"<!doctype html><title>Orders</title><h1>Orders</h1><p>{name} at {address}</p>\n"
        data = (body if found else "not found\n").encode()
        status = "200 OK" if found else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(data)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + data)
        await writer.drain()

    return serve
