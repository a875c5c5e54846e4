"""Builds the one World of a process: practice from the servers' world file, live from the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.problems.model import Problem, UsageError
from services.text import _
from services.world.clock import Clock
from services.world.clouds import CLOUDS
from services.world.dialer import DirectDialer, MappedDialer, refuse_elsewhere, refuse_loopback
from services.world.model import Cloud, World
from services.world.settings import Settings

PRACTICE = "practice"
LIVE = "live"

_SUGGESTED = {
    "tenant": "tenant",
    "subscription": "subscription",
    "subscription-name": "subscriptionName",
    "account": "account",
    "client-id": "clientId",
    "certificate": "clientCertificate",
    "resource-group": "resourceGroup",
    "vault": "vault",
    "location": "location",
}

NEEDED = {"arm", "authority", "audience", "ca", "clock", "network", "timeServers", "machines", "secrets"}

_REHEARSED = {
    "route": "rehearse",
    "support-notice": "2026-09-21",
    "storage-account": "contosoasrcache",
    "network": "contoso-recovery-net",
    "host-keys": "accept-new",
    "linux-secret": "practice:linux-root",
    "windows-secret": "practice:windows-admin",
    "server-name": "cs-01",
    "server-address": "10.1.0.5",
    "server-secret": "practice:config-server",
    "mysql-root-secret": "practice:mysql-root",
    "mysql-user-secret": "practice:mysql-user",
    "third-party-licence": "MySQL 2022-07-27",
}
"""Suggestions of the practice world, so that its answers file runs as it is."""
_REHEARSED_MACHINES = ("app-01", "web-01")


def practice_world(description: Mapping[str, Any], state: Path, *, read_only: bool = False) -> World:
    """The world of practice servers that describe themselves so (the JSON that `practice serve` prints).

    `state` is the root; practice lives in a folder of its own below it. The account is one for all clouds:
    the practice tenant answers at one address.
    """
    missing = sorted(NEEDED - set(description))
    if missing:
        what = _("is no description of a practice world; it lacks: {keys}.").format(keys=", ".join(missing))
        raise UsageError(Problem("world-file", "world", what))
    _refuse_foreign(description)
    origin, audience = description["arm"], description["audience"]
    cloud = Cloud("practice", origin, description["authority"], audience, "blob.localhost")
    known = {key: description[name] for key, name in _SUGGESTED.items() if description.get(name)}
    known |= _REHEARSED | {"machines": _machines(description["machines"], _REHEARSED_MACHINES)}
    known["all-machines"] = _machines(description["machines"])
    hub = description.get("hub") or {}
    known |= {f"hub-{key}": value for key, value in hub.items() if isinstance(value, str)}
    clock = description["clock"]
    return World(
        kind=PRACTICE,
        id=PRACTICE,
        clouds=dict.fromkeys(CLOUDS, cloud),
        clock=Clock(_moment(clock["real"]), _moment(clock["world"]), float(clock["speed"])),
        dialer=MappedDialer(description["network"], description["timeServers"]),
        state=state / PRACTICE,
        ca_file=Path(description["ca"]),
        obey_proxy=False,
        gate=refuse_elsewhere,
        read_only=read_only,
        time_servers=tuple(description["timeServers"]),
        secrets=dict(description["secrets"]),
        known=known,
    )


def _refuse_foreign(description: Mapping[str, Any]) -> None:
    """Practice goes to loopback only: a world file that leads elsewhere is refused."""
    hub = (description.get("hub") or {}).get("arm")
    urls = [description["arm"], description["authority"], *([hub] if hub else [])]
    hosts = [urlsplit(url).hostname or "" for url in urls]
    targets = (*description["network"].values(), *description["timeServers"].values())
    hosts += [target.rpartition(":")[0] for target in targets]
    for host in hosts:
        refuse_elsewhere(host)


def live_world(state: Path, settings: Settings, *, read_only: bool = False) -> World:
    """The real world, as the host's network and settings show it."""
    return World(
        kind=LIVE,
        id=LIVE,
        clouds=CLOUDS,
        clock=Clock.live(),
        dialer=DirectDialer(),
        state=state / LIVE,
        ca_file=settings.trust_bundle,
        proxy=settings.proxy,
        read_only=read_only,
        time_servers=settings.time_servers,
        known_hosts=(Path.home() / ".ssh" / "known_hosts",),
        ssh=("ssh",),
        gate=refuse_loopback,
        winrm_ca=settings.winrm_trust,
    )


def _machines(described: list[Mapping[str, Any]], names: Sequence[str] = ()) -> str:
    """The machines of these names as CSV; without names all but the configuration server."""
    rows = [
        f"{one['name']},{one['address']},{one['osType']}"
        for one in sorted(described, key=lambda machine: str(machine["name"]))
        if (one["name"] in names if names else one["name"] != _REHEARSED["server-name"])
    ]
    return "\n".join(["name,address,os", *rows])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
