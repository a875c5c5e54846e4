"""All machines together: started, listed in the world, stopped."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.practice.machines import endpoint, ssh
from services.practice.machines.disk import Disks
from services.practice.machines.ground import Clock, Events, kept_secrets
from services.practice.machines.inventory import LINUX, WINDOWS, Linux, Windows
from services.practice.machines.linux.guest import Guest as LinuxGuest
from services.practice.machines.sntp import TimeServer
from services.practice.machines.windows import cmd
from services.practice.machines.windows.guest import Guest as WindowsGuest
from services.practice.machines.wsman import Service

TIME_SERVERS = ("time.windows.com", "time.nist.gov")


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
        self._writers: set[asyncio.StreamWriter] = set()
        self.network: dict[str, str] = {}

    async def start(self, world: dict[str, Any]) -> None:
        """Start everything and write it into the world."""
        self._secrets = kept_secrets(self._state, world.get("secrets", {}))
        for linux in LINUX:
            await self._start_linux(linux)
        for windows in WINDOWS:
            if windows.running:
                await self._start_windows(windows)
        world.setdefault("network", {}).update(self.network)
        world.setdefault("secrets", {}).update(self._secrets)
        world["timeServers"] = dict.fromkeys(TIME_SERVERS, await self._start_time())
        world["machines"] = [self._listed(machine) for machine in (*WINDOWS, *LINUX)]

    async def stop(self) -> None:
        """Stop everything; what machines remember stays."""
        self.cut()
        for close in self._closers:
            close()
        for held in self._held:
            held.close()
        self._disks.close()

    def cut(self) -> None:
        """Break every open WinRM connection, as a lost link would."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _start_linux(self, machine: Linux) -> None:
        guest = LinuxGuest(machine, self._clock, self._disks.of(machine.name), self.reaches)
        acceptor = await ssh.listen(machine, self._secrets[machine.secret], guest.run, self._state)
        self._closers.append(acceptor.close)
        self._route(machine.address, machine.ssh_port, acceptor.get_port())
        if machine.ssh_port != 22:
            self._refuse(machine.address, 22)

    async def _start_windows(self, machine: Windows) -> None:
        guest = WindowsGuest(machine, self._clock, self._disks.of(machine.name), self.reaches)
        service = Service(lambda line: cmd.run(guest, line))
        accounts = self._state / f"{machine.name}.accounts"
        descriptor = os.open(accounts, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            password = self._secrets[machine.secret]
            file.write(f":{machine.user}:{password}\n{machine.name}:{machine.user}:{password}\n")
        server = await endpoint.listen(accounts, service.answer, self._writers)
        self._closers.append(server.close)
        self._route(machine.address, 5985, server.sockets[0].getsockname()[1])

    async def _start_time(self) -> str:
        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.create_datagram_endpoint(
            lambda: TimeServer(self._clock), local_addr=("127.0.0.1", 0)
        )
        self._closers.append(transport.close)
        return f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"

    def _route(self, address: str, port: int, to: int) -> None:
        self.network[f"{address}:{port}"] = f"127.0.0.1:{to}"

    def _refuse(self, address: str, port: int) -> None:
        # Bound but not listening: a connection is refused, and nobody else can take the port.
        held = socket.socket()
        held.bind(("127.0.0.1", 0))
        self._held.append(held)
        self._route(address, port, held.getsockname()[1])

    def reaches(self, host: str, port: int) -> bool:
        """Whether a machine of this network would accept a connection there."""
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
