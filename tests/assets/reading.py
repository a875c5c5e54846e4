"""How these tests read assets, and the reference folder where it stands beside the repository."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

REFERENCE = Path(__file__).parents[2] / ".." / "shared" / "reference"
STEPS = (
    "welcome-support",
    "architecture",
    "sign-in",
    "subscription",
    "hub",
    "machines",
    "readiness",
    "vault",
    "goal",
    "server",
    "key",
    "setup",
    "account",
    "registered",
    "target",
    "policy",
    "replication",
    "enable",
)


def asset_text(*parts: str) -> str:
    """The text of one asset, named from the assets package."""
    return resources.files("assets").joinpath(*parts).read_text(encoding="utf-8")


def asset_json(*parts: str) -> Any:
    """One JSON asset."""
    return json.loads(asset_text(*parts))


def reference(name: str) -> str:
    """A page of the reference folder; the test is skipped by name where the folder is absent."""
    path = REFERENCE / name
    if not path.is_file():
        pytest.skip(f"reference/{name} is not beside this checkout")
    return path.read_text(encoding="utf-8")
