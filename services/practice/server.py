"""The practice server: endpoints, machines and clock in one event loop, until nobody needs it."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.practice import azure, facts, faults, hub, machines, seed, tls
from services.practice.app import App, Endpoint
from services.practice.clock import Clock, resumed
from services.practice.doubles import Doubles
from services.practice.record import Recorder
from services.practice.registration import Events
from services.practice.store import Store
from services.practice.web import Realm
from services.practice.wire import Server, server

BEAT_SECONDS = 0.5
log = logging.getLogger("practice")


@dataclass
class Options:
    """How to serve. `state` is the root of the state folder; practice lives in its folder practice."""

    state: Path
    speed: float = 60.0
    items: int = 0
    jobs: int = 0
    hyperv: int = 0
    faults: Path | None = None
    record: Path | None = None
    idle: float = 600.0


def listener(store: Store, name: str) -> socket.socket:
    """A listening socket on loopback, on the port of the last run if it is free."""
    ports = store.setting("ports") or {}
    try:
        sock = bound(ports.get(name, 0))
    except OSError:
        sock = bound(0)
    store.set_setting("ports", {**ports, name: sock.getsockname()[1]})
    return sock


def bound(port: int) -> socket.socket:
    """A socket bound to 127.0.0.1."""
    # With the protocol named, asyncio turns Nagle's algorithm off: without, each answer waits 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    return sock


class Practice:
    """One running practice world."""

    def __init__(self, options: Options, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.store = Store(folder / "world.sqlite3")
        self.clock = resumed(self.store.setting("heartbeat"), options.speed)
        self.facts = facts.kept(self.store)
        self.sockets = {name: listener(self.store, name) for name in ("azure", "hub", "identity")}
        self.world = self.document()
        self.realm = Realm(self.store, self.clock, self.facts, self.world, azure.PROVIDERS)
        self.servers: list[tuple[Server, socket.socket]] = []
        self.stopping = asyncio.Event()

    def origin(self, name: str) -> str:
        """The https origin of an endpoint."""
        return f"https://localhost:{self.sockets[name].getsockname()[1]}"

    def document(self) -> dict[str, Any]:
        """The world document, before the machines have added theirs."""
        f, arm = self.facts, self.origin("azure")
        identity = f"http://127.0.0.1:{self.sockets['identity'].getsockname()[1]}/msi/token"
        self.ca, self.key = tls.authority(self.folder, "")
        hub_ca, self.hub_key = tls.authority(self.folder, "hub-")
        certificate = tls.client_certificate(self.folder / "client.pem")
        return {
            "world": "practice",
            "id": f["id"],
            "arm": arm,
            "authority": arm,
            "ca": str(self.ca),
            "audience": arm + "/",
            "tenant": f["tenant"],
            "subscription": f["subscription"],
            "subscriptionName": "Contoso-Prod",
            "account": facts.ACCOUNT,
            "clientId": f["clientId"],
            "clientSecret": f["clientSecret"],
            "clientCertificate": str(certificate),
            "reader": {"clientId": f["readerId"], "clientSecret": f["readerSecret"]},
            "expired": {"clientId": f["expiredId"], "clientSecret": f["expiredSecret"]},
            "managedIdentity": {"endpoint": identity, "header": f["identityHeader"]},
            "resourceGroup": facts.RESOURCE_GROUP,
            "vault": facts.VAULT,
            "location": facts.LOCATION,
            "hub": {
                "arm": self.origin("hub"),
                "ca": str(hub_ca),
                "tenant": f["hubTenant"],
                "subscription": f["hubSubscription"],
            },
            "network": {},
            "timeServers": {},
            "machines": [],
            "secrets": {"service-principal": f["clientSecret"]},
            "ledger": arm + "/practice/ledger",
            "ledgerKey": f["ledgerKey"],
        }

    def prepare(self) -> None:
        """Seed a new world; take over the options of this run."""
        self.beat()
        seed.sow(self.realm, self.options.items, self.options.jobs, self.options.hyperv)
        if self.options.faults is not None:
            self.store.set_setting("faults", faults.load(self.options.faults))
        recorder = Recorder(self.options.record) if self.options.record is not None else None
        f = self.facts
        self.serve("azure", azure.endpoint(self.origin("azure"), f), self.key, recorder)
        self.serve("hub", hub.endpoint(self.origin("hub"), f), self.hub_key, None)
        identity = Endpoint(self.origin("azure"), f["subscription"], f["tenant"], [azure.IDENTITY], [])
        self.serve("identity", identity, None, None)

    def serve(self, name: str, endpoint: Endpoint, key: Path | None, recorder: Recorder | None) -> None:
        """Add one endpoint."""
        app = App(self.realm, endpoint, recorder)
        self.servers.append((server(app, key), self.sockets[name]))

    def beat(self) -> None:
        """Store the clock's anchors: from here on at most a lease is guessed after a kill."""
        self.store.set_setting("heartbeat", [time.time(), self.clock.seconds(), self.clock.speed])

    async def watch(self) -> None:
        """Beat, and stop when no client has come for a while."""
        while not self.stopping.is_set():
            self.beat()
            if time.monotonic() - self.realm.last_seen > self.options.idle:
                self.stopping.set()
            try:
                await asyncio.wait_for(self.stopping.wait(), BEAT_SECONDS)
            except TimeoutError:
                continue

    async def run(self, ready: Callable[[dict[str, Any]], None], closing: Callable[[], None]) -> None:
        """Serve until stopped. `ready(world)` is called once everything answers, `closing()` before it ends."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.stopping.set)
        self.prepare()
        events = Events(self.realm)
        inside = await machines.start(self.world, self.clock, self.folder / "machines", events)
        doubles = Doubles(self.realm, self.folder / "machines")
        doubles.start(self.world, inside.reaches)
        self.realm.followers.append(doubles.sync)
        tasks = [asyncio.create_task(s.serve(sockets=[sock])) for s, sock in self.servers]
        while not all(s.started for s, _ in self.servers):
            await asyncio.sleep(0.01)
        self.realm.touch()
        ready(self.world)
        await self.watch()
        closing()
        for s, _ in self.servers:
            s.should_exit = True
        await asyncio.gather(*tasks)
        self.realm.followers.clear()
        await doubles.stop()
        await inside.stop()
        self.beat()
        self.store.close()


def clock_document(clock: Clock) -> dict[str, Any]:
    """The clock as the world document holds it."""
    from services.practice.clock import stamp

    return {"real": stamp(clock.anchor_real), "world": stamp(clock.anchor_world), "speed": clock.speed}


def dumped(world: dict[str, Any]) -> bytes:
    """The world document as one line."""
    return json.dumps(world, separators=(",", ":")).encode() + b"\n"
