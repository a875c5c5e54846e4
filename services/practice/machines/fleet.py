"""All machines together: started, listed in the world, stopped."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from services.practice.machines import endpoint, ssh
from services.practice.machines.disk import Disks
from services.practice.machines.endpoint import Links
from services.practice.machines.ground import Clock, Events, kept_secrets
from services.practice.machines.inventory import LINUX, WINDOWS, Linux, Windows
from services.practice.machines.linux.guest import Guest as LinuxGuest
from services.practice.machines.linux.shell import Answer
from services.practice.machines.sntp import TimeServer
from services.practice.machines.windows import cmd, firewall, setup, tasks
from services.practice.machines.windows.guest import OPEN, REFUSED, SILENT
from services.practice.machines.windows.guest import Guest as WindowsGuest
from services.practice.machines.windows.stdin import Input
from services.practice.machines.wsman import Service

TIME_SERVERS = ("time.windows.com", "time.nist.gov")
ACCOUNTS = ("linux-root", "windows-admin")
"""What the person at the configuration server's console adds in cspsconfigtool."""
LOOK_SECONDS = 0.5
GUARDED = (135, 445, 3389)
"""Ports that Windows Firewall guards in its predefined groups."""
PORTS = "machine-ports.json"
log = logging.getLogger("practice")


class Fleet:
    """The running machines. `network` maps a documented address and port to the loopback one."""

    def __init__(self, clock: Clock, state_dir: Path, events: Events) -> None:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clock = clock
        self._state = state_dir
        self._events = events
        self._disks = Disks(state_dir)
        self._secrets: dict[str, str] = {}
        self._closers: list[Callable[[], None]] = []
        self._held: list[socket.socket] = []
        self._links: dict[str, Links] = {}
        self._ports = _kept_ports(state_dir)
        self._windows: list[WindowsGuest] = []
        self._watch: asyncio.Task[None] | None = None
        self.network: dict[str, str] = {}

    async def start(self, world: dict[str, Any]) -> None:
        """Start everything and write it into the world."""
        self._secrets = kept_secrets(self._state, world.get("secrets", {}))
        for linux in LINUX:
            await self._start_linux(linux)
        for windows in WINDOWS:
            if windows.running:
                await self._start_windows(windows)
        (self._state / PORTS).write_text(json.dumps(self._ports), encoding="utf-8")
        world.setdefault("network", {}).update(self.network)
        world.setdefault("secrets", {}).update(self._secrets)
        world["timeServers"] = dict.fromkeys(TIME_SERVERS, await self._start_time())
        self._watch = asyncio.create_task(self._look_now_and_then())
        world["machines"] = [self._listed(machine) for machine in (*WINDOWS, *LINUX)]

    async def stop(self) -> None:
        """Stop everything; what machines remember stays."""
        for close in self._closers:
            close()
        ending = [task for links in self._links.values() for task in links.tasks]
        if self._watch is not None:
            ending.append(self._watch)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        for held in self._held:
            held.close()
        self._disks.close()

    def cut(self) -> None:
        """Break every open WinRM connection, as a lost link would."""
        for links in self._links.values():
            links.cut()

    def command_lines(self, name: str) -> list[str]:
        """Every command line that a Windows machine has run, as its security log (event 4688) has them."""
        return next(list(guest.command_lines) for guest in self._windows if guest.profile.name == name)

    def refusals(self, name: str) -> int:
        """How often a Windows machine refused a password."""
        return self._links[name].refusals

    async def _start_linux(self, machine: Linux) -> None:
        guest = LinuxGuest(machine, self._clock, self._disks.of(machine.name), self.reaches)
        sock = self._bound(machine.address, machine.ssh_port)
        acceptor = await ssh.listen(
            sock, machine, self._secrets[machine.secret], partial(self._run_linux, guest), self._state
        )
        self._closers.append(acceptor.close)
        if machine.ssh_port != 22:
            self._refuse(machine.address, 22)

    async def _start_windows(self, machine: Windows) -> None:
        guest = WindowsGuest(machine, self._clock, self._disks.of(machine.name), self.reaches)
        guest.registered = partial(self._registered, machine)
        guest.path = partial(self._path, guest)
        self._windows.append(guest)
        service = Service(partial(self._run_windows, guest), self._clock.now)
        accounts = self._state / f"{machine.name}.accounts"
        descriptor = os.open(accounts, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            password = self._secrets[machine.secret]
            file.write(f":{machine.user}:{password}\n{machine.name}:{machine.user}:{password}\n")
        links = self._links[machine.name] = Links()
        sock = self._bound(machine.address, 5985)
        server = await endpoint.listen(sock, accounts, service.answer, links)
        self._closers.append(server.close)

    def _run_windows(self, guest: WindowsGuest, line: str, stdin: Input) -> Answer:
        self._events.seen()
        tasks.advance(guest)
        return cmd.run(guest, line, stdin)

    def _run_linux(self, guest: LinuxGuest, line: str) -> Answer:
        self._events.seen()
        return guest.run(line)

    def _registered(self, machine: Windows, key: str) -> None:
        self._events.configuration_server_installed(machine.name, machine.address, key)

    def settle(self) -> None:
        """Let everything that goes on by itself catch up with the clock."""
        for guest in self._windows:
            tasks.advance(guest)
            for name in setup.settle_accounts(guest, ACCOUNTS):
                try:
                    self._events.account_added(name)
                except ValueError as error:
                    log.warning("the account %s was refused: %s", name, error)
                guest.disk.remember("accounts", [*(guest.disk.fact("accounts") or []), name])

    async def _look_now_and_then(self) -> None:
        while True:
            try:
                self.settle()
            except Exception:
                log.exception("a machine failed to catch up")
            await asyncio.sleep(LOOK_SECONDS)

    async def _start_time(self) -> str:
        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.create_datagram_endpoint(
            lambda: TimeServer(self._clock), local_addr=("127.0.0.1", 0)
        )
        self._closers.append(transport.close)
        return f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"

    def _bound(self, address: str, port: int) -> socket.socket:
        # On the port of the last run if it is free, so that a client from before still finds its machine.
        place = f"{address}:{port}"
        # With the protocol named, asyncio turns Nagle's algorithm off.
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", self._ports.get(place, 0)))
        except OSError:
            sock.bind(("127.0.0.1", 0))
        self._ports[place] = sock.getsockname()[1]
        self.network[place] = f"127.0.0.1:{self._ports[place]}"
        return sock

    def _refuse(self, address: str, port: int) -> None:
        # Bound but not listening: a connection is refused, and nobody else can take the port.
        self._held.append(self._bound(address, port))

    def _path(self, origin: WindowsGuest, host: str, port: int) -> str:
        """What a connection from a Windows machine meets: a listener, a refusal, or silence."""
        other = next((one for one in self._windows if one.profile.address == host), None)
        if other is None:
            known = any(place.startswith(f"{host}:") for place in self.network)
            return OPEN if self.reaches(host, port) else REFUSED if known else SILENT
        if other.profile.configuration_server and f"way-{port}" in origin.profile.flaws:
            return SILENT
        if port in GUARDED and not other.profile.configuration_server and not firewall.lets_in(other, port):
            return SILENT
        return OPEN if port in other.listening() else REFUSED

    def reaches(self, host: str, port: int) -> bool:
        """Whether a machine of this network would accept a connection there."""
        server = next((one for one in self._windows if one.profile.address == host), None)
        if server is not None and server.profile.configuration_server and port in server.listening():
            return True
        return f"{host}:{port}" in self.network and not any(
            self.network[f"{host}:{port}"].endswith(f":{held.getsockname()[1]}") for held in self._held
        )

    def _listed(self, machine: Linux | Windows) -> dict[str, str]:
        return {
            "name": machine.name,
            "address": machine.address,
            "osType": machine.os_type,
            "system": machine.system,
            "user": machine.user,
            "password": self._secrets[machine.secret],
        }


def _kept_ports(state_dir: Path) -> dict[str, int]:
    path = state_dir / PORTS
    kept: dict[str, int] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return kept
