"""Names of things in Azure Resource Manager."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

_NAMESPACE = uuid.UUID("5f2a3c1e-6f0e-4d3b-9a52-1f9a1b7d6c40")


@dataclass(frozen=True)
class VaultRef:
    """A Recovery Services vault by subscription, resource group and name."""

    subscription: str
    group: str
    name: str

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    @property
    def id(self) -> str:
        return f"{self.group_id}/providers/Microsoft.RecoveryServices/vaults/{self.name}"

    def child(self, *parts: str) -> str:
        """The id of something in the vault: kind, name, kind, name ..."""
        return "/".join((self.id, *parts))


def last(resource_id: str) -> str:
    """The name at the end of an id."""
    return resource_id.rstrip("/").rsplit("/", 1)[-1]


def same_region(one: str, other: str) -> bool:
    """Whether two names are of one region: `West Europe` is `westeurope`."""
    return one.replace(" ", "").lower() == other.replace(" ", "").lower()


def deterministic(*parts: str) -> str:
    """A GUID that is the same for the same thing, so that a lost request is found by its name."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(part.lower() for part in parts)))
