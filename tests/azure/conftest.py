"""One practice world for the tests of this folder, which only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.azure import signin
from services.azure.clients import Azure
from services.azure.signin import SERVICE_PRINCIPAL, SignIn
from services.world.build import practice_world
from services.world.clouds import PUBLIC
from services.world.model import World
from tests.practice_world import running_world


@dataclass(frozen=True)
class Practised:
    """The servers' description, and the product's world made of it."""

    document: dict[str, Any]
    world: World

    def sign_in(self, **changes: Any) -> SignIn:
        known = self.world.known
        given: dict[str, Any] = {
            "cloud": PUBLIC,
            "method": SERVICE_PRINCIPAL,
            "tenant": known["tenant"],
            "client_id": known["client-id"],
            "secret": self.world.secrets["service-principal"],
        }
        return SignIn(**{**given, **changes})

    def azure(self, **changes: Any) -> Azure:
        return Azure(self.world, self.sign_in(**changes), self.world.known["subscription"])

    def reader(self) -> Azure:
        """An account that may only look."""
        reader = self.document["reader"]
        return self.azure(client_id=reader["clientId"], secret=reader["clientSecret"])


@pytest.fixture(autouse=True)
def nobody_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign-ins last as long as the process; here, as long as a test."""
    monkeypatch.setattr(signin, "_held", {})


@pytest.fixture(scope="package")
def practised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practised]:
    folder: Path = tmp_path_factory.mktemp("azure")
    with running_world(folder) as document:
        yield Practised(document, practice_world(document, folder))
