"""World: all that differs between live and practice, built once at start-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.world.clock import Clock
from services.world.dialer import Dialer
from services.world.proxy import Proxy


@dataclass(frozen=True)
class Cloud:
    """Endpoints of one cloud. `arm` and `authority` are origins without a trailing slash."""

    name: str
    arm: str
    authority: str
    audience: str
    storage_suffix: str
    portal: str = ""


@dataclass(frozen=True)
class World:
    """Endpoints, trust, dialer and clock. `kind` is `practice` or `live`; only the builders look at it.

    `ca_file` is the trust for Azure (None: the system's store). `obey_proxy` is false where the peers are
    on loopback; `proxy` is the one that the settings name. `secrets` are the values behind `practice:NAME`;
    a live world has none.
    """

    kind: str
    id: str
    clouds: Mapping[str, Cloud]
    clock: Clock
    dialer: Dialer
    state: Path
    ca_file: Path | None = None
    obey_proxy: bool = True
    proxy: Proxy | None = None
    read_only: bool = False
    time_servers: tuple[str, ...] = ("time.windows.com", "time.nist.gov")
    known_hosts: tuple[Path, ...] = ()
    """The user's own files of SSH host keys, read only."""
    ssh: tuple[str, ...] = ()
    """The ssh program and options that resolve the user's SSH configuration; empty where none is read."""
    gate: Callable[[str], None] = field(default=lambda _host: None, repr=False, compare=False)
    """Raises RefusedError for a host that somebody typed and that this world does not go to."""
    winrm_ca: Path | None = None
    """The trust for WinRM over HTTPS (None: the system's store)."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    known: Mapping[str, str] = field(default_factory=dict)
    """Defaults this world can suggest: tenant, subscription, client id, vault and so on."""

    @property
    def practice(self) -> bool:
        return self.kind == "practice"
