"""A configuration server registers with a valid key only; its accounts show when they would."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography import x509

from services.practice import fabric_view, registration, vault_credentials, vaults
from services.practice.clock import Clock
from services.practice.store import Store
from services.practice.web import Realm
from tests.practice import walk
from tests.practice.clients import Arm

NOW = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)
DAY = 86400.0
PLACE = {"subscription": "s", "resourceGroup": "g"}


def vault(store: Store, name: str, provider: str | None = "Vmware") -> dict[str, Any]:
    """A vault with a channel integrity key."""
    made = vaults.fresh(
        f"/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/{name}",
        "westeurope",
        0.0,
        provider,
    )
    store.put("vault", made["id"], made)
    store.put(
        "extended",
        vault_credentials.extended_key(made),
        {"integrityKey": "K", "algorithm": "None", "etag": ""},
    )
    return made


def key(store: Store, made: dict[str, Any], register: bool = True) -> str:
    """A key of five days for a vault, its certificate registered or not."""
    der, pfx = walk.credentials(NOW, 120)
    if register:
        until = x509.load_der_x509_certificate(der).not_valid_after_utc.timestamp()
        thumbprint = hashlib.sha1(der).hexdigest().upper()
        stored = {"name": "c", "thumbprint": thumbprint, "until": until}
        store.put("certificate", f"{made['id']}/certificates/c", stored, parent=made["id"])
    arm = cast(Arm, SimpleNamespace(world={**PLACE, "vault": made["name"]}))
    return walk.key_file(arm, str(made["number"]), pfx, "K")


@pytest.fixture
def store() -> Store:
    """An empty store."""
    return Store(Path(":memory:"))


def test_a_key_lives_five_days(store: Store) -> None:
    made = vault(store, "v")
    text = key(store, made)
    now = NOW.timestamp()
    assert registration.vault_of_key(store, text, now + 4.9 * DAY) == made
    with pytest.raises(ValueError, match="expired: it is valid for five days"):
        registration.vault_of_key(store, text, now + 5.1 * DAY)


def test_keys_that_open_nothing(store: Store) -> None:
    now = NOW.timestamp()
    with pytest.raises(ValueError, match="not registered with the vault"):
        registration.vault_of_key(store, key(store, vault(store, "v"), register=False), now)
    with pytest.raises(ValueError, match="modernized"):
        registration.vault_of_key(store, key(store, vault(store, "modern", None)), now)
    with pytest.raises(ValueError, match="missing"):
        registration.vault_of_key(store, None, now)
    broken = key(store, vault(store, "w")).replace("<ManagementCert>", "<ManagementCert>AAAA")
    with pytest.raises(ValueError, match="cannot be read"):
        registration.vault_of_key(store, broken, now)


def test_a_server_registers_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(0.0, 0.0, 1.0)
    monkeypatch.setattr(clock, "seconds", NOW.timestamp)
    events = registration.Events(Realm(store, clock, {}, {}))
    first, second = vault(store, "v"), vault(store, "w")
    text = key(store, first)
    for _ in range(2):
        events.configuration_server_installed("cs-01", "10.1.0.5", text)
    assert [f["vault"] for f in store.all("fabric")] == [first["id"]]
    assert len(store.all("container", first["id"])) == 1
    with pytest.raises(ValueError, match="already registered in vault 'v'"):
        events.configuration_server_installed("CS-01", "10.1.0.5", key(store, second))


def test_an_account_shows_after_a_quarter_of_an_hour_or_a_refresh(store: Store) -> None:
    made = vault(store, "v")
    fabric = registration.register(store, made, "cs-01", "10.1.0.5", 1000.0)
    registration.add_account(store, "root", 2000.0)

    def seen(at: float, **facts: Any) -> list[str]:
        return [a["accountName"] for a in fabric_view.accounts(store, {**fabric, **facts}, at)]

    assert seen(2000.0 + 14 * 60) == []
    assert seen(2000.0 + 15 * 60) == ["root"]
    assert seen(2100.0, refreshed=2050.0) == ["root"]
    assert seen(2100.0, refreshed=1950.0) == []


def test_the_process_server_reports_in_a_little_later(store: Store) -> None:
    fabric = registration.register(store, vault(store, "v"), "cs-01", "10.1.0.5", 1000.0)
    assert fabric_view.process_servers(store, fabric, 1060.0) == []
    servers = fabric_view.process_servers(store, fabric, 1120.0)
    assert [s["ipAddress"] for s in servers] == ["10.1.0.5"]
