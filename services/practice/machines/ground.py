"""What every practice machine stands on: the clock, the events it causes, its secrets."""

from __future__ import annotations

import json
import os
import secrets
import string
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

NAMES = ("linux-root", "windows-admin", "config-server", "mysql-root", "mysql-user")


class Clock(Protocol):
    """The world's clock."""

    @property
    def speed(self) -> float:
        """World seconds in a real second."""
        ...

    def now(self) -> datetime:
        """The world's time, UTC and aware."""
        ...


class Events(Protocol):
    """What machines cause in Azure. The last two may raise ValueError with a sentence that says why not."""

    def seen(self) -> None:
        """A client spoke to a machine: somebody is there."""

    def configuration_server_installed(self, name: str, address: str, key_xml: str) -> None:
        """Unified Setup reached registration on a server, with the vault credentials file it was given."""

    def account_added(self, name: str) -> None:
        """A person added a push-install account in cspsconfigtool."""


def kept_secrets(state_dir: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The passwords of this world by name: those given, the others made once and kept in a file (0600)."""
    path = state_dir / "machine-secrets.json"
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return {name: given.get(name, kept[name]) for name in NAMES}
    made = {name: _password() for name in NAMES}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(made, file)
    return {name: given.get(name, made[name]) for name in NAMES}


def _password() -> str:
    # 8 to 16 characters with a letter, a digit and one of _!@#$% is what Unified Setup takes for MySQL.
    letters = "".join(secrets.choice(string.ascii_letters) for _ in range(11))
    return letters + str(secrets.randbelow(90) + 10) + secrets.choice("_!@#")
